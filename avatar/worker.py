"""One named thread that owns one resource."""

import logging
import threading
import weakref
from collections.abc import Callable
from time import monotonic

log = logging.getLogger(__name__)

_started: "weakref.WeakSet[Worker]" = weakref.WeakSet()


class Worker:
    """Runs ``body(stop)`` once on its own thread; the body returns soon after ``stop`` is set.

    The thread is a daemon: a driver that never returns is named by :meth:`stop`, but cannot keep
    the process alive.

    Attributes:
        error: what the body raised, if anything; it is logged too.
    """

    def __init__(self, name: str, body: Callable[[threading.Event], None]) -> None:
        self.name = name
        self.error: Exception | None = None
        self._body = body
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the body is still running."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the thread; a worker starts once."""
        _started.add(self)
        self._thread.start()

    def request_stop(self) -> None:
        """Ask the body to return, without waiting."""
        self._stop.set()

    def stop(self, timeout_s: float) -> bool:
        """Ask the body to return and wait at most ``timeout_s``; True when it has ended.

        Safe to call before start, twice, and from the worker's own thread (which then cannot wait).
        """
        self._stop.set()
        if self._thread.ident is None:
            return True
        if self._thread is threading.current_thread():
            return False
        self._thread.join(max(0.0, timeout_s))
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._body(self._stop)
        except Exception as error:
            self.error = error
            log.exception("%s ended by an error", self.name)


def stop_all(workers: list[Worker], timeout_s: float) -> list[str]:
    """Stop workers in order within ``timeout_s`` altogether; the names of those still running.

    All are asked at once; each gets what is left of the time.
    """
    for worker in workers:
        worker.request_stop()
    deadline = monotonic() + timeout_s
    return [w.name for w in workers if not w.stop(deadline - monotonic())]


def still_running() -> list[str]:
    """Names of all workers of this process whose threads have not ended."""
    return sorted(worker.name for worker in _started if worker.alive)
