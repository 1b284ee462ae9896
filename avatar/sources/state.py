"""SourceState: what a source is doing at one moment, for people to look at."""

from dataclasses import dataclass
from typing import Literal

from avatar.sources.base import Source
from avatar.stats import Rate

_POOR = 0.75  # of the rate promised; a camera in poor light gives a half, exposing twice as long
_ENOUGH = 20  # pictures before a rate is judged


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source at one moment.

    Attributes:
        name: as the source calls itself.
        phase: "closed", "open", or "lost": it gave pictures, stopped, and is waited for.
        size: (width, height) px that it gives; (0, 0) while unknown.
        promised: frames per second that it claims to give.
        given: frames per second that it really gave lately; None while unknown, and for files.
        position_s, length_s: how far into a video it is; None for everything else.
        loops: whether a file begins again at its end.
    """

    name: str
    phase: Literal["closed", "open", "lost"]
    size: tuple[int, int] = (0, 0)
    promised: float = 0.0
    given: float | None = None
    position_s: float | None = None
    length_s: float | None = None
    loops: bool = False

    @property
    def slow(self) -> bool:
        """Whether it gives far fewer pictures than it promised, as cameras do in poor light."""
        return self.given is not None and 0 < self.given < _POOR * self.promised


def state_of(source: Source, *, is_open: bool, waits: bool) -> SourceState:
    """What a source is doing.

    Args:
        source: any; only its attributes are read, so that any thread may ask.
        is_open: whether it is open.
        waits: whether it was lost and is waited for.
    """
    phase: Literal["closed", "open", "lost"] = "open" if is_open else "lost" if waits else "closed"
    rate: Rate | None = getattr(source, "given", None)
    given = rate.lately() if is_open and rate is not None and rate.count >= _ENOUGH else None
    length: float | None = getattr(source, "length_s", None) or None
    return SourceState(
        source.name,
        phase,
        source.size,
        source.fps,
        given,
        None if length is None else source.position_s,  # type: ignore[attr-defined]  # has both
        length,
        bool(getattr(source, "loop", False)),
    )
