"""Finding: what a check found out about one thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from avatar.doctor.apart import NoTime
from avatar.errors import AvatarError


class Status(StrEnum):
    """How it is; the values are part of the report's format."""

    OK = "ok"
    WARNING = "warning"
    """It works with less, or something is missing that not everybody needs."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """It could not be, or had not to be, looked at."""


@dataclass(frozen=True)
class Finding:
    """What a check found out about one thing.

    Attributes:
        name: of the thing: "engine ov:int8", "camera 0".
        status: how it is.
        found: what was found, in a sentence or two.
        cure: the one thing to do; empty where nothing is to be done.
        details: figures and the like, for programs: whatever JSON can hold.
    """

    name: str
    status: Status
    found: str
    cure: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def works(self) -> bool:
        """Whether the thing can be used."""
        return self.status in (Status.OK, Status.WARNING)


def failure(name: str, error: AvatarError, status: Status = Status.FAILED) -> Finding:
    """The finding that an error of ours amounts to; none to speak of where time was over."""
    if isinstance(error, NoTime):
        status = Status.SKIPPED
    return Finding(name, status, error.message, error.hint)
