"""Cameras: none, sound, black, slow, busy, virtual; and what is measured of a fake one."""

from typing import Any

import numpy as np
import pytest

from avatar.doctor.cameras import check, judged
from avatar.doctor.finding import Status
from avatar.doctor.look import find_face, look_at
from avatar.errors import AvatarError, SourceError
from avatar.frame import Frame
from avatar.sources.names import CameraInfo

SOUND = {"name": "c", "size": [640, 480], "promised_fps": 30.0, "fps": 29.8,
         "brightness": 100.0, "contrast": 40.0}  # fmt: skip


class Clock:
    """Seconds that pass with every frame."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Camera:
    """A source that gives grey pictures at a rate, each of them ``again`` times."""

    live, name, size, fps = True, "fake", (4, 3), 30.0

    def __init__(self, clock: Clock, fps: float = 25.0, again: int = 1) -> None:
        self.clock, self.rate, self.again = clock, fps, again
        self.reads, self.closed, self.breaks = 0, False, False

    def open(self) -> None:
        if self.breaks:
            raise SourceError("busy")

    def read(self) -> Frame:
        index = self.reads // self.again
        self.reads += 1
        self.clock.now = self.reads / self.rate / self.again
        return Frame(np.full((3, 4, 3), 7, np.uint8), index, int(index / self.rate * 1e9))

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("again", [1, 3])
def test_the_rate_is_measured_and_repeats_do_not_count(again: int) -> None:
    clock = Clock()
    camera = Camera(clock, 25.0, again)
    told = look_at(camera, clock)
    assert told["fps"] == pytest.approx(25.0) and told["promised_fps"] == 30.0
    assert (told["brightness"], told["contrast"]) == (7.0, 0.0)
    assert camera.closed


def test_one_that_does_not_open_is_closed() -> None:
    clock = Clock()
    camera = Camera(clock)
    camera.breaks = True
    with pytest.raises(SourceError):
        look_at(camera, clock)
    assert camera.closed


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({}, Status.OK, "30 fps"),
        ({"brightness": 3.0, "contrast": 1.0}, Status.WARNING, "black"),
        ({"fps": 15.0}, Status.WARNING, "far fewer"),
        ({"fps": None}, Status.OK, "unknown rate"),
    ],
)
def test_what_was_measured_is_judged(change: dict[str, Any], status: Status, word: str) -> None:
    finding = judged("camera 0", "Cam (/dev/video0)", SOUND | change)
    assert finding.status is status and word in finding.found
    assert bool(finding.cure) is (status is Status.WARNING)


def test_every_camera_is_opened_but_virtual_ones(told: Any) -> None:
    def answer(function: str, index: str) -> Any:
        return SOUND if index == "0" else AvatarError("In use by zoom.", hint="Close zoom.")

    listed = [
        CameraInfo(0, "A", "/dev/video0"),
        CameraInfo(1, "B", "/dev/video1"),
        CameraInfo(2, "Loopback", "/dev/video2", virtual=True),
    ]
    apart = told(answer)
    one, busy, virtual = check(apart, lambda: listed)
    assert one.status is Status.OK
    assert (busy.status, busy.found, busy.cure) == (
        Status.FAILED, "In use by zoom.", "Close zoom.")  # fmt: skip
    assert virtual.status is Status.SKIPPED and len(apart.asked) == 2


def test_no_camera_is_a_warning(told: Any) -> None:
    (finding,) = check(told({}), list)
    assert finding.status is Status.WARNING and finding.cure


@pytest.mark.slow
def test_the_face_of_the_bundled_portrait_is_found() -> None:
    told = find_face()
    assert told["faces"] == 1 and told["cut"] is True
