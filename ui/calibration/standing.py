"""Standing: what the neutral pose is now, where it comes from, and since when."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from PyQt6.QtCore import QLocale


class Origin(Enum):
    """Where the neutral pose comes from."""

    NONE = auto()
    ITSELF = auto()  # the first face that looked straight ahead
    TAKEN = auto()  # with X
    FOUND = auto()  # with F
    REMEMBERED = auto()


@dataclass(frozen=True)
class Standing:
    """What is neutral now.

    Attributes:
        origin: where it comes from.
        taken: when; None where it came by itself.
        kept: whether it will be there at the next start.
    """

    origin: Origin = Origin.NONE
    taken: datetime | None = None
    kept: bool = False


def spoken(when: datetime) -> str:
    """A day as the user's language writes it, without the year where it is this one's."""
    local, today = when.astimezone(), datetime.now().astimezone()
    if local.date() == today.date():
        return QLocale().toString(local.time(), QLocale.FormatType.ShortFormat)
    pattern = "d MMM" if local.year == today.year else "d MMM yyyy"
    return QLocale().toString(local.date(), pattern)
