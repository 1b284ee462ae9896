import pytest
from PyQt6.QtWidgets import QApplication

from avatar.config import RunConfig
from ui.controller import Controller, State
from ui.desk import Desk
from ui.look import Look
from ui.settings.memory import Memory
from ui.window import MainWindow


@pytest.fixture
def memory(home):
    return Memory(home / "config")


@pytest.fixture
def desk(qtbot, qapp, ports, memory, monkeypatch):
    monkeypatch.setattr("ui.controller.Ports", lambda: ports)
    made = Desk(qapp, memory)
    config, look = memory.open(lambda saved: RunConfig(camera="synthetic"))
    made.open(config, look)
    yield made
    made.close()
    qapp.setStyleSheet("")


def reopened(qtbot, desk, *args):
    old = desk.window
    desk.window.preferences.reopen_wanted.emit(*args)
    qtbot.waitUntil(lambda: desk.window is not old, timeout=20000)
    return desk.window


def test_the_window_starts_by_itself(qtbot, desk, session):
    qtbot.waitUntil(lambda: ("start",) in session.calls, timeout=20000)
    assert isinstance(desk.window.controller, Controller)


def test_the_window_waits_for_start_if_that_is_wanted(qtbot, qapp, ports, memory, monkeypatch):
    monkeypatch.setattr("ui.controller.Ports", lambda: ports)
    made = Desk(qapp, memory)
    made.open(RunConfig(camera="synthetic"), Look(start_at_once=False))
    qtbot.waitUntil(lambda: made.window.portrait.paths != [], timeout=20000)
    assert made.window.controller.state is State.STOPPED and ports.configs == []
    made.close()
    qapp.setStyleSheet("")


def test_another_profile_is_another_window_with_its_settings(qtbot, qapp, desk, memory):
    memory.profiles.add("Art", RunConfig(camera="synthetic", mirror=True))
    old = desk.window
    new = reopened(qtbot, desk, "Art", "", False)
    assert new.isVisible() and new is not old
    assert [w for w in qapp.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()] == [
        new
    ]
    assert new.controller.config.mirror and new.controller.look.profile == "Art"
    new = reopened(qtbot, desk, "", "Art", False)
    assert not new.controller.config.mirror and memory.profiles.names() == []


def test_a_virtual_camera_that_was_on_comes_back(qtbot, desk, session):
    qtbot.waitUntil(lambda: ("start",) in session.calls, timeout=20000)
    session.emit("ready", "Ready.", origin="inference")
    qtbot.waitUntil(lambda: desk.window.controller.state is State.RUNNING, timeout=20000)
    desk.window.bar.virtual_camera.setChecked(True)
    sinks = len(session.asked("add_sink"))
    reopened(qtbot, desk, "", "", False)
    qtbot.waitUntil(lambda: len(session.asked("add_sink")) == sinks + 1, timeout=20000)


def test_who_hid_stays_hidden_in_the_next_window(qtbot, desk, session):
    desk.window.controller.safety.hide(True)
    new = reopened(qtbot, desk, "", "", False)
    assert new.controller.safety.hidden and new.hidden_bar.isVisible()
    session.calls.clear()
    qtbot.waitUntil(lambda: session.asked("panic") == [(True,)], timeout=20000)


def test_who_is_hidden_stays_hidden(qtbot, desk, session):
    desk.window.controller.safety.hide(True)
    before = len(session.asked("panic"))
    new = reopened(qtbot, desk, "", "", False)
    assert new.controller.safety.hidden
    qtbot.waitUntil(lambda: len(session.asked("panic")) > before, timeout=20000)
    assert session.asked("panic")[before:] == [(True,)]


def test_what_was_stopped_stays_stopped(qtbot, desk, session, ports):
    qtbot.waitUntil(lambda: ("start",) in session.calls, timeout=20000)
    desk.window.controller.stop()
    qtbot.waitUntil(lambda: desk.window.controller.state is State.STOPPED, timeout=20000)
    new = reopened(qtbot, desk, "", "", False)
    qtbot.waitUntil(lambda: new.portrait.paths != [], timeout=20000)
    assert new.controller.state is State.STOPPED and len(ports.configs) == 1


def test_everything_can_be_reset(qtbot, desk, home):
    desk.window.guide.leave()
    desk.window.controller.change_look(keys={"record": "F7"})
    new = reopened(qtbot, desk, "", "", True)
    assert new.controller.look.keys == {} and new.guide.isVisible()
    assert (home / "config" / "settings.toml").read_text().count("F7") == 0


def test_a_profile_that_is_gone_is_told_in_the_next_window(qtbot, desk):
    new = reopened(qtbot, desk, "gone", "", False)
    assert any("gone" in banner.message for banner in new.banners.shown())


def test_german(qtbot, desk, qapp):
    desk.window.controller.look = Look(language="de")
    new = reopened(qtbot, desk, "", "", False)
    assert new.bar.calibrate.accessibleName() == "Kalibrieren"
    new.controller.look = Look(language="en")
    new = reopened(qtbot, desk, "", "", False)
    assert new.bar.calibrate.accessibleName() == "Calibrate"


def test_damaged_settings_are_told(qtbot, qapp, ports, home, monkeypatch):
    monkeypatch.setattr("ui.controller.Ports", lambda: ports)
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.toml").write_text("= =")
    memory = Memory(home / "config")
    made = Desk(qapp, memory)
    made.open(*memory.open(lambda saved: RunConfig(camera="synthetic")))
    assert "damaged" in made.window.banners.shown()[0].message
    assert QApplication.activeModalWidget() is None
    made.close()
    qapp.setStyleSheet("")
