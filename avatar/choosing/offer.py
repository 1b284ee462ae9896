"""Offer: an engine to run, with the reason; how reasons are put in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from avatar.choosing.plan import REJECTED
from avatar.engine import Engine
from avatar.errors import AvatarError

ASKED = "asked for"
"""The reason for an engine that the user named."""


@dataclass(frozen=True)
class Offer:
    """An engine to run.

    Attributes:
        engine: it needs a build first only where nothing is ready.
        reason: why this one, and why none of the others.
        opened: it is open already, since it was measured.
        better: one that is preferred, and has to be built first; not open.
        better_reason: for ``better``, once it runs.
        failed: why engines could not be opened or measured, by label.
    """

    engine: Engine
    reason: str
    opened: bool = False
    better: Engine | None = None
    better_reason: str = ""
    failed: Mapping[str, str] = field(default_factory=dict)


def noted(reason: str, engine: Engine) -> str:
    """A reason with what an open engine has to say of itself, before what was rejected."""
    note = str(getattr(engine, "note", ""))
    if not note or note in reason:
        return reason
    why, rejected, others = reason.partition(REJECTED)
    return f"{why}; {note}{rejected}{others}"


def said(error: Exception) -> str:
    """An error in a list of reasons."""
    if isinstance(error, AvatarError):
        return error.message.rstrip(".")
    return f"{type(error).__name__}: {error}"
