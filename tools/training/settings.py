"""The tables of a recipe that every stage has: run, schedule, optimiser."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Optimiser:
    """One phase's optimiser. The defaults are DaGAN's (METHODS, section 4).

    Attributes:
        kind: "adam", or "adamw" with its weight decay apart from the gradient.
        rate: learning rate before warm-up and decay.
        betas: of the two running means.
        weight_decay: per unit of learning rate.
        clip: largest norm of the phase's whole gradient; 0: not clipped; absent: ``run.clip``.
        skip: leave out a step whose gradient is not finite (counted and reported), rather than
            stop. A loss that is not finite stops the run all the same.
        scales: factors of the rate for parameters whose name in the phase begins so:
            ``[optimiser.scales]`` with ``"dagan.keypoints" = 0.5``. The longest beginning counts.
    """

    kind: Literal["adam", "adamw"] = "adam"
    rate: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    weight_decay: float = 0.0
    clip: float | None = None
    skip: bool = True
    scales: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.rate <= 0:
            raise ValueError(f"rate is {self.rate}, expected more than 0")
        if not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError(f"betas are {self.betas}, expected at least 0 and less than 1")
        if self.weight_decay < 0 or (self.clip or 0) < 0:
            raise ValueError("weight_decay and clip cannot be negative")
        if any(scale < 0 for scale in self.scales.values()):
            raise ValueError("scales cannot be negative")


@dataclass(frozen=True)
class Schedule:
    """How long, and how the learning rate changes; counted in steps, never by the clock.

    Attributes:
        steps: steps in all; or
        epochs: passes in all, of ``epoch`` items each.
        epoch: items of an epoch; 0: what the stage's items say (their attribute ``epoch``).
        warm_up: steps in which the rate rises linearly to its full value.
        decay: "none"; "cosine", half a wave down to ``floor`` at the end; "steps", times
            ``factor`` at each of ``milestones``.
        milestones: epochs, rising.
        factor: what a milestone multiplies the rate by.
        floor: the share of the rate that a cosine ends at.
    """

    steps: int = 0
    epochs: float = 0.0
    epoch: int = 0
    warm_up: int = 0
    decay: Literal["none", "cosine", "steps"] = "none"
    milestones: tuple[float, ...] = ()
    factor: float = 0.1
    floor: float = 0.0

    def __post_init__(self) -> None:
        if min(self.steps, self.epochs, self.epoch, self.warm_up) < 0:
            raise ValueError("steps, epochs, epoch and warm_up cannot be negative")
        if bool(self.steps) == bool(self.epochs):
            raise ValueError(
                f"steps is {self.steps} and epochs {self.epochs:g}, expected one of them above 0"
            )
        if bool(self.milestones) != (self.decay == "steps"):
            raise ValueError('milestones and decay = "steps" go together')
        if self.milestones and (
            self.milestones[0] <= 0 or list(self.milestones) != sorted(set(self.milestones))
        ):
            raise ValueError(f"milestones are {list(self.milestones)}, expected rising epochs")
        if not 0 < self.factor <= 1 or not 0 <= self.floor <= 1:
            raise ValueError("factor is above 0, floor at least 0, and both at most 1")


@dataclass(frozen=True)
class Run:
    """What is neither the network, the data nor the loss.

    Attributes:
        batch: items in a step, over all processes together.
        seed: of weights and items.
        precision: "fp32", or "bf16" for the heavy modules (see ``precision.py``).
        ema: what the moving average of the weights keeps at each step; 0: it is the weights.
        clip: the default of ``optimiser.clip``.
        workers: processes that read items, in each training process; 0: it reads them itself.
        report_every: steps between two lines of the log, whose figures are means over them.
        checkpoint_every: most steps between two checkpoints; 0: the clock alone.
        checkpoint_minutes: most minutes between two checkpoints; 0: steps alone.
        validate_every: steps between validations; 0: never. There is one at the end, too.
        show_every: steps between contact sheets; 0: never. There is one at the end, too.
    """

    batch: int = 12
    seed: int = 0
    precision: Literal["fp32", "bf16"] = "fp32"
    ema: float = 0.999
    clip: float = 0.0
    workers: int = 2
    report_every: int = 50
    checkpoint_every: int = 1000
    checkpoint_minutes: float = 5.0
    validate_every: int = 0
    show_every: int = 0

    def __post_init__(self) -> None:
        if self.batch < 1 or self.report_every < 1:
            raise ValueError("batch and report_every are at least 1")
        if not 0 <= self.ema < 1:
            raise ValueError(f"ema is {self.ema}, expected at least 0 and less than 1")
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"seed is {self.seed}, expected 0 to 2**32 - 1")
        for name in (
            *("clip", "workers", "checkpoint_every", "checkpoint_minutes"),
            *("validate_every", "show_every"),
        ):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 0")
        if not (self.checkpoint_every or self.checkpoint_minutes):
            raise ValueError("checkpoint_every and checkpoint_minutes cannot both be 0")
