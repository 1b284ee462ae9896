import json
from pathlib import Path

import pytest
from PIL import Image

from avatar.errors import InputError, OutputError, UsageError
from tools import train
from tools.training.curves import chosen, curves, draw, read, save


def run(folder: Path, last: float = 0.3) -> Path:
    """A run of two reports and one validation."""
    folder.mkdir()
    entries = [
        {"step": 50, "terms": {"generator/pixels": 0.5, "norm/generator": 2.0}, "rate/x": 1e-3},
        {"step": 100, "terms": {"generator/pixels": last, "norm/generator": 1.0}},
        {"step": 100, "validation": {"l1": 0.04, "psnr": float("nan")}},
    ]
    lines = "".join(json.dumps(entry) + "\n" for entry in entries)
    (folder / "log.jsonl").write_text(lines + '{"step": 150, "ter')
    return folder


def test_a_log_is_read_by_figure(tmp_path: Path) -> None:
    got = read(str(run(tmp_path / "first")))
    assert got.name == "first"
    assert got.figures == {
        "generator/pixels": ([50, 100], [0.5, 0.3]),
        "norm/generator": ([50, 100], [2.0, 1.0]),
        "validation/l1": ([100], [0.04]),
    }
    assert read(f"with flow={tmp_path / 'first'}").name == "with flow"


def test_runs_without_a_log(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read(str(tmp_path))
    (tmp_path / "log.jsonl").write_text('[1]\n{"step": "x"}\n{"step": 5}\n')
    with pytest.raises(InputError, match="holds no figures"):
        read(str(tmp_path))


def test_what_is_drawn(tmp_path: Path) -> None:
    runs = [read(str(run(tmp_path / "a")))]
    assert chosen(runs) == ["generator/pixels", "validation/l1"]
    assert chosen(runs, ["*/l1", "norm/*"]) == ["norm/generator", "validation/l1"]
    with pytest.raises(UsageError, match="No figure fits x; there are generator/pixels"):
        chosen(runs, ["x"])


@pytest.mark.slow  # matplotlib takes long to import
def test_a_panel_a_figure_and_a_line_a_run(tmp_path: Path) -> None:
    runs = [read(str(run(tmp_path / "a"))), read(str(run(tmp_path / "b", 0.2)))]
    made = draw(runs, ["generator/pixels", "validation/l1"])
    pixels, l1 = made.axes
    assert pixels.get_title("left") == "generator/pixels"
    assert [list(line.get_ydata()) for line in pixels.lines] == [[0.5, 0.3], [0.5, 0.2]]
    assert len(l1.lines) == 2 and l1.lines[0].get_marker() == "o"
    assert [text.get_text() for text in made.legends[0].get_texts()] == ["a", "b"]
    save(made, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.mode == "P" and picture.size == (640, 260)
    with pytest.raises(OutputError, match="cannot be written"):
        save(made, tmp_path / "nowhere" / "a.png")


@pytest.mark.slow  # matplotlib takes long to import
def test_the_command(tmp_path: Path, capsys) -> None:
    folder, out = str(run(tmp_path / "a")), tmp_path / "curves.svg"
    assert train.main(["curves", folder, "--out", str(out)]) == 0
    assert "2 figures of 1 runs" in capsys.readouterr().out
    assert out.read_text().startswith("<?xml")
    assert train.main(["curves", str(tmp_path / "b"), "--out", str(out)]) == 2
    assert "log.jsonl cannot be read" in capsys.readouterr().err
    with pytest.raises(UsageError, match="expected a name with .png or .svg"):
        curves([folder, "--out", "a.bmp"])
    with pytest.raises(UsageError, match="Two runs are called a"):
        curves([folder, folder, "--out", str(out)])
