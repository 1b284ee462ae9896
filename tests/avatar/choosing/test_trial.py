"""Measuring engines against each other."""

from typing import Any

import pytest

from avatar.choosing.trial import ROUNDS, measure, picture
from avatar.errors import EngineError
from engines.fake import FakeEngine


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


CLOCK = Clock()


class Paced(FakeEngine):
    """Takes the given seconds, one after the other, by the clock."""

    def __init__(self, seconds: list[float], order: list[str] | None = None) -> None:
        super().__init__()
        self.seconds, self.order = seconds, [] if order is None else order
        self.frames = 0

    def render(self, code: Any, driving: Any) -> Any:
        self.order.append(str(id(self)))
        CLOCK.now += self.seconds[min(self.frames, len(self.seconds) - 1)]
        self.frames += 1
        return super().render(code, driving)


def test_the_median_without_the_first_frame_in_turns() -> None:
    order: list[str] = []
    a, b = Paced([9.0, 0.01, 0.02, 5.0, 0.02], order), Paced([0.03], order)
    found, failed = measure({"a": a, "b": b}, 60.0, clock=CLOCK)
    assert failed == {} and found == pytest.approx({"a": 20.0, "b": 30.0})
    assert a.frames == b.frames == ROUNDS[1] + 1
    assert order[:4] == [str(id(a)), str(id(b))] * 2


def test_the_budget_ends_it_after_the_fewest_rounds() -> None:
    slow = Paced([1.0])
    found, _ = measure({"slow": slow}, 0.5, clock=CLOCK)
    assert slow.frames == ROUNDS[0] + 1 and found == pytest.approx({"slow": 1000.0})


def test_one_that_fails_does_not_disturb_the_others() -> None:
    class Weak(FakeEngine):
        fail_after = 2

    class Blind(FakeEngine):
        def encode(self, portrait: Any) -> Any:
            raise EngineError("no")

    found, failed = measure({"weak": Weak(), "blind": Blind(), "good": FakeEngine()}, 0.0)
    assert set(found) == {"good"} and set(failed) == {"weak", "blind"}


def test_cancelled_it_gives_what_it_has() -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    engine = Paced([0.5])
    found, _ = measure({"one": engine}, 60.0, cancelled, CLOCK)
    assert engine.frames == 3 and found == pytest.approx({"one": 500.0})
    assert picture().shape == (256, 256, 3) and picture().dtype == "uint8"
