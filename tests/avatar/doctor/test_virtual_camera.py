"""The virtual camera through fakes: the pattern that comes back, wrong, late, or not at all."""

import threading
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from avatar.doctor.finding import Status
from avatar.doctor.loopback import tried
from avatar.doctor.pattern import pattern, verdict
from avatar.doctor.virtual_camera import check
from avatar.errors import SinkError, SourceError
from avatar.frame import Frame, Image
from avatar.sinks.virtualcam import VirtualCamera

SENT = pattern(1280, 720)


def yuv(image: Image) -> Image:
    """As a device that keeps colours at half the size gives it back."""
    return np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420),
                                   cv2.COLOR_YUV2RGB_I420), np.uint8)  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (SENT, "same"),
        (yuv(SENT), "same"),
        (pattern(640, 360), "same"),
        (SENT[:, ::-1], "mirrored"),
        (SENT[::-1], "upside down"),
        (SENT[..., ::-1], "red and blue exchanged"),
        (np.zeros_like(SENT), "another picture"),
        (SENT // 2, "another picture"),
    ],
)
def test_what_came_back_is_told_apart(seen: Image, expected: str) -> None:
    assert verdict(np.ascontiguousarray(seen)) == expected


class Device:
    """A loopback device: what is sent last is what is read."""

    device = "/dev/video9"

    def __init__(self) -> None:
        self.shown: Image = np.zeros((4, 4, 3), np.uint8)
        self.new = threading.Event()

    def __call__(self, *args: Any, **options: Any) -> "Device":
        return self

    def send(self, frame: Image) -> None:
        self.shown = frame.copy()
        self.new.set()

    def close(self) -> None:
        pass


class Reader:
    """Reads the device, each picture through ``way``."""

    live, name, size, fps = True, "reader", (1280, 720), 30.0

    def __init__(self, device: Device, way: Callable[[Image], Image], fails: bool = False) -> None:
        self.device, self.way, self.fails = device, way, fails

    def open(self) -> None:
        if self.fails:
            raise SourceError("It gives nothing.")

    def read(self) -> Frame:
        assert self.device.new.wait(10)
        self.device.new.clear()
        return Frame(np.ascontiguousarray(self.way(self.device.shown)), 0, 0)

    def close(self) -> None:
        pass


def ticking() -> Callable[[], float]:
    """A clock that fifty looks take to the end of the time there is."""
    now = [0.0]

    def clock() -> float:
        now[0] += 0.08
        return now[0]

    return clock


@pytest.mark.parametrize(
    ("way", "seen"),
    [
        (lambda image: image, "same"),
        (lambda image: image[:, ::-1], "mirrored"),
        (lambda image: image * 0, "another picture"),
    ],
)
def test_the_pattern_is_sent_and_read(way: Callable[[Image], Image], seen: str) -> None:
    device = Device()
    made = tried(VirtualCamera(make=device, fps=200), lambda path: Reader(device, way), ticking())
    assert (made["device"], made["seen"], made["why"]) == ("/dev/video9", seen, "")


def test_one_that_cannot_be_read_says_why() -> None:
    device = Device()
    made = tried(VirtualCamera(make=device), lambda path: Reader(device, yuv, fails=True))
    assert made["why"] == "It gives nothing."


def test_elsewhere_it_is_only_opened() -> None:
    assert tried(VirtualCamera(make=Device()), None)["seen"] == ""


@pytest.mark.parametrize(
    ("seen", "why", "status"),
    [
        ("same", "", Status.OK),
        ("", "", Status.OK),
        ("mirrored", "", Status.FAILED),
        ("another picture", "", Status.FAILED),
        ("", "It gives nothing.", Status.FAILED),
    ],
)
def test_the_finding(told: Any, seen: str, why: str, status: Status) -> None:
    answer = {"device": "/dev/video9", "seen": seen, "why": why}
    (finding,) = check(told(answer), lambda: None)
    assert finding.status is status and bool(finding.cure) is (status is Status.FAILED)


def test_no_driver_is_a_warning_and_nothing_is_opened(told: Any) -> None:
    apart = told({})
    (finding,) = check(apart, lambda: SinkError("No driver.", hint="Install it."))
    assert (finding.status, finding.cure, apart.asked) == (Status.WARNING, "Install it.", [])


def test_one_that_does_not_open_fails(told: Any) -> None:
    (finding,) = check(told(SinkError("Busy.", hint="Close it.")), lambda: None)
    assert (finding.status, finding.cure) == (Status.FAILED, "Close it.")


def test_it_is_read_only_once_a_picture_was_sent():
    """Before, a loopback loaded with exclusive_caps is no camera."""
    camera = VirtualCamera(make=Device(), fps=200)
    sent = []

    def reader(path):
        sent.append(camera.sent)
        return Reader(Device(), yuv, fails=True)

    tried(camera, reader)
    assert sent[0] > 0
