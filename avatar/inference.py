"""Inference: the thread that owns the engine."""

import logging
import threading
from concurrent.futures import Future
from dataclasses import replace
from time import monotonic_ns

import numpy as np

from avatar.animator import Animator
from avatar.channels import Closed, Mailbox
from avatar.commands import Commands
from avatar.engine import Engine
from avatar.errors import Cancelled
from avatar.events import Emit
from avatar.frame import Animated, Crop, Frame, Portrait
from avatar.gate import STALE_S, Gate
from avatar.governor import Governor
from avatar.motion.settings import MotionSettings
from avatar.motion.transfer import Motion
from avatar.rest import Rest
from avatar.slot import EngineChooser, EngineSlot
from avatar.stats import Series, SinkStats, StageTimes

log = logging.getLogger(__name__)

WAIT_S = 0.05
"""How long commands wait at most while no frames come."""


class Inference:
    """Opens an engine, animates the newest crop, publishes the result.

    Engines that cannot be opened are passed over, each with a warning. One that fails while running
    is replaced once. Another can take its place between two frames (avatar/slot.py).

    Args:
        chooser: chooses engines, on the thread.
        portrait: what to animate.
        motion: how; the thread owns it from now on.
        mirror: move like a mirror image.
        box: where crops come from.
        gate: where frames go; it decides what of them the sinks get.
        emit: told what happens.
        times: told how long the stages of each frame took.
        governor: told when the engine takes a crop, and when it waits for the next.

    Attributes:
        latest: the newest result, for a polling preview; None before the first.
        commands: carried out by the thread between two frames.
        slot: the engine, why it is this one, and which one is wanted.
        portrait: the one animated.
        rest: what is shown when nobody drives.
        stage_ms: how long each stage took.
        ready: set when the first engine runs.
        published: rate and age of the frames as they leave this thread.
    """

    def __init__(
        self,
        chooser: EngineChooser,
        portrait: Portrait,
        motion: Motion,
        mirror: bool,
        box: Mailbox[Crop],
        gate: Gate,
        emit: Emit,
        times: StageTimes | None = None,
        governor: Governor | None = None,
    ) -> None:
        self.portrait = portrait
        self.motion = motion
        self.mirror = mirror
        self.rest = gate.rest
        self.latest: Animated | None = None
        self.commands = Commands()
        self.stage_ms: dict[str, Series] = {
            stage: Series() for stage in ("detect", "motion", "render")
        }
        self.published = SinkStats()
        self.ready = threading.Event()
        self.slot = EngineSlot(chooser, self._animator_on, self.commands.ask, emit)
        self._box = box
        self._gate = gate
        self._times = times or StageTimes()
        self._governor = governor or Governor()
        self._last: tuple[Crop, int] | None = None  # the newest crop, and when it came (ns)
        self._eased = 0.0  # how far the pose is at rest without it
        self._stop = threading.Event()  # of the running body

    def body(self, stop: threading.Event) -> None:
        """Run until ``stop``.

        Raises:
            AvatarError: there is no engine to go on with.
        """
        self._stop = stop
        # NumPy works out its limits once, and gets them wrong once a runtime flushes denormals.
        np.finfo(np.float32), np.finfo(np.float64)
        try:
            animator = self.slot.fill(stop)
            self.ready.set()
            self._box.clear()  # what came while the engine was loading is old
            while not stop.is_set():
                self.commands.run()
                self._governor.free(monotonic_ns())
                crop = self._box.get(WAIT_S)
                if crop is not None:
                    self._governor.busy(monotonic_ns())
                    self._last, self._eased = (crop, monotonic_ns()), 0.0
                    if self._gate.raw:
                        self._gate.publish(Frame(crop.image, crop.index, crop.t_ns), raw=True)
                else:
                    crop = self._without_camera(animator.rest)
                if crop is not None:
                    animator = self._animate(animator, crop, stop)
        except (Closed, Cancelled):
            log.debug("inference ends early")
        finally:
            self.commands.close()
            self.slot.close()

    # Called through ``commands`` only.

    def set_portrait(self, portrait: Portrait) -> None:
        """Animate another portrait."""
        if self.slot.animator is not None and portrait is not self.portrait:
            self.slot.animator.set_portrait(portrait)
            _log_portrait(portrait)
        self.portrait = portrait

    def set_mirror(self, mirror: bool) -> None:
        """Switch the mirror."""
        self.mirror = mirror
        if self.slot.animator is not None:
            self.slot.animator.set_mirror(mirror)

    def set_motion(self, settings: MotionSettings) -> None:
        """Move the portrait otherwise."""
        self.motion.settings = settings

    def set_rest(self, rest: Rest) -> None:
        """Rest otherwise when nobody drives."""
        self.rest = rest
        if self.slot.animator is not None:
            self.slot.animator.rest = rest

    def set_engine(self, spec: str, done: "Future[None]") -> None:
        """Go on with another engine; ``done`` is answered once it runs, or why it does not."""
        self.slot.change(spec, done, self._stop)

    def forget_driver(self) -> None:
        """Another driver follows; crops of the old one that still wait are not taken for it."""
        while self._box.get(0) is not None:
            pass
        self._last = None
        if self.slot.animator is not None:
            self.slot.animator.forget_driver()

    def _animate(self, animator: Animator, crop: Crop, stop: threading.Event) -> Animator:
        try:
            animated = animator.animate(crop)
        except Exception as error:
            return self.slot.replace(error, stop)
        self.latest = animated
        if crop.held and animator.rest.covers(crop.lost_ms):
            self._gate.publish_slate(crop.index, crop.t_ns)
        else:
            self._gate.publish(animated.frame)
        age_ms = (monotonic_ns() - crop.t_ns) / 1e6
        self.published.delivered(crop.index, age_ms)
        self._times.animated(crop.index, crop.t_ns, age_ms, animated.stage_ms)
        for stage, ms in animated.stage_ms.items():
            self.stage_ms[stage].add(ms)
        return animator

    def _without_camera(self, rest: Rest) -> Crop | None:
        """While no pictures come: the last crop as one whose face is lost, until it is at rest."""
        if self._last is None:
            return None
        crop, since_ns = self._last
        now = monotonic_ns()
        idle_ms = (now - since_ns) / 1e6
        eased = rest.eased(crop.lost_ms + idle_ms)
        if idle_ms < STALE_S * 1e3 or eased == self._eased:
            return None
        self._eased = eased
        return replace(crop, held=True, t_ns=now, lost_ms=crop.lost_ms + idle_ms)

    def _animator_on(self, engine: Engine) -> Animator:
        animator = Animator(engine, self.motion, mirror=self.mirror)
        animator.rest = self.rest
        animator.set_portrait(self.portrait)
        _log_portrait(self.portrait)
        return animator


def _log_portrait(portrait: Portrait) -> None:
    """Whose picture it is, its name, stays private."""
    height, width = portrait.full.shape[:2]
    side = portrait.box[2] - portrait.box[0]
    face = "no face known" if portrait.face is None else "its face found"
    log.info("portrait of %dx%d, square of %.0f, %s", width, height, side, face)
