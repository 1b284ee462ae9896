"""Outlet: the mailbox of one sink behind the gate."""

import threading

from avatar.channels import Mailbox
from avatar.frame import Frame


class Outlet(Mailbox[Frame]):
    """The mailbox of one sink. Its consumer comes back to :meth:`get` when it is done with a frame.

    Attributes:
        held: the consumer has a frame that it took and has not come back yet.
        outdated: that frame was taken before the gate last changed.
    """

    def __init__(
        self, capacity: int, name: str, lock: "threading.RLock", done: threading.Condition
    ) -> None:
        super().__init__(capacity, name, lock)
        self.held = self.outdated = False
        self._done = done

    def get(self, timeout_s: float) -> Frame | None:
        with self._done:  # its lock is also that of the mailbox
            self.give_back()
            frame = super().get(timeout_s)
            self.held = frame is not None
            return frame

    def give_back(self) -> None:
        """The consumer is done with the frame it has, if it has one."""
        with self._done:
            self.held = self.outdated = False
            self._done.notify_all()

    def refill(self, frame: Frame | None) -> None:
        """Replace what waits, by nothing where ``frame`` is None; what was there is not counted."""
        with self._done:
            self._items.clear()
            self.outdated = self.held
            if frame is not None:
                self.put(frame)
