"""Pipeline: the stages of a live run, wired; it starts and ends their threads.

    Capture --[Mailbox 1]--> Inference --[Gate]--> Delivery per sink

Every hand-over keeps only the newest frame (a recorder's longer), so a slow stage costs frames and
never time; a governor has capture skip frames that a slow engine would never take. It knows no
window: listeners get events.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from time import monotonic
from typing import Self

from avatar.calibration import Calibration
from avatar.capture import Capture, Cropper
from avatar.channels import Mailbox
from avatar.delivery import Deliveries
from avatar.engine import AUTO, Engine
from avatar.errors import REPORT, AvatarError
from avatar.events import Event, note
from avatar.frame import Crop, Image, Portrait
from avatar.gate import Gate
from avatar.governor import Governor
from avatar.inference import Inference
from avatar.inspector import Inspector
from avatar.lending import Lender
from avatar.motion.transfer import Motion
from avatar.pace import Pace, share_for, usable_cores
from avatar.rest import Rest
from avatar.sinks.base import Sink
from avatar.slot import EngineChooser
from avatar.sources.base import Source
from avatar.stats import StageTimes
from avatar.worker import Worker, stop_all

log = logging.getLogger(__name__)


class Pipeline:
    """A live run, from :meth:`start` to :meth:`stop`; afterwards it may start again.

    What can be asked of one is in :class:`avatar.session.Session`, what it shows in
    :class:`avatar.watched.Watched`.

    Args:
        source: the driver; not yet open.
        make_cropper: makes the cropper, on the capture thread.
        chooser: chooses engines, on the inference thread.
        portrait: what to animate.
        sinks: where frames go; statistics are told of the first that works.
        motion: None = relative, scaled, smoothed.
        mirror: move like a mirror image.
        engine: which one to start with: "auto", "ov", "ov:int8".
        model: name of the weights, for the statistics.
        notices: events to tell at the start, such as choices made for the user.
        rest: what the outputs show when nobody drives.
        slate: (256, 256, 3) uint8 RGB, shown where nobody shall be seen; None = the plain card.

    Attributes:
        failure: why the session cannot go on by itself; None while it can.
    """

    def __init__(
        self,
        source: Source,
        make_cropper: Callable[[], Cropper],
        chooser: EngineChooser,
        portrait: Portrait,
        sinks: Sequence[Sink] = (),
        *,
        motion: Motion | None = None,
        mirror: bool = False,
        engine: str = AUTO,
        model: str = "",
        notices: Sequence[Event] = (),
        rest: Rest | None = None,
        slate: Image | None = None,
    ) -> None:
        self._listeners: list[Callable[[Event], None]] = []
        self._deaf: set[Callable[[Event], None]] = set()  # listeners that fail, and it is logged
        self.failure: AvatarError | None = None
        self._make_cropper = make_cropper
        self._chooser = chooser
        self._model = model
        self._notices = notices
        self._sinks = list(sinks)
        self._gate = Gate(slate)  # for all its runs: hidden stays hidden
        self._gate.rest = rest or Rest()
        self._lifecycle = threading.RLock()
        self._running = False
        self._over = threading.Event()
        self._workers: list[Worker] = []  # capture, inference
        self._inspector = self._new_inspector()
        self._wire(source, portrait, motion or Motion(), mirror, engine)

    def on_event(self, listener: Callable[[Event], None]) -> None:
        """Call ``listener`` with every Event, on the thread where it happens."""
        self._listeners.append(listener)

    # -- life -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start every thread; returns at once. Does nothing when it runs.

        Raises:
            AvatarError: a thread of the last run still hangs.
        """
        with self._lifecycle:
            if self._running:
                return
            if left := self._alive():
                raise AvatarError(
                    f"The last run has not ended: {', '.join(left)} still runs.",
                    hint="Unplug and replug the device it waits for, or start the app again.",
                )
            if self._workers:  # not the first start: fresh mailboxes, counters and threads
                self._inspector = self._new_inspector()
                view = self._capture.framing, self._capture.following
                self._wire(
                    self._capture.source,
                    self._inference.portrait,
                    self._inference.motion,
                    self._inference.mirror,
                    self._inference.slot.wanted,
                )
                self._capture.framing, self._capture.following = view
            self.failure = None
            self._over.clear()
            self._running = True
            for notice in self._notices:
                self._emit(notice)
            for sink in self._sinks:
                self._deliveries.add(sink)
            self._workers = [
                Worker("inference", self._guarded("inference", self._inference.body)),
                Worker("capture", self._guarded("capture", self._capture.body)),
            ]
            for worker in self._workers:
                worker.start()

    def stop(self, timeout_s: float = 2.0) -> list[str]:
        """End capture, then inference, then the sinks; the names of threads that still run.

        Each sink takes what already waits for it, and a recording is completed. Idempotent.
        """
        with self._lifecycle:
            if not self._workers:
                # Never started: what was asked for waits for the start.
                return self._inspector.stop(timeout_s, for_good=False)
            deadline = monotonic() + timeout_s
            self._running = False
            for worker in self._workers:
                worker.request_stop()
            self._capture.abort()
            self._inspector.want(())
            self._inbox.close()
            survivors = stop_all(self._workers[::-1], timeout_s * 0.6)
            self._capture.commands.close()
            self._inference.commands.close()
            self._calibration.cancel()
            survivors += self._inference.slot.stop_builds(max(0.0, deadline - monotonic()) / 2)
            survivors += self._deliveries.stop(deadline - monotonic())
            survivors += self._lender.end(max(0.0, deadline - monotonic()))
            survivors += self._inspector.stop(max(0.0, deadline - monotonic()))
            self._over.set()
            if survivors:
                log.warning("still running after %g s: %s", timeout_s, ", ".join(survivors))
            return survivors

    def wait(self, timeout_s: float) -> bool:
        """Whether it is over (file ended, failure, stop), after waiting ``timeout_s`` at most."""
        return self._over.wait(timeout_s)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def add_sink(self, sink: Sink) -> "Future[None]":
        """Send frames there too; done when it is open, or failed to."""
        with self._lifecycle:
            self._sinks.append(sink)
            if self._running:
                return self._deliveries.add(sink).opened
        waits: Future[None] = Future()
        waits.set_result(None)  # it is opened by start
        return waits

    def remove_sink(self, sink: Sink) -> "Future[None]":
        """Send no more frames there; done when it is closed."""
        with self._lifecycle:
            self._sinks = [s for s in self._sinks if s is not sink]
            return self._deliveries.remove(sink)

    # -- inside -----------------------------------------------------------------------------------

    def _wire(
        self, source: Source, portrait: Portrait, motion: Motion, mirror: bool, engine: str
    ) -> None:
        self._inbox: Mailbox[Crop] = Mailbox(1, "inference")
        self._gate.reopen()
        self._times = StageTimes()
        self._governor = Governor()
        motion.forget()
        self._inference = Inference(
            self._chooser,
            portrait,
            motion,
            mirror,
            self._inbox,
            self._gate,
            self._emit,
            self._times,
            self._governor,
        )
        self._inference.slot.wanted = engine
        self._capture = Capture(
            source,
            self._make_cropper,
            self._inbox,
            self._emit,
            self._source_over,
            self._inference.ready,
            self._times,
            self._governor,
        )
        self._deliveries = Deliveries(self._gate, self._emit)
        self._calibration = Calibration(self._capture, self._inference)

    def _new_inspector(self) -> Inspector:
        self._lender = Lender()
        pace = Pace(share_for(usable_cores()))
        newest, portrait = lambda: self._inference.latest, lambda: self._inference.portrait
        return Inspector(self._showing, newest, portrait, pace)

    def _showing(self, maps: Sequence[str]) -> Engine:
        return self._lender.lend(self._chooser.showing(maps))

    def _alive(self) -> list[str]:
        workers = [*self._workers, *(d.worker for d in self._deliveries)]
        alive = [worker.name for worker in workers if worker.alive]
        return [*alive, "build"] if self._inference.slot.building else alive

    def _guarded(
        self, origin: str, body: Callable[[threading.Event], None]
    ) -> Callable[[threading.Event], None]:
        """The body of a thread, its error told as an event and kept as the session's failure."""

        def run(stop: threading.Event) -> None:
            try:
                body(stop)
            except Exception as error:
                if not isinstance(error, AvatarError):
                    log.exception("%s failed", origin)
                    error = AvatarError(
                        f"The {origin} thread failed: {type(error).__name__}: {error}.",
                        hint=REPORT,
                    )
                self._emit(Event.of("error", error, origin))
                self._source_over(error)

        return run

    def _source_over(self, error: AvatarError | None) -> None:
        self.failure = self.failure or error
        self._over.set()

    def _emit(self, event: Event) -> None:
        note(event)
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                if listener not in self._deaf:
                    self._deaf.add(listener)
                    log.exception("a listener failed on %s", event)
            else:
                self._deaf.discard(listener)
