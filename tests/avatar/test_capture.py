"""What capture does with frames that are not worth cropping; how a session uses it is in
test_session.py."""

import threading
import time

import numpy as np

from avatar.capture import Capture
from avatar.channels import Mailbox
from avatar.events import Event
from avatar.frame import Crop, Frame
from avatar.governor import CUT, Advice, Governor

BOX = np.array([0, 0, 256, 256], np.float32)
GREY = np.full((256, 256, 3), 90, np.uint8)
KEEP = Advice(True, over=True)


class Told(Governor):
    """Advises as it is told, frame by frame; and what to tell the user."""

    def __init__(self, *advice: Advice, news: bool | None = None) -> None:
        super().__init__()
        self.script = list(advice)
        self._news = news

    def advise(self, now_ns: int, *, waiting: bool) -> Advice:
        return self.script.pop(0)

    def news(self) -> bool | None:
        told, self._news = self._news, None
        return told


class Clip:
    name, fps, size = "clip", 30.0, (256, 256)

    def __init__(self, frames: int, live: bool = True) -> None:
        self.live = live
        self.reconnects = False
        self._left = list(range(frames))

    def open(self) -> None:
        pass

    def read(self) -> Frame | None:
        return Frame(GREY, self._left.pop(0), time.monotonic_ns()) if self._left else None

    def close(self) -> None:
        pass


class Cropper:
    def __init__(self, held: bool = False) -> None:
        self.cut: list[int] = []
        self.passed: list[int] = []
        self._held = held

    def crop(self, frame: Frame) -> Crop:
        self.cut.append(frame.index)
        return Crop(frame.image, BOX, None, self._held, frame.index, frame.t_ns)

    def pass_over(self, frame: Frame) -> None:
        self.passed.append(frame.index)

    def close(self) -> None:
        pass


class Run:
    """Frames through a capture, on this thread, until the clip is over."""

    def __init__(
        self, frames: int, governor: Governor, *, live: bool = True, held: bool = False
    ) -> None:
        self.events: list[Event] = []
        self.cropper = Cropper(held)
        self.box: Mailbox[Crop] = Mailbox(1, "inference")
        self.stop, ready = threading.Event(), threading.Event()
        ready.set()
        self.capture = Capture(
            Clip(frames, live),
            lambda: self.cropper,
            self.box,
            self.events.append,
            lambda _: self.stop.set(),
            ready,
            governor=governor,
        )

    def go(self) -> "Run":
        self.capture.body(self.stop)
        return self


def test_a_frame_that_is_kept_is_replaced_by_the_next_and_counted() -> None:
    governor = Told(KEEP, KEEP, CUT, CUT)  # nobody is asked about the first frame
    run = Run(5, governor).go()
    assert run.cropper.cut == [0, 3, 4] and run.cropper.passed == [1, 2]
    assert governor.skipped == 2


def test_the_last_frame_of_a_file_is_shown_though_it_was_kept() -> None:
    governor = Told(KEEP, KEEP)
    run = Run(3, governor).go()
    assert run.cropper.cut == [0, 2] and governor.skipped == 1
    crop = run.box.get(0)
    assert crop is not None and crop.index == 2


def test_an_older_crop_is_taken_back_for_a_newer_frame() -> None:
    run = Run(2, Told(Advice(True, withdraw=True), CUT)).go()
    assert run.cropper.cut == [0, 1] and run.box.dropped == 1
    crop = run.box.get(0)
    assert crop is not None and crop.index == 1


def test_a_frame_that_is_kept_is_seen_with_the_crop_before_it() -> None:
    governor = Told(KEEP, CUT)
    run = Run(3, governor)
    seen: list[tuple[int, int]] = []
    came = governor.came

    def look(now_ns: int) -> None:
        if run.capture.latest is not None:
            frame, crop = run.capture.latest
            seen.append((frame.index, crop.index))
        came(now_ns)

    governor.came = look  # type: ignore[method-assign]
    run.go()
    assert seen == [(0, 0), (1, 0)]


def test_every_frame_is_cropped_while_the_face_is_lost_or_somebody_watches() -> None:
    assert Run(4, Told(), held=True).go().cropper.cut == [0, 1, 2, 3]
    run, watched = Run(4, Told()), list[int]()
    run.capture.watch = lambda crop: None if crop is None else watched.append(crop.index)
    assert run.go().cropper.cut == [0, 1, 2, 3] == watched


def test_a_source_that_waits_for_us_loses_nothing() -> None:
    assert Run(4, Told(), live=False).go().cropper.cut == [0, 1, 2, 3]


def test_that_the_engine_is_too_slow_or_keeps_up_is_told_once() -> None:
    for news, words in ((True, "slower than the camera"), (False, "keeps up")):
        told = [e for e in Run(3, Told(CUT, CUT, news=news)).go().events if e.kind == "info"]
        assert len(told) == 1 and words in told[0].message
