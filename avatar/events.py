"""What a session tells its listeners."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from avatar.errors import AvatarError

log = logging.getLogger(__name__)

Kind = Literal["loading", "ready", "building", "built", "info", "warning", "error", "ended"]


@dataclass(frozen=True)
class Event:
    """Something that happened. Listeners are called on the thread it happened on, and return soon.

    Attributes:
        kind: "loading" (with ``share``), "ready" (frames come, from the engine that the message
            names), "building" (with ``share``: a better engine is made meanwhile), "built" (that
            is over, however it ended), "info", "warning" (degraded but running), "error"
            (something was given up), "ended" (a driving file is over).
        message: a sentence for the user.
        hint: what to do about it; may be empty.
        share: of the loading done, in [0, 1]; None where unknown.
        error: the error behind it, if there is one.
        origin: the thread it comes from: "capture", "inference", "build" or "sink-<name>";
            "gpu" for a GPU that is left unused.
    """

    kind: Kind
    message: str
    hint: str = ""
    share: float | None = None
    error: AvatarError | None = None
    origin: str = ""

    @classmethod
    def of(cls, kind: Kind, error: AvatarError, origin: str) -> "Event":
        """The event that tells an error."""
        return cls(kind, error.message, error.hint, error=error, origin=origin)


Emit = Callable[[Event], None]

_LEVELS = {
    "ready": logging.INFO,
    "built": logging.INFO,
    "info": logging.INFO,
    "ended": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def note(event: Event) -> None:
    """Log what the user is told, with the traceback of what is behind it; no progress.

    The record is marked as ``told``: who prints events need not print it again.
    """
    level = _LEVELS.get(event.kind)
    if level is not None:
        cause = None if event.error is None else event.error.__cause__
        text = f"{event.message} {event.hint}".rstrip()
        log.log(level, "%s", text, exc_info=cause, extra={"told": True})
