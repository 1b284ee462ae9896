"""Session: the live pipeline, wired. Source -> crop -> animate -> sinks, each on its own thread.

    Capture --[Mailbox 1]--> Inference --[Gate]--> Delivery per sink

Every hand-over keeps only the newest frame (a recorder's longer), so a slow stage costs frames and
never time. It knows no window: listeners get events, views poll :meth:`Session.latest`.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from time import monotonic, monotonic_ns

import numpy as np

from avatar.calibration import Calibration
from avatar.capture import Capture, Cropper
from avatar.channels import Mailbox
from avatar.config import RunConfig
from avatar.delivery import Deliveries
from avatar.engine import AUTO, Engine
from avatar.errors import AvatarError
from avatar.events import Event
from avatar.frame import Animated, Crop, Frame, Image, Portrait
from avatar.framing import Framing
from avatar.gate import Gate
from avatar.head import HeadPose
from avatar.inference import Inference
from avatar.inspector import Inspector
from avatar.maps import Maps
from avatar.match import Target, target_of
from avatar.motion import Motion
from avatar.motion_settings import MotionSettings
from avatar.neutral import Neutral
from avatar.pace import Pace, share_for, usable_cores
from avatar.reference import Choice, Progress
from avatar.rest import Rest
from avatar.sinks.base import Sink
from avatar.slot import EngineChooser
from avatar.sources.base import Source
from avatar.sources.state import SourceState
from avatar.stats import SessionStats, StageTimes
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
                self._inspector.want(())
                return []  # never started: what was asked for waits for the start
            deadline = monotonic() + timeout_s
            self._running = False
            for worker in self._workers:
                worker.request_stop()
            self._inspector.want(())
            self._inbox.close()
            survivors = stop_all(self._workers[::-1], timeout_s * 0.6)
            self._capture.commands.close()
            self._inference.commands.close()
            self._calibration.cancel()
            survivors += self._inference.slot.stop_builds(max(0.0, deadline - monotonic()) / 2)
            survivors += self._deliveries.stop(deadline - monotonic())
            survivors += self._inspector.stop(max(0.0, deadline - monotonic()))
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

    def set_source(self, source: Source, *, same_driver: bool = False) -> "Future[None]":
        """Be driven by another source; if it cannot be opened, the old one goes on.

        Args:
            source: not open.
            same_driver: it is the same camera with other settings: the neutral pose stays.
        """
        future = self._capture.set_source(source)
        if not same_driver:
            future.add_done_callback(self._driver_changed)
        return future

    def set_framing(self, framing: Framing) -> "Future[None]":
        """Zoom and pan the driving crop; it stays so for later starts."""
        return self._capture.commands.ask(lambda: self._capture.set_framing(framing))

    def set_following(self, on: bool) -> "Future[None]":
        """Have the driving crop follow the face, or keep to the centre of the picture."""
        return self._capture.commands.ask(lambda: self._capture.follow(on))

    def set_loop(self, on: bool) -> "Future[None]":
        """Begin a driving file again at its end, or not."""
        return self._capture.commands.ask(lambda: self._capture.set_loop(on))

    def calibrate(self) -> "Future[HeadPose | None]":
        """Take the next face as the neutral pose; done when one was taken, with its head's pose."""
        return self._calibration.take()

    def find_reference(self, target: Target | None = None) -> "Future[Choice]":
        """Take as neutral what is most like the portrait within the next three seconds.

        Args:
            target: what the portrait shows; None = as far as its own face is known, else someone
                looking straight ahead.
        """
        return self._calibration.find(target or target_of(self.portrait))

    def cancel_calibration(self) -> None:
        """Give up what :meth:`calibrate` or :meth:`find_reference` wait for."""
        self._calibration.cancel()

    def set_neutral(self, neutral: Neutral) -> "Future[None]":
        """Take a remembered pose as the neutral one."""
        return self._calibration.set_neutral(neutral)

    def use_remembered(self, neutral: Neutral) -> None:
        """Take a remembered pose as the neutral one; an event tells if it does not fit."""

        def settle(asked: "Future[None]") -> None:
            error = None if asked.cancelled() else asked.exception(0)
            if isinstance(error, AvatarError):
                self._emit(Event.of("warning", error, "inference"))

        self.set_neutral(neutral).add_done_callback(settle)

    def neutral(self) -> "Future[Neutral | None]":
        """The neutral pose now, to be remembered; None before there is one."""
        return self._calibration.neutral()

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

    def set_motion(self, settings: MotionSettings) -> "Future[None]":
        """Let the driver's movement reach the portrait like this, from the next frame on."""
        return self._inference.commands.ask(lambda: self._inference.set_motion(settings))

    def set_rest(self, rest: Rest) -> "Future[None]":
        """Rest otherwise when nobody drives; what is done by the outputs alone changes at once."""
        self._gate.rest = rest
        return self._inference.commands.ask(lambda: self._inference.set_rest(rest))

    def set_slate(self, slate: Image) -> None:
        """Take another slate, (256, 256, 3) uint8 RGB; where it is shown, at once."""
        self._gate.set_slate(slate)

    def panic(self, on: bool) -> None:
        """Show the slate in every output, or no longer; it stays so from one start to the next.

        Done when it returns, even while an engine or a sink hangs: no sink is handed anything else
        any more, and what was grabbed meanwhile is never shown. It also ends :meth:`set_raw`.
        """
        self._gate.hide(on)

    def set_raw(self, on: bool) -> bool:
        """Send the driver's own face, as the crop shows it, instead of the portrait; or no longer.

        The one way by which a camera's picture gets out; off at every start. Ask the user first.

        Returns:
            Whether it is sent now: never while hidden by :meth:`panic`.
        """
        return self._gate.pass_raw(on)

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

    def inspect(self, wanted: Sequence[str], point: tuple[float, float] | None = None) -> None:
        """Have maps of the newest result made from now on, for :meth:`latest_maps`; none = no more.

        They come from an engine of their own, on a thread of its own that takes a small share of
        the time (avatar/inspector.py). Portrait and mirror are followed. Returns at once.

        Args:
            wanted: names of maps: depth, flow, occlusion, mask, attention.
            point: of the result, x and y in [0, 1] from the upper left, whose attention is wanted.
        """
        self._inspector.want(wanted, point)

    # -- what it shows ----------------------------------------------------------------------------

    def latest_maps(self) -> Maps | None:
        """The newest maps that :meth:`inspect` asked for, or None; never waits."""
        return self._inspector.latest

    @property
    def maps_error(self) -> AvatarError | None:
        """Why there are no maps; it is tried again every few seconds."""
        return self._inspector.error

    def note_shown(self, frame: Frame) -> None:
        """A view tells that this animated frame is on the screen now."""
        age_ms = (monotonic_ns() - frame.t_ns) / 1e6
        self._times.displayed(frame.index, frame.t_ns, age_ms)

    def stage_times(self, seconds: float) -> tuple[np.ndarray, np.ndarray]:
        """How long the stages of the frames of the last ``seconds`` took: (n,) float32 seconds from
        now, and (n, 7) float32 milliseconds by :data:`avatar.stats.STAGES`."""
        return self._times.recent(seconds, monotonic_ns())

    def latest(self) -> Animated | None:
        """The newest result, with the frame that the outputs show; never waits."""
        animated, shown = self._inference.latest, self._gate.shown
        if animated is None or shown is None or shown is animated.frame:
            return animated
        return replace(animated, frame=shown)

    def latest_input(self) -> tuple[Frame, Crop] | None:
        """The newest driving frame and its crop; never waits."""
        return self._capture.latest

    @property
    def hidden(self) -> bool:
        """Whether outputs show the slate by :meth:`panic`."""
        return self._gate.hidden

    @property
    def raw(self) -> bool:
        """Whether the driver's own face is sent."""
        return self._gate.raw

    @property
    def finding(self) -> Progress | None:
        """How far :meth:`find_reference` is; None while nothing is searched."""
        return self._calibration.progress

    @property
    def neutral_pose(self) -> HeadPose | None:
        """The neutral head; None where nothing is neutral yet, or no face was tracked."""
        return self._calibration.pose

    @property
    def portrait(self) -> Portrait:
        """The one animated now."""
        return self._inference.portrait

    @property
    def labelled(self) -> bool:
        """Whether the model's keypoints are known parts of the face, eyes and mouth among them."""
        return self._inference.motion.labels is not None

    @property
    def source(self) -> Source:
        """The driver."""
        return self._capture.source

    def source_state(self) -> SourceState:
        """What the driver is doing: size and rate it gives, lost or not, place in a file."""
        return self._capture.state

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
        self._gate.reopen()
        self._times = StageTimes()
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
        )
        self._deliveries = Deliveries(self._gate, self._emit)
        self._calibration = Calibration(self._capture, self._inference)

    def _new_inspector(self) -> Inspector:
        pace = Pace(share_for(usable_cores()))
        return Inspector(self._showing, self.latest, lambda: self.portrait, pace)

    def _showing(self, maps: Sequence[str]) -> Engine:
        return self._chooser.showing(maps)

    def _driver_changed(self, changed: "Future[None]") -> None:
        if not changed.cancelled() and changed.exception() is None:
            self._calibration.cancel()
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
    from avatar.labelling import labels_for
    from avatar.recall import recalled

    assembly.check_names(config)
    driver = assembly.find_driver(config)
    sinks = assembly.sinks(config, driver)  # checks outputs before anything slow
    source = assembly.source(config, driver)
    portrait = assembly.portrait(config)
    slate, notices = assembly.slate(config)
    warnings = [Event("warning", sentence) for sentence in portrait.warnings]
    # With a window it is looked up on a thread of its own, and anew for each portrait.
    kept, told = recalled(driver.spec, portrait, config.model) if config.headless else (None, [])
    session = Session(
        source,
        assembly.cropper_maker(config),
        assembly.engine_chooser(config),
        portrait,
        sinks,
        motion=Motion(config.motion, labels_for(config.model, config.engine)),
        mirror=config.mirror,
        engine=config.engine,
        model=config.model,
        notices=[*driver.notices, *notices, *warnings, *told],
        rest=config.rest,
        slate=slate,
    )
    if kept is not None:
        session.use_remembered(kept.neutral)
    return session
