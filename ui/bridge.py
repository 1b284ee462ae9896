"""Bridge: the only crossing between the GUI thread and all others.

Slow work leaves the GUI thread through :meth:`Bridge.run`; its outcome, a Future's and whatever
other threads have to say come back through a queued Qt signal, so that every callback runs in the
GUI thread. Nothing here waits, except :meth:`Bridge.close`, and that for a bounded time.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from typing import Any, TypeVar

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from avatar.lamp import Lamp
from avatar.worker import Worker, stop_all

T = TypeVar("T")

Refused = Callable[[Exception], None]

log = logging.getLogger(__name__)


class Bridge(QObject):
    """Runs work on short-lived threads and brings results to the thread it was made in.

    Attributes:
        closing: set once :meth:`close` was called; work may look at it to end early.
    """

    _arrived = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.closing = threading.Event()
        self._workers: list[Worker] = []
        self._troubles: dict[str, Lamp] = {}  # of what nobody else is told
        queued = Qt.ConnectionType.QueuedConnection
        self._arrived.connect(self._act, queued)  # type: ignore[call-arg]  # stubs lack it

    def run(
        self,
        name: str,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        refused: Refused | None = None,
    ) -> None:
        """Do ``work`` on a thread called ``ui-<name>``, then ``done`` or ``refused`` here.

        Args:
            name: of the thread, without "ui-".
            work: what is slow.
            done: called in the GUI thread with what ``work`` returned.
            refused: called in the GUI thread with what it raised; without it, that is logged.
        """
        if self.closing.is_set():
            return

        def body(stop: threading.Event) -> None:
            try:
                result = work()
            except Exception as error:
                failure = error  # the name ``error`` ends with this block
                self.post(lambda: self._refuse(failure, refused, name))
                return
            if name in self._troubles:
                self.post(lambda: self._troubles[name].off("%s works again", name))
            if done is not None:
                self.post(lambda: done(result))

        self._workers = [worker for worker in self._workers if worker.alive]
        worker = Worker(f"ui-{name}", body)
        self._workers.append(worker)
        worker.start()

    def watch(
        self,
        future: "Future[T]",
        done: Callable[[T], None] | None = None,
        refused: Refused | None = None,
    ) -> None:
        """Call ``done`` or ``refused`` here once a Future is settled; neither if cancelled."""

        def settle() -> None:
            if future.cancelled():
                return
            error = future.exception(0)
            if error is None:
                if done is not None:
                    done(future.result(0))
            elif isinstance(error, Exception):
                self._refuse(error, refused, "a command")

        future.add_done_callback(lambda _: self.post(settle))

    def post(self, act: Callable[[], None]) -> None:
        """Have the GUI thread call ``act``; may be called on any thread. Dropped when closing."""
        if not self.closing.is_set():
            self._arrived.emit(act)

    def close(
        self, timeout_s: float, last: Callable[[float], list[str]] | None = None
    ) -> list[str]:
        """Take nothing more and wait for what runs.

        Args:
            timeout_s: how long to wait altogether.
            last: something that must still be done, on a thread too: given the seconds left, it
                returns the names of its own threads that are still running.

        Returns:
            The names of threads that still run.
        """
        deadline = monotonic() + timeout_s
        self.closing.set()
        survivors: list[str] = []
        if last is not None:
            final = last
            worker = Worker("ui-end", lambda _: survivors.extend(final(deadline - monotonic())))
            self._workers.append(worker)
            worker.start()
        left = stop_all(self._workers, timeout_s)
        self._workers = [worker for worker in self._workers if worker.alive]
        return survivors + left

    def _act(self, act: Any) -> None:
        if not self.closing.is_set():
            act()

    def _refuse(self, error: Exception, refused: Refused | None, name: str) -> None:
        if refused is not None:
            refused(error)
            return
        # Some are asked twice a second, such as for the free space of a disk.
        trouble = self._troubles.setdefault(name, Lamp(log))
        trouble.on("%s failed: %s", name, error, key=str(error))
