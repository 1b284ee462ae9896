"""Building: what an engine needs is made on a thread of its own, while another engine animates."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future

from avatar.engine import Engine, label_of
from avatar.errors import Cancelled, EngineError
from avatar.events import Emit, Event
from avatar.worker import Worker

log = logging.getLogger(__name__)

ORIGIN = "build"


class Building:
    """One build, from :meth:`start` on; it cannot be started again.

    Args:
        engine: not open; it is only built here, whoever opens it is on another thread.
        reason: why this engine.
        emit: told how far it is, as "building" events.
        done: called on the thread of the build once it is over, however it ended.
        asked: the Future of whoever waits for the engine; None when nobody does.

    Attributes:
        label: of the engine.
        error: why there is nothing to open; None while it goes on and after success.
    """

    def __init__(
        self,
        engine: Engine,
        reason: str,
        emit: Emit,
        done: "Callable[[Building], None]",
        asked: "Future[None] | None" = None,
    ) -> None:
        self.engine = engine
        self.label = label_of(engine)
        self.reason = reason
        self.asked = asked
        self.error: Exception | None = None
        self._emit = emit
        self._done = done
        self._given_up = threading.Event()
        self._worker = Worker("build", self._body)

    @property
    def alive(self) -> bool:
        """Whether its thread still runs."""
        return self._worker.alive

    def start(self) -> None:
        """Begin on a thread of its own."""
        self._worker.start()

    def cancel(self) -> None:
        """Ask it to end, without waiting; any thread may."""
        self._given_up.set()

    def stop(self, timeout_s: float) -> bool:
        """Cancel and wait at most ``timeout_s``; whether it has ended."""
        self.cancel()
        return self._worker.stop(timeout_s)

    def settle(self, error: Exception | None = None) -> None:
        """Answer whoever waits: the engine runs, or the error why it does not."""
        asked, self.asked = self.asked, None
        if asked is None:
            return
        if error is None:
            asked.set_result(None)
        else:
            asked.set_exception(error)

    def _body(self, stop: threading.Event) -> None:
        def cancelled() -> bool:
            return self._given_up.is_set() or stop.is_set()

        try:
            self._say(0.0, f"Building {self.label}")
            self.engine.build(self._say, cancelled)
            if cancelled():
                raise Cancelled(f"Building {self.label} was cancelled.")
            if left := self.engine.missing():
                raise EngineError(f"It was built, and still needs {left}.")
        except Exception as error:
            self.error = error
        self._done(self)

    def _say(self, share: float, sentence: str) -> None:
        if not self._given_up.is_set():
            self._emit(Event("building", sentence, share=min(max(share, 0.0), 1.0), origin=ORIGIN))
