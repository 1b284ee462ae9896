"""The command, on made-up footage of the bundled portrait."""

import json
import signal
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatar.assets import asset
from tools import evaluate
from tools.evaluation.evaluation import Evaluation


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Two clips of five frames, of a head that moves to the side."""
    folder = tmp_path_factory.mktemp("clips")
    picture = cv2.imread(str(asset("portraits/astronaut.png")))
    for name, tint in (("anna", 1.0), ("bert", 0.8)):
        (folder / name).mkdir()
        for i in range(5):
            head = picture[10:230, 112 + 5 * i : 332 + 5 * i]
            cv2.imwrite(str(folder / name / f"{i}.png"), (head * tint).astype(np.uint8))
    return folder


def run(*args: object) -> int:
    return evaluate.main([*map(str, args), "--engine", "fake"])


@pytest.mark.slow
def test_a_whole_run(data: Path, tmp_path: Path, capsys) -> None:
    report, folder = tmp_path / "a.json", tmp_path / "page"
    code = run("--data", data, "--every", 2, "--json", report, "--html", folder, "--show", 1)
    out = capsys.readouterr()
    assert code == 0, out.err
    assert "2 trials, 2 people" in out.out
    got = json.loads(report.read_text())
    assert got["complete"] is True
    assert got["settings"]["engine"] == "fake"
    assert [s["name"] for s in got["scorers"]] == ["landmarks"]
    figures = {m["name"]: m["figures"] for m in got["methods"]}
    assert figures["copy driver"]["l1"]["mean"] == 0
    assert figures["copy driver"]["ssim"]["mean"] == pytest.approx(1)
    assert figures["copy driver"]["akd"]["mean"] == 0
    assert figures["copy portrait"]["akd"]["mean"] > 2
    assert 0 < figures["driver at 128 px"]["akd"]["mean"] < 1
    assert str(data) not in report.read_text()  # no paths of this machine
    assert "--embedding" in got["not_measured"]["csim"]
    html = (folder / "index.html").read_text()
    assert "anna" in html and "data:image/jpeg" in html


@pytest.mark.slow
def test_models_alone(data: Path, tmp_path: Path) -> None:
    report = tmp_path / "a.json"
    assert run("--data", data, "--every", 4, "--alone", "--json", report, "--metrics", "l1") == 0
    got = json.loads(report.read_text())
    assert [method["kind"] for method in got["methods"]] == ["model"]


@pytest.mark.slow
def test_two_people_and_something_left_out(data: Path, tmp_path: Path, capsys) -> None:
    for clip in data.iterdir():
        (tmp_path / clip.name).symlink_to(clip)
    (tmp_path / "broken.mp4").write_bytes(b"nonsense")
    report = tmp_path / "a.json"
    code = run("--data", tmp_path, "--mode", "cross", "--pairs", 3, "--json", report)
    assert code == 1
    assert "left out: broken:" in capsys.readouterr().err
    got = json.loads(report.read_text())
    assert len(got["trials"]) == 3
    assert all(len(trial["people"]) == 2 for trial in got["trials"])
    assert "different people" in got["not_measured"]["l1"]
    assert got["left_out"][0]["what"] == "broken"


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done(data: Path, tmp_path: Path, capsys, monkeypatch) -> None:
    real = Evaluation._measure

    def measure(self, trial, store, stopped):
        done = real(self, trial, store, stopped)
        signal.raise_signal(signal.SIGINT)
        return done

    assert threading.current_thread() is threading.main_thread()
    monkeypatch.setattr(Evaluation, "_measure", measure)
    report = tmp_path / "a.json"
    assert run("--data", data, "--every", 4, "--json", report) == 130
    assert "interrupted" in capsys.readouterr().err
    got = json.loads(report.read_text())
    assert got["complete"] is False
    assert len(got["trials"]) == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--every", "0"], "whole number from 1 on"),
        (["--mode", "sideways"], "invalid choice"),
        (["--metrics", "csim"], "needs --embedding"),
        (["--metrics", "beauty"], "no metric called beauty"),
        (["--embedding", "nowhere.onnx"], "nowhere.onnx cannot be read"),
        (["--halves"], "has no number"),
        (["--split", "val"], "no manifest.json"),
        (["--html", "docs"], "inside the repository"),
        (["--json", "nowhere/a.json"], "no folder nowhere"),
        (["--list", "nowhere.csv"], "nowhere.csv cannot be read"),
        (["--mode", "pairs"], "more than 25 frames"),
    ],
)
def test_wishes_that_cannot_be_met(data: Path, capsys, args: list[str], said: str) -> None:
    assert run("--data", data, *args) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_no_clips(tmp_path: Path, capsys) -> None:
    assert run("--data", tmp_path) == 2
    assert "has no clips" in capsys.readouterr().err


@pytest.mark.slow
def test_errors_about_engines_and_results(data: Path, capsys) -> None:
    base = ["--data", str(data), "--every", "4"]
    assert evaluate.main([*base, "--engine", "warp9"]) == 2
    assert "No engine is called 'warp9'" in capsys.readouterr().err
    assert run(*base, "--results", "theirs") == 2
    assert "expected NAME=FOLDER" in capsys.readouterr().err
    assert run(*base, "--results", "theirs=nowhere") == 2
    assert "nowhere is not a folder" in capsys.readouterr().err
    assert run(*base, "--model", "compact", "compact") == 2
    assert "Two models are called compact" in capsys.readouterr().err
