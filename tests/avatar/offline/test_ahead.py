"""Reading ahead."""

import threading
import time

import numpy as np
import pytest

from avatar.cropper import FaceCropper
from avatar.errors import SourceLost
from avatar.frame import Frame
from avatar.offline import ahead
from avatar.offline.ahead import DEPTH, Ahead

BLACK = np.zeros((64, 64, 3), np.uint8)


class Counted:
    """``count`` black frames, then the end or an error."""

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self.count, self.error = count, error
        self.given = 0
        self.readers: set[str] = set()

    def read(self) -> Frame | None:
        self.readers.add(threading.current_thread().name)
        if self.given == self.count:
            if self.error is not None:
                raise self.error
            return None
        self.given += 1
        return Frame(BLACK, self.given - 1, self.given * 40_000_000)


def cropper() -> FaceCropper:
    return FaceCropper(None, enabled=False)


def test_every_frame_comes_once_in_order_with_its_crop() -> None:
    source = Counted(50)
    with Ahead(source, cropper()) as read:
        found = [(frame.index, crop.index, crop.t_ns) for frame, crop in read]
    assert found == [(i, i, (i + 1) * 40_000_000) for i in range(50)]
    assert source.readers == {"read-ahead"}


def test_an_empty_source_ends_at_once() -> None:
    with Ahead(Counted(0), cropper()) as read:
        assert list(read) == []


def test_an_error_comes_after_the_frames_before_it() -> None:
    seen = []
    with (
        pytest.raises(SourceLost, match="broke off"),
        Ahead(Counted(3, SourceLost("The file broke off.")), cropper()) as read,
    ):
        for frame, _ in read:
            seen.append(frame.index)
    assert seen == [0, 1, 2]


def test_no_more_than_the_depth_is_read_ahead() -> None:
    source = Counted(1000)
    with Ahead(source, cropper()) as read:
        taken = iter(read)
        for _ in range(3):
            next(taken)
        deadline = time.monotonic() + 2
        while source.given < 3 + DEPTH and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(0.05)
        # Those taken, those waiting, and one in the hand.
        assert 3 + DEPTH <= source.given <= 3 + DEPTH + 1


def test_leaving_in_the_middle_ends_the_thread() -> None:
    source = Counted(1000)
    with pytest.raises(KeyError), Ahead(source, cropper()) as read:
        for frame, _ in read:
            if frame.index == 2:
                raise KeyError
    given = source.given
    time.sleep(0.02)
    assert source.given == given
    assert "read-ahead" not in {thread.name for thread in threading.enumerate()}


def test_a_read_that_does_not_return_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "STOP_S", 0.05)
    hanging = threading.Event()

    class Stuck(Counted):
        def read(self) -> Frame | None:
            frame = super().read()
            if frame is not None and frame.index == 1:
                hanging.wait(2)
            return frame

    try:
        with pytest.raises(SourceLost, match="longer than"), Ahead(Stuck(5), cropper()) as read:
            next(iter(read))
    finally:
        hanging.set()
