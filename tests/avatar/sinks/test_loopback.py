import pytest

from avatar.errors import SinkError
from avatar.sinks import device
from avatar.sinks.loopback import free_device, loopbacks
from avatar.sources.v4l2 import Capabilities

BUSY = Capabilities("v4l2 loopback", capture=True, sizes=(), output=False)
FREE = Capabilities("v4l2 loopback", capture=False, sizes=(), output=True)


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
