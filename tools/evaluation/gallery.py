"""The frames that the page shows: the worst and the best of the first model."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.evaluation.evaluation import Result
from tools.evaluation.metrics import METRICS
from tools.evaluation.trials import Trial

ORDERS = ("akd", "turn_error", "expression", "prmse", "l1", "csim")
"""By which metric frames are ordered: the first that was measured."""

FROM_ONE = 2
"""At most so many of the worst, and of the best, come from one trial."""


@dataclass(frozen=True)
class Pick:
    """One frame to show: the trial, the step in it, and the figure it was picked by."""

    trial: Trial
    step: int
    value: float
    worst: bool


def order_of(chosen: Sequence[str]) -> str | None:
    """The metric by which frames are ordered; None where none of them was measured."""
    return next((name for name in ORDERS if name in chosen), None)


def picks(result: Result, method: str, order: str, count: int) -> list[Pick]:
    """The ``count`` worst frames of a method and the ``count`` best, the worst first.

    Frames without the figure (no face found) are not among them. No frame is shown twice.
    """
    low = METRICS[order].better == "low"
    frames = [
        (frame[order], trial, step)
        for trial, outcomes in result.outcomes
        for step, frame in enumerate(outcomes[method].frames)
        if order in frame
    ]
    frames.sort(key=lambda item: item[0], reverse=low)
    worst = _spread(frames, count)
    left = [item for item in reversed(frames) if item not in worst]
    best = _spread(left, count)
    return [Pick(t, s, v, True) for v, t, s in worst] + [Pick(t, s, v, False) for v, t, s in best]


def _spread(
    frames: Sequence[tuple[float, Trial, int]], count: int
) -> list[tuple[float, Trial, int]]:
    taken: list[tuple[float, Trial, int]] = []
    from_one: dict[str, int] = {}
    for item in frames:
        if len(taken) == count:
            break
        name = item[1].name
        if from_one.get(name, 0) < FROM_ONE:
            from_one[name] = from_one.get(name, 0) + 1
            taken.append(item)
    return taken
