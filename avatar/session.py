"""Session: what can be asked of a live run."""

from collections.abc import Sequence
from concurrent.futures import Future

from avatar.config import RunConfig
from avatar.errors import AvatarError
from avatar.events import Event
from avatar.frame import Image, Portrait
from avatar.framing import Framing
from avatar.maps import Paint
from avatar.motion.settings import MotionSettings
from avatar.motion.transfer import Motion
from avatar.pose.head import HeadPose
from avatar.pose.match import Target, target_of
from avatar.pose.neutral import Neutral
from avatar.pose.reference import Choice
from avatar.rest import Rest
from avatar.sources.base import Source
from avatar.watched import Watched

__all__ = ["Event", "Session", "open_session"]


class Session(Watched):
    """A live run, from :meth:`start` to :meth:`stop`; afterwards it may start again.

    All methods may be called from any thread and none but :meth:`stop` and :meth:`wait` waits. What
    is asked of a thread comes back as a Future; one asked before the start is answered then, one
    that can no longer be answered is cancelled. Event listeners must not call start or stop.

    It is wired in :class:`avatar.pipeline.Pipeline`, whose arguments it takes; what it shows is in
    :class:`avatar.watched.Watched`.
    """

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
            elif (error := asked.exception(0)) is not None and not done.done():
                done.set_exception(error)

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

    def inspect(
        self,
        wanted: Sequence[str],
        point: tuple[float, float] | None = None,
        paint: Paint | None = None,
    ) -> None:
        """Have maps of the newest result made from now on, for :meth:`latest_maps`; none = no more.

        They come from an engine of their own, on a thread of its own that takes a small share of
        the time (avatar/inspector.py). Portrait and mirror are followed. Returns at once.

        Args:
            wanted: names of maps: depth, flow, occlusion, mask, attention.
            point: of the result, x and y in [0, 1] from the upper left, whose attention is wanted.
            paint: makes pictures of them, on that thread; see :attr:`avatar.maps.Maps.pictures`.
        """
        self._inspector.want(wanted, point, paint)

    def _driver_changed(self, changed: "Future[None]") -> None:
        if not changed.cancelled() and changed.exception() is None:
            self._calibration.cancel()
            self._inference.commands.ask(self._inference.forget_driver)


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
