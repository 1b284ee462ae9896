"""Reading: portraits are read one at a time, and of those that wait only the newest."""

from collections.abc import Callable
from typing import TypeVar

from ui.bridge import Bridge, Refused

T = TypeVar("T")


class Reading:
    """However fast a key repeats, one thread reads and nothing piles up. Used in the GUI thread.

    Args:
        bridge: to the threads.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._busy = False
        self._next: Callable[[], None] | None = None

    def read(self, work: Callable[[], T], done: Callable[[T], None], refused: Refused) -> None:
        """Do ``work`` on a thread, then ``done`` or ``refused`` here; neither if another one is
        wanted before it began."""

        def run() -> None:
            self._busy = True
            self._bridge.run("portrait", work, finish, fail)

        def finish(result: T) -> None:
            self._busy = False
            done(result)
            self._go_on()

        def fail(error: Exception) -> None:
            self._busy = False
            refused(error)
            self._go_on()

        if self._busy:
            self._next = run
        else:
            run()

    def forget_waiting(self) -> None:
        """What waits is not wanted any more."""
        self._next = None

    def _go_on(self) -> None:
        following, self._next = self._next, None
        if following is None:
            return
        if self._busy:  # ``done`` has begun another one
            self._next = self._next or following
        else:
            following()
