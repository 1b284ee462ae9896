import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tools.training.journal import BOARD, LINES, SHEET, Journal


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / LINES).read_text().splitlines()]


@pytest.fixture
def no_board(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)


def test_a_report_is_the_mean_over_its_steps(
    no_board: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal(tmp_path, 0, 5, 2) as journal:
        for step in range(1, 6):
            journal.step(step, {"maker/mean": float(step)}, {"rate/maker": 0.1 * step})
    found = lines(tmp_path)
    assert [(line["step"], line["terms"]["maker/mean"]) for line in found] == [
        (2, 1.5),
        (4, 3.5),
        (5, 5.0),
    ]
    assert found[1]["rate/maker"] == pytest.approx(0.4) and "speed/steps_per_s" in found[0]
    shown = capsys.readouterr().err
    assert "step 4, " in shown and "maker/mean 3.5" in shown and "left" in shown


def test_without_tensorboard_it_says_how_to_get_it_and_goes_on(
    no_board: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal(tmp_path, 0, 1, 1) as journal:
        journal.step(1, {"a": 1.0}, {})
        journal.sheet(1, np.zeros((4, 4, 3), np.uint8))
    assert "[train]" in capsys.readouterr().err
    assert not (tmp_path / BOARD).exists() and len(lines(tmp_path)) == 1


def test_what_an_interrupted_run_noted_beyond_its_checkpoint_is_dropped(
    no_board: None, tmp_path: Path
) -> None:
    for step in (2, 4, 6):
        with (tmp_path / LINES).open("a") as stream:
            stream.write(json.dumps({"step": step}) + "\n")
    with (tmp_path / LINES).open("a") as stream:
        stream.write('{"step": 8, "ter')  # killed while it wrote
    Journal(tmp_path, 4, 10, 2)
    assert [line["step"] for line in lines(tmp_path)] == [2, 4]


def test_a_journal_that_cannot_be_written_warns_once(
    no_board: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / LINES).mkdir()
    with Journal(tmp_path, 0, 3, 1) as journal:
        for step in (1, 2, 3):
            journal.step(step, {"a": 1.0}, {})
    assert len(caplog.records) == 1 and "The training goes on" in caplog.text


def test_validation_and_sheets(no_board: None, tmp_path: Path) -> None:
    from PIL import Image

    picture = np.zeros((4, 6, 3), np.uint8)
    picture[..., 0] = 200
    with Journal(tmp_path, 0, 3, 1) as journal:
        journal.validation(2, {"l1": 0.25})
        journal.sheet(2, picture)
    assert lines(tmp_path) == [{"step": 2, "validation": {"l1": 0.25}}]
    assert np.array_equal(np.asarray(Image.open(tmp_path / SHEET)), picture)


@pytest.mark.slow
def test_tensorboard_has_the_curves(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="TensorBoard is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with Journal(tmp_path, 0, 4, 1) as journal:
        for step in (1, 2, 3, 4):
            journal.step(step, {"maker/mean": float(step)}, {"rate/maker": 0.5})
        journal.validation(4, {"l1": 0.25})
        journal.sheet(4, np.zeros((4, 4, 3), np.uint8))
    with Journal(tmp_path, 2, 4, 1) as journal:  # gone on with from step 2
        journal.step(3, {"maker/mean": 30.0}, {"rate/maker": 0.5})
    board = EventAccumulator(str(tmp_path / BOARD))
    board.Reload()
    assert [(e.step, e.value) for e in board.Scalars("maker/mean")] == [(1, 1), (2, 2), (3, 30)]
    assert {"rate/maker", "speed/steps_per_s"} <= set(board.Tags()["scalars"])
