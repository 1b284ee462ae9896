"""Session: the live pipeline, wired. Source -> crop -> animate -> sinks, each on its own thread.

    Capture --[Mailbox 1]--> Inference --[FrameBus]--> Delivery per sink

Every hand-over keeps only the newest frame (a recorder's longer), so a slow stage costs frames and
never time. It knows no window: listeners get events, views poll :meth:`Session.latest`.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from time import monotonic

from avatar.capture import Capture, Cropper
from avatar.channels import FrameBus, Mailbox
from avatar.config import RunConfig
from avatar.delivery import Deliveries
from avatar.engine import AUTO
from avatar.errors import AvatarError
from avatar.events import Event
from avatar.frame import Animated, Crop, Frame, Portrait
from avatar.inference import Inference
from avatar.motion import Motion
from avatar.sinks.base import Sink
from avatar.slot import EngineChooser
from avatar.sources.base import Source
from avatar.stats import SessionStats
from avatar.worker import Worker, stop_all

__all__ = ["Event", "Session", "open_session"]

log = logging.getLogger(__name__)


class Session:
    """A live run, from :meth:`start` to :meth:`stop`; afterwards it may start again.

    All methods may be called from any thread and none but :meth:`stop` and :meth:`wait` waits. What
    is asked of a thread comes back as a Future; one asked before the start is answered then, one
    that can no longer be answered is cancelled. Event listeners must not call start or stop.

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
    ) -> None:
        self._listeners: list[Callable[[Event], None]] = []
        self.failure: AvatarError | None = None
        self._make_cropper = make_cropper
        self._chooser = chooser
        self._model = model
        self._notices = notices
        self._sinks = list(sinks)
        self._lifecycle = threading.RLock()
        self._running = False
        self._over = threading.Event()
        self._workers: list[Worker] = []  # capture, inference
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
                self._wire(
                    self._capture.source,
                    self._inference.portrait,
                    self._inference.motion,
                    self._inference.mirror,
                    self._inference.slot.wanted,
                )
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
                return []  # never started: what was asked for waits for the start
            deadline = monotonic() + timeout_s
            self._running = False
            for worker in self._workers:
                worker.request_stop()
            self._inbox.close()
            survivors = stop_all(self._workers[::-1], timeout_s * 0.6)
            self._capture.commands.close()
            self._inference.commands.close()
            survivors += self._inference.slot.stop_builds(max(0.0, deadline - monotonic()) / 2)
            survivors += self._deliveries.stop(deadline - monotonic())
            self._over.set()
            if survivors:
                log.warning("still running after %g s: %s", timeout_s, ", ".join(survivors))
            return survivors

    def wait(self, timeout_s: float) -> bool:
        """Whether it is over (file ended, failure, stop), after waiting ``timeout_s`` at most."""
        return self._over.wait(timeout_s)

    def __enter__(self) -> "Session":
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    # -- commands ---------------------------------------------------------------------------------

    def set_portrait(self, portrait: Portrait) -> "Future[None]":
        """Animate another portrait; before the start, that one instead of the first."""
        if not self._workers:
            self._inference.portrait = portrait
        return self._inference.commands.ask(lambda: self._inference.set_portrait(portrait))

    def set_source(self, source: Source) -> "Future[None]":
        """Be driven by another source; if it cannot be opened, the old one goes on."""
        future = self._capture.set_source(source)
        future.add_done_callback(self._driver_changed)
        return future

    def calibrate(self) -> "Future[None]":
        """Take the next face as the neutral pose."""
        return self._inference.commands.ask(self._inference.calibrate)

    def set_mirror(self, mirror: bool) -> "Future[None]":
        """Move like a mirror image, or not."""
        return self._inference.commands.ask(lambda: self._inference.set_mirror(mirror))

    def set_engine(self, spec: str) -> "Future[None]":
        """Run the networks by another engine ("auto", "ov", "ov:int8"); before the start, by that.

        Done when it runs. What has to be built first is built while the present engine goes on
        ("building" events); :meth:`cancel_build` ends that. If it cannot run, the present one goes
        on, and the Future has the error.
        """
        if not self._workers:
            self._inference.slot.wanted = spec
        done: Future[None] = Future()
        asked = self._inference.commands.ask(lambda: self._inference.set_engine(spec, done))

        def settle(asked: "Future[None]") -> None:
            if asked.cancelled():
                done.cancel()

        asked.add_done_callback(settle)
        return done

    def cancel_build(self) -> None:
        """Give up the engine that is being built, if one is; the present one goes on."""
        self._inference.slot.cancel_build()

    def set_relative(self, relative: bool) -> "Future[None]":
        """Move the portrait by the driver's motion, or take the driver's pose."""
        return self._set_motion("relative", relative)

    def set_adapt_scale(self, adapt_scale: bool) -> "Future[None]":
        """Scale the movement by the sizes of the faces, or not."""
        return self._set_motion("adapt_scale", adapt_scale)

    def set_smoothing(self, smoothing: bool) -> "Future[None]":
        """Smooth keypoints over time, or not."""
        return self._set_motion("smoothing", smoothing)

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

    # -- what it shows ----------------------------------------------------------------------------

    def latest(self) -> Animated | None:
        """The newest animated frame; never waits."""
        return self._inference.latest

    def latest_input(self) -> tuple[Frame, Crop] | None:
        """The newest driving frame and its crop; never waits."""
        return self._capture.latest

    @property
    def portrait(self) -> Portrait:
        """The one animated now."""
        return self._inference.portrait

    @property
    def source(self) -> Source:
        """The driver."""
        return self._capture.source

    def sink_errors(self) -> list[AvatarError]:
        """Why sinks ended early, one error for each that did."""
        return [d.error for d in self._deliveries if d.error is not None]

    def sinks_failed(self) -> bool:
        """Whether there were sinks and none is left."""
        return self._deliveries.failed()

    def stats(self) -> SessionStats:
        """The figures of this run so far; also after it."""
        inference, deliveries = self._inference, tuple(self._deliveries)
        first = self._deliveries.first() or inference.published
        stages = {"crop": self._capture.crop_ms, **inference.stage_ms}
        return SessionStats(
            fps=first.rate.lately(),
            fps_out=first.rate.overall,
            frames=first.rate.count,
            seconds=first.rate.span_s,
            frame_age_ms=first.age_ms.percentiles(),
            sink_age_ms={d.name: d.stats.age_ms.percentiles() for d in deliveries},
            drops={
                "inference": self._inbox.dropped,
                **{d.name: d.box.dropped for d in deliveries},
            },
            stage_ms={name: series.percentiles() for name, series in stages.items()},
            engine=inference.slot.engine,
            engine_reason=inference.slot.reason,
            model=self._model,
        )

    # -- inside -----------------------------------------------------------------------------------

    def _wire(
        self, source: Source, portrait: Portrait, motion: Motion, mirror: bool, engine: str
    ) -> None:
        self._inbox: Mailbox[Crop] = Mailbox(1, "inference")
        self._bus: FrameBus[Frame] = FrameBus()
        motion.forget()
        self._inference = Inference(
            self._chooser, portrait, motion, mirror, self._inbox, self._bus, self._emit
        )
        self._inference.slot.wanted = engine
        self._capture = Capture(
            source,
            self._make_cropper,
            self._inbox,
            self._emit,
            self._source_over,
            self._inference.ready,
        )
        self._deliveries = Deliveries(self._bus, self._emit)

    def _set_motion(self, setting: str, value: bool) -> "Future[None]":
        inference = self._inference
        return inference.commands.ask(lambda: setattr(inference.motion, setting, value))

    def _driver_changed(self, changed: "Future[None]") -> None:
        if not changed.cancelled() and changed.exception() is None:
            self._inference.commands.ask(self._inference.forget_driver)

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
                        hint="Run avatar -v and report what it says.",
                    )
                self._emit(Event.of("error", error, origin))
                self._source_over(error)

        return run

    def _source_over(self, error: AvatarError | None) -> None:
        self.failure = self.failure or error
        self._over.set()

    def _emit(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed on %s", event)


def open_session(config: RunConfig) -> Session:
    """A session as configured, not yet started. Reads the portrait: takes a second or two.

    Raises:
        AvatarError: the portrait, driver or output cannot be used; nothing was written.
    """
    from avatar import assembly

    assembly.check_names(config)
    driver = assembly.find_driver(config)
    sinks = assembly.sinks(config, driver)  # checks outputs before anything slow
    source = assembly.source(config, driver)
    portrait = assembly.portrait(config)
    warnings = [Event("warning", sentence) for sentence in portrait.warnings]
    return Session(
        source,
        assembly.cropper_maker(config),
        assembly.engine_chooser(config),
        portrait,
        sinks,
        motion=Motion(config.relative, config.adapt_scale, config.smoothing),
        mirror=config.mirror,
        engine=config.engine,
        model=config.model,
        notices=[*driver.notices, *warnings],
    )
