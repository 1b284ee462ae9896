"""What names a camera whatever its number: a make-believe /sys and /dev, plugged and replugged."""

from pathlib import Path

import pytest

from avatar.sources import names
from avatar.sources.identity import id_of, is_id, spoken_id
from avatar.sources.names import CameraInfo, Capabilities, find_camera, labels


class Machine:
    """A /sys and a /dev with cameras."""

    def __init__(self, root: Path) -> None:
        self.sys, self.dev, self.root = root / "sys", root / "dev", root
        self.sys.mkdir()
        (self.dev / "v4l" / "by-id").mkdir(parents=True)
        (self.dev / "v4l" / "by-path").mkdir()

    def plug(
        self, number: int, name: str, *, socket: str, usb: str = "", by_id: str = "", udev=True
    ) -> None:
        """A camera: ``usb`` is vendor:product:serial, ``by_id`` the link udev makes."""
        node, device = self.sys / f"video{number}", self.dev / f"video{number}"
        node.mkdir()
        device.touch()
        (node / "name").write_text(f"{name}\n")
        (node / "index").write_text("0\n")
        interface = self.root / "bus" / socket / "1.0"
        interface.mkdir(parents=True)
        (interface / "bInterfaceNumber").write_text("00\n")
        (node / "device").symlink_to(interface)
        for file, word in zip(("idVendor", "idProduct", "serial"), usb.split(":"), strict=False):
            if word:
                (interface.parent / file).write_text(f"{word}\n")
        if udev:
            link = self.dev / "v4l" / "by-path" / f"pci-{socket}-video-index0"
            link.symlink_to(f"../../video{number}")
            if by_id:
                link = self.dev / "v4l" / "by-id" / by_id
                link.unlink(missing_ok=True)  # of twins the last one plugged in gets it
                link.symlink_to(f"../../video{number}")

    def cameras(self) -> list[CameraInfo]:
        seen = Capabilities("uvcvideo", True, ())
        return names.linux_cameras(self.sys, self.dev, lambda _: seen)


@pytest.fixture
def make(tmp_path):
    """A machine; each call is another day, with nothing plugged in."""
    days = iter(range(100))

    def start() -> Machine:
        folder = tmp_path / str(next(days))
        folder.mkdir()
        return Machine(folder)

    return start


LOGI = {"usb": "046D:082d:AB12CD", "by_id": "usb-Logitech_HD_Pro_C920_AB12CD-video-index0"}


def test_a_camera_keeps_its_id_when_its_number_changes(make):
    first = make()
    first.plug(0, "C920", socket="1", **LOGI)
    first.plug(2, "Integrated", socket="2", usb="04f2:b6be:")
    (logi, built_in) = first.cameras()
    assert logi.spec == "id:usb-Logitech_HD_Pro_C920_AB12CD-video-index0"
    assert logi.ids[1:] == ("id:pci-1-video-index0", "id:046d:082d:ab12cd:00:0", "id:name:C920")
    assert built_in.spec == "id:pci-2-video-index0"
    second = make()  # plugged in the other way round, into another socket
    second.plug(0, "Integrated", socket="2", usb="04f2:b6be:")
    second.plug(4, "C920", socket="7", **LOGI)
    found = find_camera(logi.spec, second.cameras())
    assert found is not None and (found.index, found.name) == (4, "C920")
    assert find_camera("/dev/v4l/by-id/" + LOGI["by_id"], second.cameras()) == found


def test_twins_without_serial_numbers_are_told_apart_by_their_sockets(make):
    machine = make()
    for number, socket in ((0, "a"), (2, "b")):
        machine.plug(number, "Cam", socket=socket, usb="1:2:", by_id="usb-X_Cam-video-index0")
    one, two = machine.cameras()
    assert one.ids == ("id:pci-a-video-index0",) and two.ids == ("id:pci-b-video-index0",)
    assert find_camera("id:usb-X_Cam-video-index0", [one, two]) is None  # it may be either
    assert labels([one, two]) == ["Cam (0)", "Cam (2)"]


def test_without_udev_what_usb_says_is_the_id(make):
    machine = make()
    machine.plug(0, "C920", socket="1", udev=False, usb="046d:082d:AB")
    machine.plug(1, "Dummy", socket="2", udev=False)
    usb, dummy = machine.cameras()
    assert usb.spec == "id:046d:082d:ab:00:0"
    assert dummy.spec == "id:name:Dummy"
    assert labels([usb, dummy]) == ["C920", "Dummy"]


def test_a_camera_that_is_not_there_is_not_another_one(make):
    machine = make()
    machine.plug(0, "Integrated", socket="2")
    assert find_camera("id:usb-Logitech_C920-video-index0", machine.cameras()) is None
    assert find_camera("id:Integrated", machine.cameras()) is None  # no part of a name


def test_windows_and_macos_list_names_and_ids_unopened(monkeypatch):
    class Entry:
        def __init__(self, index, name, path):
            self.index, self.name, self.path = index, name, path

    entries = [Entry(1, "OBS Virtual Camera", None), Entry(0, "HD Webcam", r"\\?\usb#vid_04f2")]
    found = names.listed_cameras(entries)
    assert [(c.index, c.name, c.virtual, c.spec) for c in found] == [
        (0, "HD Webcam", False, r"id:\\?\usb#vid_04f2"),
        (1, "OBS Virtual Camera", True, "id:name:OBS Virtual Camera"),
    ]
    monkeypatch.setattr(names, "SYSTEM", "Windows")
    monkeypatch.setattr(names, "_enumerator", lambda: lambda api: entries)
    assert [c.name for c in names.cameras()] == ["HD Webcam", "OBS Virtual Camera"]
    before = names.signs()
    entries.pop()
    assert names.signs() not in (None, before)
    monkeypatch.setattr(names, "_enumerator", lambda: None)
    assert names.signs() is None  # it cannot be told without switching cameras on


def test_plugging_in_is_noticed(make, monkeypatch):
    machine = make()
    monkeypatch.setattr(names, "SYSTEM", "Linux")
    monkeypatch.setattr(names, "SYS", machine.sys)
    monkeypatch.setattr(names, "DEV", machine.dev)
    before = names.signs()
    assert before == () and names.signs() == before
    machine.plug(0, "C920", socket="1")
    assert names.signs() != before


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("id:usb-Logitech_Logitech_Webcam_C930e_AB12CD34-video-index0", "Logitech Webcam C930e"),
        ("id:usb-Logitech_HD_Pro_C920-video-index0", "Logitech HD Pro C920"),
        ("/dev/v4l/by-id/usb-X_Cam_200901010001-video-index0", "X Cam"),
        ("id:name:FaceTime HD Camera", "FaceTime HD Camera"),
        ("id:", "id:"),
    ],
)
def test_an_id_can_be_said(text, spoken):
    assert spoken_id(text) == spoken


def test_what_is_an_id():
    assert is_id("id:x") and is_id("/dev/v4l/by-path/x")
    assert not is_id("/dev/video0") and not is_id("0")
    assert id_of("/dev/v4l/by-path/x") == id_of("id:x") == "id:x"
