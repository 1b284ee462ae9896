"""How frames change threads: mailboxes in which the newest wins, and a bus that fills many of them.

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

    Attributes:
        dropped: items that were put in and never taken because newer ones came.
    """

    def __init__(self, capacity: int = 1, name: str = "") -> None:
        if capacity < 1:
            raise ValueError(f"a mailbox needs room for at least 1 item, got {capacity}")
        self.name = name
        self.dropped = 0
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._changed = threading.Condition()
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


class FrameBus(Generic[T]):
    """Fan-out: every published item goes to every subscriber's own mailbox."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._boxes: tuple[Mailbox[T], ...] = ()  # replaced, never changed: publish reads it freely
        self._closed = False

    def subscribe(self, capacity: int = 1, name: str = "") -> Mailbox[T]:
        """A mailbox that receives everything published from now on; closed if the bus is."""
        box: Mailbox[T] = Mailbox(capacity, name)
        with self._lock:
            if self._closed:
                box.close()
            self._boxes = (*self._boxes, box)
        return box

    def unsubscribe(self, box: Mailbox[T]) -> None:
        """Close a mailbox and forget it; unknown ones are ignored."""
        box.close()
        with self._lock:
            self._boxes = tuple(b for b in self._boxes if b is not box)

    def publish(self, item: T) -> None:
        """Hand an item to every subscriber; never blocks."""
        for box in self._boxes:
            box.put(item)

    def close(self) -> None:
        """Close every mailbox; what already lies in them can still be taken."""
        with self._lock:
            self._closed = True
            for box in self._boxes:
                box.close()
