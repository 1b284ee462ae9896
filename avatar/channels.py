"""How frames change threads: mailboxes in which the newest wins.

Nothing here ever makes a producer wait. A consumer that is too slow loses the oldest items, and
every loss is counted.
"""

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):
    """The mailbox was closed and everything in it has been taken."""


class Mailbox(Generic[T]):
    """A bounded hand-over from one thread to another.

    Args:
        capacity: how many items wait at most; the oldest is dropped for a new one. 1 = latest only.
        name: what to call it in statistics.
        lock: held while it changes; mailboxes with the same lock can be changed together.

    Attributes:
        dropped: items that were put in and never taken because newer ones came.
    """

    def __init__(
        self, capacity: int = 1, name: str = "", lock: "threading.RLock | None" = None
    ) -> None:
        if capacity < 1:
            raise ValueError(f"a mailbox needs room for at least 1 item, got {capacity}")
        self.name = name
        self.dropped = 0
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._changed = threading.Condition(lock)
        self._closed = False

    def put(self, item: T) -> None:
        """Leave an item; never blocks. After :meth:`close` it is ignored."""
        with self._changed:
            if self._closed:
                return
            if len(self._items) == self._capacity:
                self._items.popleft()
                self.dropped += 1
            self._items.append(item)
            self._changed.notify()

    def get(self, timeout_s: float) -> T | None:
        """The oldest item waiting, or None when ``timeout_s`` seconds pass without one.

        Raises:
            Closed: closed, and everything left inside has been taken.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed, timeout_s)
            if self._items:
                return self._items.popleft()
            if self._closed:
                raise Closed
            return None

    @property
    def waiting(self) -> int:
        """How many items wait."""
        return len(self._items)

    def withdraw(self) -> None:
        """Take back what waits: something newer comes soon. It counts as dropped."""
        with self._changed:
            self.dropped += len(self._items)
            self._items.clear()

    def clear(self) -> None:
        """Throw away what waits and count from 0: what came before was for nobody."""
        with self._changed:
            self._items.clear()
            self.dropped = 0

    def close(self) -> None:
        """Take no more items and wake whoever waits; idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
