"""What a bench shall measure: one frozen record, checked once when it is made."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from avatar.bench.process import COMMAND
from avatar.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class BenchConfig:
    """What to measure.

    Attributes:
        models: names of installed weights, files, or presets.
        engines: "ov" or "ov:int8"; empty = every engine in every precision.
        rounds: how often each subject has its turn at most.
        seconds: how long the whole bench shall take; artefacts that have to be made first (an
            export, a TensorRT plan) come on top.
        live_only: only the live sessions.
        crop: follow the face in the driving picture.
        clip: driving video; None = the bundled driver.
        reference: measure the reference path too, where PyTorch is installed.
        worker: command of the worker processes.

    Raises:
        UsageError: numbers that make no sense.
    """

    models: Sequence[str] = ("compact",)
    engines: Sequence[str] = ()
    rounds: int = 7
    seconds: float = 115.0
    live_only: bool = False
    crop: bool = True
    clip: str | None = None
    reference: bool = True
    worker: Sequence[str] = field(default=COMMAND, repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.rounds <= 1000:
            raise UsageError(f"Got {self.rounds} rounds; expected 1 to 1000.", hint="--rounds 7")
        if not 1 <= self.seconds <= 86400:
            raise UsageError(
                f"Got {self.seconds:g} seconds; expected 1 to 86400.", hint="--seconds 120"
            )
