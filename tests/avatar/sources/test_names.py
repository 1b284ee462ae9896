"""Listing cameras: from the kernel's files on Linux, by trying elsewhere."""

import os
import struct

import pytest

from avatar.errors import SourceError
from avatar.sources import names, v4l2
from avatar.sources.names import CameraInfo, Capabilities, find_camera


@pytest.fixture
def kernel(tmp_path):
    for number, name in (
        (10, "Logi C920\n"),
        (2, "OBS Cam\n"),
        (0, "Integrated Camera: Integrated C\n"),
        (1, "Integrated\n"),
    ):
        (tmp_path / f"video{number}").mkdir()
        (tmp_path / f"video{number}" / "name").write_text(name)
    (tmp_path / "video5").mkdir()  # going away: no name
    return tmp_path


def test_the_kernel_is_asked(kernel, tmp_path):
    answers = {
        "video0": Capabilities("uvcvideo", True, ((1280, 720), (640, 480))),
        "video1": Capabilities("uvcvideo", False, ()),  # metadata of the same camera
        "video2": Capabilities("v4l2 loopback", True, ()),
        "video10": None,  # may not be asked
    }
    found = names.linux_cameras(kernel, tmp_path / "dev", lambda path: answers[path.name])
    assert [(c.index, c.name, c.virtual) for c in found] == [
        (0, "Integrated Camera", False),
        (2, "OBS Cam", True),
        (10, "Logi C920", False),
    ]
    assert found[0].sizes[0] == (1280, 720)
    assert found[0].device == str(tmp_path / "dev" / "video0")


def test_without_any_camera_the_folder_is_not_there(tmp_path):
    assert names.linux_cameras(tmp_path / "none", tmp_path, lambda path: None) == []


@pytest.mark.skipif(names.SYSTEM != "Linux", reason="asks a Linux driver")
def test_what_a_driver_says_is_read_rightly(tmp_path, monkeypatch):
    """A make-believe driver: MJPG in two sizes, and YUYV as a range."""
    import fcntl

    (tmp_path / "video0").touch()
    sizes = {b"MJPG": [(1, 1280, 720, 0, 0, 0, 0), (1, 640, 480, 0, 0, 0, 0)],
             b"YUYV": [(3, 16, 1920, 8, 16, 1080, 8)]}  # fmt: skip

    def ioctl(handle, request, argument):
        if request == v4l2._QUERYCAP:
            argument[:8] = b"uvcvideo"
            struct.pack_into("<II", argument, 84, 0x84A00001, 0x04200001)
        elif request == v4l2._ENUM_FMT:
            index, _ = struct.unpack_from("<II", argument)
            if index >= len(sizes):
                raise OSError(22, "Invalid argument")
            argument[44:48] = list(sizes)[index]
        elif request == v4l2._ENUM_FRAMESIZES:
            index, pixel_format = struct.unpack_from("<II", argument)
            entries = sizes[struct.pack("<I", pixel_format)]
            if index >= len(entries):
                raise OSError(22, "Invalid argument")
            struct.pack_into("<7I", argument, 8, *entries[index])
        return 0

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    said = v4l2.ask_driver(tmp_path / "video0")
    assert said == Capabilities("uvcvideo", True, ((1920, 1080), (1280, 720), (640, 480)))


@pytest.mark.skipif(names.SYSTEM != "Linux", reason="asks a Linux driver")
@pytest.mark.parametrize(("flags", "capture", "output"), [(1, True, False), (2, False, True)])
def test_a_loopback_that_nobody_feeds_takes_pictures_and_gives_none(
    tmp_path, monkeypatch, flags, capture, output
):
    import fcntl

    (tmp_path / "video0").touch()

    def ioctl(handle, request, argument):
        if request != v4l2._QUERYCAP:
            raise OSError(22, "Invalid argument")
        argument[:13] = b"v4l2 loopback"
        struct.pack_into("<II", argument, 84, 0x85200000 | flags, 0x05200000 | flags)
        return 0

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    said = v4l2.ask_driver(tmp_path / "video0")
    assert said == Capabilities("v4l2 loopback", capture, (), output)


@pytest.mark.skipif(names.SYSTEM != "Linux", reason="asks a Linux driver")
def test_a_file_that_is_no_device_answers_nothing(tmp_path):
    (tmp_path / "video0").touch()
    assert v4l2.ask_driver(tmp_path / "video0") is None
    assert v4l2.ask_driver(tmp_path / "video1") is None


def test_elsewhere_the_first_numbers_are_tried_and_let_go():
    released = []

    class Capture:
        def __init__(self, index, api):
            self.index = index

        def isOpened(self):
            return self.index in (0, 2)

        def get(self, prop):
            return {3: 640.0, 4: 480.0}[prop]

        def release(self):
            released.append(self.index)

    found = names.probed_cameras(Capture)
    assert [(c.index, c.name, c.sizes) for c in found] == [
        (0, "Camera 0", ((640, 480),)),
        (2, "Camera 2", ((640, 480),)),
    ]
    assert released == [0, 1, 2, 3]


FOUND = [
    CameraInfo(0, "Integrated Camera", "/dev/video0"),
    CameraInfo(2, "Cam", "/dev/video2"),
    CameraInfo(3, "Webcam C920", "/dev/video3"),
]


@pytest.mark.parametrize("text, index", [
    ("0", 0), (" 3 ", 3), ("/dev/video2", 2), ("c920", 3), ("cam", 2), ("INTEGRATED", 0),
])  # fmt: skip
def test_finding_one(text, index):
    camera = find_camera(text, FOUND)
    assert camera is not None and camera.index == index


@pytest.mark.parametrize("text", ["1", "/dev/video9", "logitech"])
def test_finding_none(text):
    assert find_camera(text, FOUND) is None


def test_finding_too_many():
    with pytest.raises(SourceError, match="fits 2 cameras") as caught:
        find_camera("am c", [*FOUND, CameraInfo(5, "Webcam C930")])
    assert "number" in caught.value.hint


def test_a_link_to_a_device(tmp_path, monkeypatch):
    monkeypatch.setattr(os.path, "realpath", lambda path: "/dev/video3")
    camera = find_camera("/dev/v4l/by-id/usb-046d", FOUND)
    assert camera is not None and camera.index == 3


def test_this_machine_can_be_asked():
    assert isinstance(names.cameras(), list) if names.SYSTEM == "Linux" else True
