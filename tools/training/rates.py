"""How long a run is and what its learning rates are, by step."""

import math
from dataclasses import dataclass

from avatar.errors import UsageError
from tools.training.settings import Schedule


@dataclass(frozen=True)
class Rates:
    """The schedule in steps.

    Attributes:
        schedule: what the recipe says.
        steps: in all.
        milestones: steps at which the rate falls.
    """

    schedule: Schedule
    steps: int
    milestones: tuple[int, ...] = ()

    def factor(self, step: int) -> float:
        """What the rates are multiplied by in ``step`` (0 is the first); past the end as at it."""
        schedule = self.schedule
        rising = min(1.0, (step + 1) / schedule.warm_up) if schedule.warm_up else 1.0
        if schedule.decay == "steps":
            return rising * schedule.factor ** sum(step >= at for at in self.milestones)
        if schedule.decay == "cosine":
            after = step - schedule.warm_up
            share = min(1.0, max(0.0, after / max(1, self.steps - schedule.warm_up)))
            wave = 0.5 * (1 + math.cos(math.pi * share))
            return rising * (schedule.floor + (1 - schedule.floor) * wave)
        return rising


def rates(schedule: Schedule, batch: int, epoch: int | None) -> Rates:
    """The schedule in steps.

    Args:
        schedule: the recipe's.
        batch: items in a step.
        epoch: items in an epoch, as the stage's items say; the recipe's own number goes before.

    Raises:
        UsageError: it counts in epochs, and nobody says how many items one has; or the warm-up is
            longer than everything.
    """
    items = schedule.epoch or epoch
    in_epochs = schedule.epochs or schedule.milestones
    if in_epochs and not items:
        raise UsageError(
            "[schedule] counts in epochs, but neither it nor the data say how many items an epoch "
            "has.",
            hint="Set schedule.epoch to the items of an epoch, or give schedule.steps.",
        )
    per_epoch = (items or 0) / batch
    steps = schedule.steps or max(1, round(schedule.epochs * per_epoch))
    if schedule.warm_up > steps:
        raise UsageError(
            f"[schedule]: warm_up is {schedule.warm_up} steps, of {steps} in all.",
            hint="Shorten it.",
        )
    return Rates(schedule, steps, tuple(round(at * per_epoch) for at in schedule.milestones))
