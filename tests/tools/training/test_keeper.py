from pathlib import Path
from typing import Any

import pytest

from avatar.errors import OutputError
from tools.training.keeper import Keeper
from tools.training.settings import Run


class Written:
    """A checkpoint that fails as often as it is told."""

    def __init__(self, step: int, failures: int = 0) -> None:
        self.step, self.failures, self.saved = step, failures, 0

    def save(self, folder: Path) -> None:
        if self.failures:
            self.failures -= 1
            raise OutputError("the disk is full.")
        self.saved += 1


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def keeper(tmp_path: Path, clock: Clock, **run: Any) -> Keeper:
    return Keeper(tmp_path, Run(**run), 100, clock)


def test_due_by_steps_or_by_minutes_whichever_is_first(tmp_path: Path) -> None:
    clock = Clock()
    found = keeper(tmp_path, clock, checkpoint_every=10, checkpoint_minutes=2)
    assert not found.due(109) and found.due(110)
    clock.now = 119
    assert not found.due(101)
    clock.now = 120
    assert found.due(101)
    found.save(Written(101))  # type: ignore[arg-type]
    assert not found.due(110) and found.due(111)


@pytest.mark.parametrize(("every", "minutes"), [(0, 2.0), (10, 0.0)])
def test_either_alone(tmp_path: Path, every: int, minutes: float) -> None:
    clock = Clock()
    found = keeper(tmp_path, clock, checkpoint_every=every, checkpoint_minutes=minutes)
    assert found.due(110) is bool(every)
    clock.now = 120
    assert found.due(101) is bool(minutes)


def test_the_default_loses_at_most_five_minutes(tmp_path: Path) -> None:
    clock = Clock()
    found = keeper(tmp_path, clock)
    clock.now = 300
    assert found.due(101)


def test_a_failure_is_tried_again_after_a_minute(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    found = keeper(tmp_path, clock, checkpoint_every=10)
    failing = Written(110, failures=1)
    found.save(failing)  # type: ignore[arg-type]
    assert "the disk is full" in caplog.text and "attempt 1 of 3" in caplog.text
    assert not found.due(111)
    clock.now = 60
    assert found.due(111)
    found.save(failing)  # type: ignore[arg-type]
    assert failing.saved == 1 and not found.due(119) and found.due(120)


def test_the_third_failure_in_a_row_ends_the_run(tmp_path: Path) -> None:
    found = keeper(tmp_path, Clock())
    failing = Written(1, failures=2)
    for _ in range(3):
        found.save(failing)  # type: ignore[arg-type]
    failing.failures = 3
    found.save(failing)  # type: ignore[arg-type]
    found.save(failing)  # type: ignore[arg-type]
    with pytest.raises(OutputError):
        found.save(failing)  # type: ignore[arg-type]


def test_the_last_one_must_succeed(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        keeper(tmp_path, Clock()).save(Written(1, failures=1), final=True)  # type: ignore[arg-type]
