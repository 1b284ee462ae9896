"""Reasons to stop between two steps: Ctrl-C, SIGTERM, the time that was given."""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

TIME = 1
"""The wish of the clock; those of signals are their numbers."""


class Wish:
    """What was wished so far: 0 nothing, :data:`TIME`, or the number of a signal.

    Args:
        minutes: after which the clock wishes to stop; None: never.
    """

    def __init__(self, minutes: float | None = None) -> None:
        self.signal = 0
        self._end = None if minutes is None else time.monotonic() + minutes * 60

    def __call__(self) -> int:
        """The wish at this moment."""
        if self.signal:
            return self.signal
        return TIME if self._end is not None and time.monotonic() >= self._end else 0


@contextlib.contextmanager
def wishes(minutes: float | None = None) -> Iterator[Wish]:
    """A wish that Ctrl-C and SIGTERM set; a second one ends the process as usual."""
    wish = Wish(minutes)
    if threading.current_thread() is not threading.main_thread():
        yield wish  # only the main thread gets signals
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number: int, frame: Any) -> None:
        wish.signal = number
        restore()

    for number in before:
        signal.signal(number, note)
    try:
        yield wish
    finally:
        restore()
