"""Inference: the thread that owns the engine."""

import logging
import threading
from collections.abc import Callable
from time import monotonic_ns

from avatar.animator import Animator
from avatar.channels import Closed, FrameBus, Mailbox
from avatar.commands import Commands
from avatar.engine import Engine
from avatar.errors import AvatarError, Cancelled, EngineError
from avatar.events import Emit, Event
from avatar.frame import Animated, Crop, Frame, Portrait
from avatar.motion import Motion
from avatar.stats import Series, SinkStats

log = logging.getLogger(__name__)

EngineFactory = Callable[[frozenset[str]], tuple[Engine, str]]
"""Given the names of engines that failed: another engine, not yet open, and why this one.

Raises EngineError when none is left.
"""

WAIT_S = 0.05
"""How long commands wait at most while no frames come."""

ORIGIN = "inference"


class Inference:
    """Opens an engine, animates the newest crop, publishes the result.

    Engines that cannot be opened are passed over, each with a warning. One that fails while running
    is replaced once.

    Args:
        make_engine: chooses engines, on the thread.
        portrait: what to animate.
        motion: how; the thread owns it from now on.
        mirror: move like a mirror image.
        box: where crops come from.
        bus: where animated frames go.
        emit: told what happens.

    Attributes:
        latest: the newest result, for a polling preview; None before the first.
        commands: carried out by the thread between two frames.
        engine, reason: name of the engine used (last) and why; empty before the first.
        portrait: the one animated.
        stage_ms: how long each stage took.
        ready: set when the first engine runs.
        published: rate and age of the frames as they leave this thread.
    """

    def __init__(
        self,
        make_engine: EngineFactory,
        portrait: Portrait,
        motion: Motion,
        mirror: bool,
        box: Mailbox[Crop],
        bus: FrameBus[Frame],
        emit: Emit,
    ) -> None:
        self.portrait = portrait
        self.motion = motion
        self.mirror = mirror
        self.latest: Animated | None = None
        self.commands = Commands()
        self.engine = ""
        self.reason = ""
        self.stage_ms: dict[str, Series] = {
            stage: Series() for stage in ("detect", "motion", "render")
        }
        self.published = SinkStats()
        self.ready = threading.Event()
        self._make_engine = make_engine
        self._box = box
        self._bus = bus
        self._emit = emit
        self._failed: frozenset[str] = frozenset()
        self._replaced = False
        self._animator: Animator | None = None

    def body(self, stop: threading.Event) -> None:
        """Run until ``stop``.

        Raises:
            AvatarError: there is no engine to go on with.
        """
        try:
            animator = self._open(stop)
            self._box.clear()  # what came while the engine was loading is old
            while not stop.is_set():
                self.commands.run()
                crop = self._box.get(WAIT_S)
                if crop is not None:
                    animator = self._animate(animator, crop, stop)
        except (Closed, Cancelled):
            log.debug("inference ends early")
        finally:
            self.commands.close()
            if self._animator is not None:
                self._animator.engine.close()
            self._animator = None

    # Called through ``commands`` only.

    def set_portrait(self, portrait: Portrait) -> None:
        """Animate another portrait."""
        if self._animator is not None and portrait is not self.portrait:
            self._animator.set_portrait(portrait)
        self.portrait = portrait

    def calibrate(self) -> None:
        """Take the next face as neutral."""
        if self._animator is not None:
            self._animator.calibrate()

    def set_mirror(self, mirror: bool) -> None:
        """Switch the mirror."""
        self.mirror = mirror
        if self._animator is not None:
            self._animator.set_mirror(mirror)

    def forget_driver(self) -> None:
        """Another driver follows; crops of the old one that still wait are not taken for it."""
        while self._box.get(0) is not None:
            pass
        if self._animator is not None:
            self._animator.forget_driver()

    def _animate(self, animator: Animator, crop: Crop, stop: threading.Event) -> Animator:
        try:
            animated = animator.animate(crop)
        except Exception as error:
            return self._replace(animator, error, stop)
        self.latest = animated
        self._bus.publish(animated.frame)
        self.published.delivered(crop.index, (monotonic_ns() - crop.t_ns) / 1e6)
        for stage, ms in animated.stage_ms.items():
            self.stage_ms[stage].add(ms)
        return animator

    def _replace(self, animator: Animator, error: Exception, stop: threading.Event) -> Animator:
        """Go on with the next engine, once."""
        name = animator.engine.name
        log.warning("engine %s failed", name, exc_info=error)
        animator.engine.close()
        if self._replaced:
            raise _explained(f"Engine {name} failed as well", error) from error
        self._replaced = True
        self._failed |= {name}
        self._emit(
            Event.of("warning", _explained(f"Engine {name} failed, taking the next", error), ORIGIN)
        )
        return self._open(stop, error)

    def _open(self, stop: threading.Event, cause: Exception | None = None) -> Animator:
        """An animator on the first engine that opens and encodes the portrait."""
        while True:
            self._say("Choosing an engine", 0.0)
            try:
                engine, reason = self._make_engine(self._failed)
            except EngineError as none_left:
                if cause is None:
                    raise
                raise _explained("No engine is left", cause) from none_left
            try:
                animator = self._start(engine, stop)
            except Cancelled:
                engine.close()
                raise
            except Exception as error:
                log.warning("engine %s cannot start", engine.name, exc_info=error)
                engine.close()
                self._failed |= {engine.name}
                cause = error
                what = _explained(f"Engine {engine.name} cannot start, trying the next", error)
                self._emit(Event.of("warning", what, ORIGIN))
                continue
            failed = "".join(f"; {name} failed" for name in sorted(self._failed))
            self.engine, self.reason = engine.name, reason + failed
            self.ready.set()
            self._emit(Event("ready", f"Engine {engine.name}: {self.reason}.", origin=ORIGIN))
            return animator

    def _start(self, engine: Engine, stop: threading.Event) -> Animator:
        def progress(share: float, message: str) -> None:
            self._say(message, 0.1 + 0.6 * share)

        engine.build(progress, stop.is_set)
        self._say(f"Starting engine {engine.name}", 0.7)
        engine.open()
        self._say("Reading the portrait", 0.9)
        if self._animator is None:
            animator = Animator(engine, self.motion, mirror=self.mirror)
            animator.set_portrait(self.portrait)
            self._animator = animator
        else:
            self._animator.set_engine(engine)
        return self._animator

    def _say(self, message: str, share: float) -> None:
        self._emit(Event("loading", message, share=share, origin=ORIGIN))


def _explained(what: str, error: Exception) -> AvatarError:
    """An error for the user: what happened, because of which error."""
    if isinstance(error, AvatarError):
        return EngineError(f"{what}: {error.message}", hint=error.hint)
    return EngineError(f"{what}: {type(error).__name__}: {error}.")
