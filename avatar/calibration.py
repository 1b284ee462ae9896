"""Calibration: a session's neutral pose: taken now, found, set, asked for.

It stands between the two threads: faces are looked at on the capture thread (about 0.1 ms for each
new one, and only while a search goes on), keypoints are detected on the inference thread.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from typing import Any, TypeVar

from avatar.animator import Animator
from avatar.capture import Capture
from avatar.errors import Cancelled
from avatar.frame import Crop
from avatar.inference import Inference
from avatar.pose.head import HeadPose
from avatar.pose.match import Target
from avatar.pose.neutral import Neutral
from avatar.pose.reference import WINDOW_S, Choice, Finder, Progress

T = TypeVar("T")


class Calibration:
    """Any thread may call every method; none waits. What no thread is left for is cancelled.

    Args:
        capture: whose frames are searched.
        inference: whose animator has the neutral pose.
    """

    def __init__(self, capture: Capture, inference: Inference) -> None:
        self._capture = capture
        self._inference = inference
        self._lock = threading.Lock()
        self._finder: Finder | None = None
        self._taking: Future[HeadPose | None] | None = None

    def take(self) -> "Future[HeadPose | None]":
        """Make the next face neutral; done when one was taken, with its pose if it was tracked."""
        taken: Future[HeadPose | None] = Future()
        with self._lock:
            before, self._taking = self._taking, taken
        if before is not None:
            before.cancel()

        def told(pose: HeadPose | None) -> None:
            if taken.set_running_or_notify_cancel():
                taken.set_result(pose)

        asked = self._ask(lambda animator: animator.calibrate(told))
        asked.add_done_callback(lambda _: _pass_failure(asked, taken))
        return taken

    def find(self, target: Target, window_s: float = WINDOW_S) -> "Future[Choice]":
        """Make the frame neutral that is most like a target; done when it is.

        Args:
            target: the portrait's pose, not mirrored.
            window_s: how long to look for it.
        """
        wanted = target.mirrored() if self._inference.mirror else target
        finder = Finder(wanted, window_s)
        chosen: Future[Choice] = Future()

        def use(found: "Future[Choice]") -> None:
            if _pass_failure(found, chosen):
                return
            choice = found.result(0)
            asked = self._ask(lambda animator: animator.calibrate_to(choice.crop))
            asked.add_done_callback(lambda _: _answer(asked, chosen, choice))

        finder.found.add_done_callback(use)
        with self._lock:
            before, self._finder = self._finder, finder
        if before is not None:
            before.cancel()
        self._capture.watch = self._offer
        # Nobody looks any more if capture has ended: the search ends with it.
        looks = self._capture.commands.ask(lambda: None)
        looks.add_done_callback(lambda asked: finder.cancel() if asked.cancelled() else None)
        return chosen

    def cancel(self) -> None:
        """Give up what is searched or waited for; what was neutral stays so."""
        with self._lock:
            finder, taking = self._finder, self._taking
            self._finder = self._taking = None
        if finder is not None:
            finder.cancel()
        if taking is not None and taking.cancel():
            self._ask(lambda animator: animator.stop_waiting())

    def set_neutral(self, neutral: Neutral) -> "Future[None]":
        """Make a remembered pose neutral, from the next frame on."""
        return self._ask(lambda animator: animator.set_neutral(neutral))

    def neutral(self) -> "Future[Neutral | None]":
        """What is neutral now; None before anything is. Costs a detection or two."""
        return self._ask(lambda animator: animator.neutral())

    @property
    def progress(self) -> Progress | None:
        """How far the search is; None while there is none."""
        finder = self._finder
        return None if finder is None or finder.over else finder.progress

    @property
    def pose(self) -> HeadPose | None:
        """The neutral pose's head; None where nothing is neutral, or no face was tracked."""
        animator = self._inference.slot.animator
        return None if animator is None else animator.neutral_pose

    def _offer(self, crop: Crop | None) -> None:
        """On the capture thread: the newest crop, or None while there is none."""
        finder = self._finder
        if finder is not None:
            finder.offer(crop, monotonic())
        if finder is None or finder.over:
            self._capture.watch = None
            if self._finder is not finder:  # another search began just now
                self._capture.watch = self._offer

    def _ask(self, work: Callable[[Animator], T]) -> "Future[T]":
        def act() -> T:
            animator = self._inference.slot.animator
            if animator is None:
                raise Cancelled("There is no engine to calibrate.")
            return work(animator)

        return self._inference.commands.ask(act)


def _pass_failure(source: "Future[Any]", target: "Future[Any]") -> bool:
    """Cancel or fail one Future as another was; False where that one succeeded."""
    if source.cancelled():
        target.cancel()
        return True
    error = source.exception(0)
    if error is None:
        return False
    if isinstance(error, Cancelled):
        target.cancel()
    elif target.set_running_or_notify_cancel():
        target.set_exception(error)
    return True


def _answer(source: "Future[Any]", target: "Future[T]", result: T) -> None:
    if not _pass_failure(source, target) and target.set_running_or_notify_cancel():
        target.set_result(result)
