"""Delivery: the thread that owns one sink."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic_ns

from avatar.channels import Closed, Mailbox
from avatar.errors import AvatarError
from avatar.events import Emit, Event
from avatar.frame import Frame
from avatar.sinks.base import Sink
from avatar.stats import SinkStats

log = logging.getLogger(__name__)

WAIT_S = 0.5


class Delivery:
    """Opens a sink, hands it every frame of its mailbox, closes it when the mailbox is closed.

    A sink that fails ends alone: its error becomes an event, nobody else notices.

    Args:
        name: of the thread, "sink-<name>".
        sink: where frames go.
        box: where frames come from.
        emit: told what happens.

    Attributes:
        opened: done when the sink is open; holds its error if it cannot be opened.
        ended: done when the sink is closed.
        stats: what arrived there, and how old it was.
        error: why the sink ended early; None if it did not.
    """

    def __init__(self, name: str, sink: Sink, box: Mailbox[Frame], emit: Emit) -> None:
        self.name = name
        self.sink = sink
        self.box = box
        self.opened: Future[None] = Future()
        self.ended: Future[None] = Future()
        self.stats = SinkStats()
        self.error: AvatarError | None = None
        self._emit = emit

    def body(self, stop: threading.Event) -> None:
        """Run until the mailbox is closed and empty (``stop`` alone does not end it)."""
        try:
            self._guarded(self._deliver)
        finally:
            self.box.close()
            self._guarded(self.sink.close)
            self.opened.cancel()  # no effect once it has a result
            self.ended.set_result(None)

    def _deliver(self) -> None:
        try:
            self.sink.open()
        except Exception as error:
            self.opened.set_exception(error)
            raise
        self.opened.set_result(None)
        while True:
            try:
                frame = self.box.get(WAIT_S)
            except Closed:
                return
            if frame is not None:
                self.stats.delivered((monotonic_ns() - frame.t_ns) / 1e6)
                self.sink.write(frame)

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except AvatarError as error:
            self._fail(error)
        except Exception as error:
            log.exception("%s failed", self.name)
            self._fail(AvatarError(f"{self.sink.name} failed: {type(error).__name__}: {error}."))

    def _fail(self, error: AvatarError) -> None:
        self.error = self.error or error
        self._emit(Event.of("error", error, self.name))
