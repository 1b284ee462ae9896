"""Problem: something to tell the user, and how an exception becomes one."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication

from avatar.errors import AvatarError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Problem:
    """What a banner says.

    Attributes:
        kind: "error", "warning" or "info".
        message, hint: what happened, and what to do.
        remedy: the label of a button and what it does; None = there is nothing to press.
        others: more of them.
        about: what it is about, if that can be settled by itself ("source").
    """

    kind: str
    message: str
    hint: str = ""
    remedy: tuple[str, Callable[[], None]] | None = None
    others: tuple[tuple[str, Callable[[], None]], ...] = ()
    about: str = ""


def problem_of(error: Exception) -> Problem:
    """What to tell about an exception. An unexpected one is logged with its traceback."""
    if isinstance(error, AvatarError):
        return Problem("error", error.message, error.hint)
    log.error("unexpected error", exc_info=error)
    return unexpected(error)


def unexpected(error: Exception) -> Problem:
    """What to tell about an exception that nobody foresaw, and that is logged."""
    message = QCoreApplication.translate("Problem", "Something unexpected happened: {kind}: {text}")
    hint = QCoreApplication.translate(
        "Problem", "Please report it with the newest log: Menu, Open the log folder."
    )
    return Problem("error", message.format(kind=type(error).__name__, text=error), hint)
