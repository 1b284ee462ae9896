"""Excerpt: the part of a video that is wanted, as users write it."""

import re
from dataclasses import dataclass
from fractions import Fraction

from avatar.errors import UsageError

_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Excerpt:
    """From ``start`` to before ``end``, in seconds since the first picture; None: to the end.

    Raises:
        UsageError: it ends before it begins, or begins before the video.
    """

    start: Fraction = Fraction(0)
    end: Fraction | None = None

    def __post_init__(self) -> None:
        if self.start < 0:
            raise UsageError(f"A video begins at 0, but a start at {shown(self.start)} was given.")
        if self.end is not None and self.end <= self.start:
            raise UsageError(
                f"The end ({shown(self.end)}) has to come after the start ({shown(self.start)}).",
                hint="Give both in seconds or m:ss from the beginning of the video.",
            )

    @property
    def whole(self) -> bool:
        """Whether nothing is cut off."""
        return self.start == 0 and self.end is None


def parse_time(text: str) -> Fraction:
    """Seconds of ``"75"``, ``"75.5"``, ``"1:15.5"`` or ``"0:01:15"``.

    Raises:
        UsageError: it is none of these.
    """
    found = _TIME.fullmatch(text.strip())
    if found is not None:
        hours, minutes, seconds = (Fraction(part or 0) for part in found.groups())
        # In front of a colon anything goes (90:00), behind it only what a clock shows.
        if (found[2] is None or seconds < 60) and (found[1] is None or minutes < 60):
            return hours * 3600 + minutes * 60 + seconds
    raise UsageError(
        f"{text!r} is no time; expected seconds or m:ss.", hint="For example 75, 75.5 or 1:15.5."
    )


def shown(seconds: Fraction) -> str:
    """``"0:07.5"``: a time for a message, in minutes and seconds."""
    sign, milliseconds = "-" if seconds < 0 else "", round(abs(seconds) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    text = f"{rest / 1000:06.3f}".rstrip("0").rstrip(".")
    return f"{sign}{minutes}:{text}"
