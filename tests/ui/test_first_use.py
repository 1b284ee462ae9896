"""First use from end to end: the guide, a file as camera, a recording, and the second start.

Everything is real but the camera (a file), the engine (the fake one) and the virtual camera's
driver (there is none): the session, MediaPipe, the gallery, the settings.
"""

import threading
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt

from avatar.assets import asset
from avatar.errors import SinkError
from avatar.offline.clip import read_clip
from ui.controller import State
from ui.desk import Desk
from ui.ports import Ports
from ui.settings.memory import Memory


class NoDriver(Ports):
    """The real ports on a machine without a virtual camera driver."""

    def virtual_camera_lacks(self):
        return SinkError("No virtual camera driver is installed.", hint="Run: install one.")


@pytest.fixture
def opened(qtbot, qapp, home, monkeypatch):
    """Opens the application as ``avatar run --engine fake`` does."""
    monkeypatch.setattr("ui.controller.Ports", NoDriver)
    desks = []

    def begin():
        memory = Memory(home / "config")
        config, look = memory.open(lambda saved: replace(saved, engine="fake"))
        made = Desk(qapp, memory)
        made.open(config, look)
        desks.append(made)
        return made.window

    yield begin
    for made in desks:
        made.close()
    qapp.setStyleSheet("")


@pytest.fixture
def clip():
    return asset("driving.mp4")


@pytest.mark.slow
def test_from_the_first_start_to_the_second(qtbot, opened, clip, tmp_path, monkeypatch):
    threads = []
    save = Memory.save
    monkeypatch.setattr(
        Memory,
        "save",
        lambda self, *args: (threads.append(threading.current_thread()), save(self, *args))[1],
    )
    asked = []
    monkeypatch.setattr("ui.window.ask_video", lambda window, chosen: asked.append(chosen))
    window = opened()
    guide = window.guide

    # The first picture is there without a click, and the guide beside it.
    qtbot.waitUntil(lambda: window.result.image is not None, timeout=60000)
    assert guide.isVisible() and guide.step == 0

    # Step 1: the next portrait, by keyboard.
    qtbot.waitUntil(lambda: len(window.portrait.paths) > 1, timeout=20000)
    name = window.portrait.name.text()
    guide.next_portrait.setFocus()
    qtbot.keyClick(guide.next_portrait, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.portrait.name.text() != name, timeout=20000)
    second = window.portrait.name.text()
    guide.next.setFocus()
    qtbot.keyClick(guide.next, Qt.Key.Key_Space)

    # Step 2: a file as camera.
    assert guide.step == 1 and window.side.page == "camera"
    guide.video.setFocus()
    qtbot.keyClick(guide.video, Qt.Key.Key_Space)
    asked.pop()(clip)
    qtbot.waitUntil(lambda: window.controller.config.camera == str(clip), timeout=20000)
    qtbot.waitUntil(lambda: guide.cameras.currentText() == clip.name, timeout=20000)
    qtbot.keyClick(guide.next, Qt.Key.Key_Space)

    # Step 3: no driver; that is said, and it goes without.
    qtbot.waitUntil(lambda: "No virtual camera driver" in guide.words.text(), timeout=20000)
    assert not guide.virtual_camera.isEnabled()
    qtbot.keyClick(guide.next, Qt.Key.Key_Space)
    assert guide.isHidden()

    # Calibrate, and record a moment.
    window.controller.change_look(recordings=tmp_path / "videos")
    qtbot.keyClick(window, Qt.Key.Key_X)
    shown = window.result.image
    qtbot.waitUntil(lambda: window.result.image is not shown, timeout=20000)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(window.bar.record.isChecked, timeout=20000)
    seen = set()
    qtbot.waitUntil(lambda: seen.add(id(window.result.image)) or len(seen) > 3, timeout=20000)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(
        lambda: any(b.message == "Recording saved" for b in window.banners.shown()), timeout=20000
    )
    (recording,) = (tmp_path / "videos").glob("*.mp4")
    assert read_clip(recording).seconds > 0

    # Closed: everything ended, everything is saved, and not by the GUI thread.
    assert window.controller.state is State.RUNNING
    window.close()
    assert window.survivors == []
    assert threads and threading.main_thread() not in threads

    # The second start: the same portrait and file, and no guide.
    window = opened()
    assert window.guide.isHidden()
    qtbot.waitUntil(lambda: window.result.image is not None, timeout=60000)
    qtbot.waitUntil(lambda: window.portrait.name.text() == second, timeout=20000)
    assert window.controller.config.camera == str(clip) and window.controller.config.loop
    assert window.controller.config.engine == "fake"
    window.close()
    assert window.survivors == []
