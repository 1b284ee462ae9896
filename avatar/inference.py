"""Inference: the thread that owns the engine."""

import logging
import threading
from concurrent.futures import Future
from time import monotonic_ns

import numpy as np

from avatar.animator import Animator
from avatar.channels import Closed, FrameBus, Mailbox
from avatar.commands import Commands
from avatar.engine import Engine
from avatar.errors import Cancelled
from avatar.events import Emit
from avatar.frame import Animated, Crop, Frame, Portrait
from avatar.motion import Motion
from avatar.slot import EngineChooser, EngineSlot
from avatar.stats import Series, SinkStats

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
        bus: where animated frames go.
        emit: told what happens.

    Attributes:
        latest: the newest result, for a polling preview; None before the first.
        commands: carried out by the thread between two frames.
        slot: the engine, why it is this one, and which one is wanted.
        portrait: the one animated.
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
        bus: FrameBus[Frame],
        emit: Emit,
    ) -> None:
        self.portrait = portrait
        self.motion = motion
        self.mirror = mirror
        self.latest: Animated | None = None
        self.commands = Commands()
        self.stage_ms: dict[str, Series] = {
            stage: Series() for stage in ("detect", "motion", "render")
        }
        self.published = SinkStats()
        self.ready = threading.Event()
        self.slot = EngineSlot(chooser, self._animator_on, self.commands.ask, emit)
        self._box = box
        self._bus = bus
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
                crop = self._box.get(WAIT_S)
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
        self.portrait = portrait

    def calibrate(self) -> None:
        """Take the next face as neutral."""
        if self.slot.animator is not None:
            self.slot.animator.calibrate()

    def set_mirror(self, mirror: bool) -> None:
        """Switch the mirror."""
        self.mirror = mirror
        if self.slot.animator is not None:
            self.slot.animator.set_mirror(mirror)

    def set_engine(self, spec: str, done: "Future[None]") -> None:
        """Go on with another engine; ``done`` is answered once it runs, or why it does not."""
        self.slot.change(spec, done, self._stop)

    def forget_driver(self) -> None:
        """Another driver follows; crops of the old one that still wait are not taken for it."""
        while self._box.get(0) is not None:
            pass
        if self.slot.animator is not None:
            self.slot.animator.forget_driver()

    def _animate(self, animator: Animator, crop: Crop, stop: threading.Event) -> Animator:
        try:
            animated = animator.animate(crop)
        except Exception as error:
            return self.slot.replace(error, stop)
        self.latest = animated
        self._bus.publish(animated.frame)
        self.published.delivered(crop.index, (monotonic_ns() - crop.t_ns) / 1e6)
        for stage, ms in animated.stage_ms.items():
            self.stage_ms[stage].add(ms)
        return animator

    def _animator_on(self, engine: Engine) -> Animator:
        animator = Animator(engine, self.motion, mirror=self.mirror)
        animator.set_portrait(self.portrait)
        return animator
