"""Deliveries: one thread per sink, each owning its sink."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from time import monotonic_ns

from avatar.channels import Closed
from avatar.errors import AvatarError
from avatar.events import Emit, Event
from avatar.gate import Gate
from avatar.outlet import Outlet
from avatar.sinks.base import Sink
from avatar.stats import SinkStats
from avatar.worker import Worker, stop_all

log = logging.getLogger(__name__)

WAIT_S = 0.5
"""How long a sink waits for a frame before it gets the slate, where that is due."""


class Delivery:
    """Opens a sink, hands it every frame of its outlet, closes it when the outlet is closed.

    A sink that fails ends alone: its error becomes an event, nobody else notices.

    Args:
        name: of the thread, "sink-<name>".
        sink: where frames go.
        gate: where frames come from.
        emit: told what happens.

    Attributes:
        box: its outlet of the gate.
        opened: done when the sink is open; holds its error if it cannot be opened.
        ended: done when the sink is closed.
        stats: what arrived there, and how old it was.
        worker: its thread, not yet started.
        error: why the sink ended early; None if it did not.
    """

    def __init__(self, name: str, sink: Sink, gate: Gate, emit: Emit) -> None:
        self.name = name
        self.sink = sink
        self.box: Outlet = gate.subscribe(sink.queue, name)
        self.opened: Future[None] = Future()
        self.ended: Future[None] = Future()
        for future in (self.opened, self.ended):  # nobody can cancel what is answered anyway
            future.set_running_or_notify_cancel()
        self.stats = SinkStats()
        self.error: AvatarError | None = None
        self.worker = Worker(name, self._body)
        self._gate = gate
        self._emit = emit

    def _body(self, stop: threading.Event) -> None:
        """Run until the outlet is closed and empty (``stop`` alone does not end it)."""
        try:
            self._guarded(self._deliver)
        finally:
            self._gate.leave(self.box)
            self._guarded(self.sink.close)
            log.info(
                "%s ends: %d frames, %d dropped",
                self.name, self.stats.rate.count, self.box.dropped,
            )  # fmt: skip
            self.ended.set_result(None)

    def _deliver(self) -> None:
        try:
            self.sink.open()
        except Exception as error:
            self.opened.set_exception(error)
            raise
        self.opened.set_result(None)
        log.info("%s is open", self.name)
        while True:
            try:
                frame = self.box.get(WAIT_S)
            except Closed:
                return
            if frame is None:
                frame = self._gate.stand_in()
            if frame is None:
                continue
            if frame.image is not self._gate.slate:
                self.stats.delivered(frame.index, (monotonic_ns() - frame.t_ns) / 1e6)
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


class Deliveries:
    """All sinks of a run. Changed by one thread at a time, read by any.

    Args:
        gate: where frames come from.
        emit: told what happens.
    """

    def __init__(self, gate: Gate, emit: Emit) -> None:
        self._gate = gate
        self._emit = emit
        self._all: tuple[Delivery, ...] = ()  # replaced, never changed
        self._leaving: list[Delivery] = []

    def __iter__(self) -> Iterator[Delivery]:
        return iter(self._all)

    def add(self, sink: Sink) -> Delivery:
        """Start to deliver to a sink."""
        taken = {delivery.name for delivery in self._all}
        name, number = f"sink-{sink.name}", 1
        while name in taken:
            number += 1
            name = f"sink-{sink.name}-{number}"
        delivery = Delivery(name, sink, self._gate, self._emit)
        self._all = (*self._all, delivery)
        delivery.worker.start()
        return delivery

    def remove(self, sink: Sink) -> "Future[None]":
        """Deliver there no more; done when it is closed, or at once where it is unknown."""
        gone: Future[None] = Future()
        for delivery in self._all:
            if delivery.sink is sink:
                delivery.box.close()
                self._all = tuple(d for d in self._all if d is not delivery)
                self._leaving = [d for d in self._leaving if d.worker.alive] + [delivery]
                return delivery.ended
        gone.set_result(None)
        return gone

    def stop(self, timeout_s: float) -> list[str]:
        """Close every mailbox and wait for what lies in them; the names of those still running."""
        self._gate.close()
        return stop_all([d.worker for d in (*self._all, *self._leaving)], timeout_s)

    def failed(self) -> bool:
        """Whether there were sinks and none is left."""
        return bool(self._all) and all(d.error is not None for d in self._all)

    def first(self) -> SinkStats | None:
        """The figures of the first sink that got a frame; None before that."""
        return next((d.stats for d in self._all if d.stats.rate.count), None)
