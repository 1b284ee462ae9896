import sys

import pytest

from avatar.errors import SinkError
from avatar.sinks import device
from avatar.sinks.loopback import free_device, give_back, loopbacks, woken
from avatar.sources.v4l2 import Capabilities

BUSY = Capabilities("v4l2 loopback", capture=True, sizes=(), output=False)
ASLEEP = Capabilities("v4l2 loopback", capture=False, sizes=(), output=False)
FREE = Capabilities("v4l2 loopback", capture=False, sizes=(), output=True)


linux = pytest.mark.skipif(sys.platform != "linux", reason="asks a Linux driver")


@pytest.fixture(autouse=True)
def on_linux(monkeypatch):
    monkeypatch.setattr(device.platform, "system", lambda: "Linux")


def node(root, name, place):
    """A device node below /sys, where its kind keeps it."""
    home = root / "devices" / place / name
    home.mkdir(parents=True)
    (root / "class").mkdir(exist_ok=True)
    (root / "class" / name).symlink_to(home)


def test_loopbacks_are_listed_by_number_and_real_cameras_left_alone(tmp_path):
    for name, place in (
        ("video10", "virtual/video4linux"),
        ("video2", "virtual/video4linux"),
        ("video3", "virtual/video4linux"),
        ("video4", "virtual/video4linux"),
        ("video0", "pci0000:00/usb1"),
    ):
        node(tmp_path, name, place)
    answers = {"video10": BUSY, "video2": FREE, "video3": Capabilities("other", True, ())}
    asked = []

    def ask(path):
        asked.append(path.name)
        return answers.get(path.name)  # video4: not allowed

    found = loopbacks(tmp_path / "class", tmp_path / "dev", ask)
    assert found == {str(tmp_path / "dev/video2"): FREE, str(tmp_path / "dev/video10"): BUSY}
    assert "video0" not in asked


def test_a_machine_without_video_has_none(tmp_path):
    assert loopbacks(tmp_path / "class", tmp_path, lambda path: FREE) == {}


def test_the_first_free_one_is_taken_but_never_the_one_that_drives():
    found = {"/dev/video0": BUSY, "/dev/video1": FREE, "/dev/video2": FREE}
    assert free_device(None, None, found) == "/dev/video1"
    assert free_device(None, "1", found) == "/dev/video2"
    assert free_device("2", None, found) == "/dev/video2"


def test_loaded_without_exclusive_caps_it_is_tried():
    both = Capabilities("v4l2 loopback", capture=True, sizes=(), output=True)
    assert free_device(None, None, {"/dev/video0": both}) == "/dev/video0"


def test_one_that_is_in_use_is_refused_in_words():
    with pytest.raises(SinkError, match="another program sends to /dev/video0") as refused:
        free_device("0", None, {"/dev/video0": BUSY})
    assert "Close the other program" in refused.value.hint


def test_when_all_are_in_use_that_is_said_not_that_there_is_none():
    with pytest.raises(SinkError, match="/dev/video0, /dev/video1 are in use") as refused:
        free_device(None, None, {"/dev/video0": BUSY, "/dev/video1": BUSY})
    assert "devices=2" in refused.value.hint


def test_where_none_is_known_opening_has_to_tell_why():
    assert free_device(None, None, {}) is None
    assert free_device("/dev/video9", None, {}) == "/dev/video9"


class Streams:
    """The kernel's side of ``ioctl``: notes the requests; refuses them, as without buffers."""

    def __init__(self, monkeypatch):
        import fcntl

        self.asked = []
        monkeypatch.setattr(fcntl, "ioctl", self)

    def __call__(self, handle, request, argument):
        self.asked.append((request, bytes(argument)))
        raise OSError(22, "Invalid argument")


@linux
@pytest.mark.parametrize("said", [ASLEEP, BUSY])  # nobody has it open, or a reader still has
def test_a_device_that_was_written_to_takes_pictures_again(tmp_path, monkeypatch, said):
    streams = Streams(monkeypatch)
    (tmp_path / "video1").touch()
    give_back(str(tmp_path / "video1"), lambda path: said)
    assert streams.asked == [(0x40045612, b"\2\0\0\0")]  # VIDIOC_STREAMON, output


@linux
@pytest.mark.parametrize("said", [FREE, None, Capabilities("uvcvideo", True, ())])
def test_one_that_takes_them_already_or_is_none_is_left_alone(tmp_path, monkeypatch, said):
    streams = Streams(monkeypatch)
    (tmp_path / "video1").touch()
    give_back(str(tmp_path / "video1"), lambda path: said)
    assert streams.asked == []


@linux
def test_one_that_is_gone_meanwhile_is_no_error(tmp_path):
    give_back(str(tmp_path / "video1"), lambda path: ASLEEP)


def test_devices_that_neither_give_nor_take_are_woken_and_asked_again():
    found = {"/dev/video0": BUSY, "/dev/video1": ASLEEP}

    def wake(path):
        found[path] = FREE

    assert woken(lambda: dict(found), wake) == {"/dev/video0": BUSY, "/dev/video1": FREE}


def test_where_all_are_awake_they_are_asked_once():
    asked = []

    def find():
        asked.append(1)
        return {"/dev/video0": FREE}

    assert woken(find, lambda path: pytest.fail(path)) == {"/dev/video0": FREE}
    assert len(asked) == 1
