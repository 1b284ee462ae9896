"""The list of cameras: off the GUI thread, without our own, noticed as they come and go."""

import threading
import time

import pytest

from avatar.errors import SourceRefused
from avatar.sources.names import CameraInfo
from ui.bridge import Bridge
from ui.camera.cameras import Cameras


@pytest.fixture
def own():
    return [""]


@pytest.fixture
def cameras(qtbot, ports, own):
    bridge = Bridge()
    made = Cameras(bridge, ports, lambda: own[0])
    yield made
    bridge.close(2.0)


def look(qtbot, cameras):
    with qtbot.waitSignal(cameras.found, timeout=20000):
        cameras.find()
    return [camera.name for camera in cameras.offered]


def test_real_cameras_come_first(qtbot, cameras, ports):
    ports.plugged.insert(0, CameraInfo(1, "OBS", "/dev/video1", virtual=True))
    assert look(qtbot, cameras) == ["Front", "Side", "OBS"]


def test_our_own_virtual_camera_is_never_offered(qtbot, cameras, ports, own):
    ports.plugged.append(CameraInfo(4, "Avatar Camera", "/dev/video4", virtual=True))
    ports.plugged.append(CameraInfo(5, "Dummy", "/dev/video5", virtual=True))
    assert look(qtbot, cameras) == ["Front", "Side", "Dummy"]
    own[0] = "/dev/video5"  # it is written to now
    assert look(qtbot, cameras) == ["Front", "Side"]
    own[0] = "Side"  # as Windows names it
    assert look(qtbot, cameras) == ["Front", "Dummy"]


def test_without_a_camera_it_is_said_why(qtbot, cameras, ports):
    ports.plugged.clear()
    with qtbot.waitSignal(cameras.none_because, timeout=20000) as told:
        cameras.find()
    assert told.args == ["It is locked away."] and cameras.offered == []


def test_plugging_in_is_noticed_and_nothing_is_listed_without_need(qtbot, cameras, ports):
    look(qtbot, cameras)
    listed = []
    cameras.found.connect(listed.append)
    cameras.watch()
    qtbot.waitUntil(lambda: not cameras._watching, timeout=20000)
    assert not listed
    ports.plugged.append(CameraInfo(7, "New"))
    with qtbot.waitSignal(cameras.found, timeout=20000):
        cameras.watch()
    assert [camera.name for camera in listed[0]] == ["Front", "Side", "New"]


def test_pictures_are_taken_of_all_but_the_one_in_use(qtbot, cameras, ports):
    look(qtbot, cameras)
    ports.plugged.append(CameraInfo(7, "Busy"))
    look(qtbot, cameras)
    ports.errors["picture 7"] = SourceRefused("Busy is in use.", cause="busy")
    got, taking = [], []
    cameras.pictured.connect(lambda *args: got.append(args))
    cameras.taking.connect(taking.append)
    cameras.take_pictures("0")
    qtbot.waitUntil(lambda: taking == [True, False], timeout=20000)
    (side, busy) = got
    assert side[0] == "2" and side[1].shape == (108, 192, 3) and side[2] is None
    assert busy[0] == "7" and busy[1] is None and busy[2].cause == "busy"


def test_no_camera_is_switched_on_unasked(qtbot, cameras, ports):
    look(qtbot, cameras)
    cameras.watch()
    qtbot.waitUntil(lambda: not cameras._watching, timeout=20000)
    assert ports.pictured == []


def test_nothing_runs_on_the_gui_thread(qtbot, cameras, ports):
    look(qtbot, cameras)
    cameras.watch()
    with qtbot.waitSignal(cameras.pictured, timeout=20000):
        cameras.take_pictures("0")
    qtbot.waitUntil(lambda: not cameras._watching, timeout=20000)
    assert set(ports.looks) == {"ui-cameras", "ui-watch-cameras", "ui-camera-pictures"}


def test_a_camera_is_let_go_before_it_drives(qtbot, cameras, ports, monkeypatch):
    look(qtbot, cameras)
    entered, leave, order = threading.Event(), threading.Event(), []

    def picture(self, spec):
        entered.set()
        leave.wait(5)
        order.append(f"picture {spec}")
        raise SourceRefused("dark")

    monkeypatch.setattr(type(ports), "camera_picture", picture)
    cameras.take_pictures("")
    assert entered.wait(2)
    waiter = threading.Thread(target=lambda: (cameras.let_go(), order.append("free")))
    waiter.start()
    time.sleep(0.02)
    leave.set()
    waiter.join(2)
    assert order == ["picture 0", "free"]  # and none of the second camera
