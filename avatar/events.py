"""What a session tells its listeners."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from avatar.errors import AvatarError

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
