import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from avatar.errors import SinkError
from ui.guide.guide import STEPS


@pytest.fixture
def guide(running):
    running.guide.begin()
    return running.guide


def test_no_window_without_a_memory_shows_it_by_itself(window):
    assert window.guide.isHidden()


def test_it_is_in_the_window_and_the_result_stays_visible(running, guide):
    assert guide.isVisible() and guide.window() is running
    assert QApplication.activeModalWidget() is None
    assert running.result.isVisible() and running.result.height() > 200
    assert running.side.page == "portrait"


def test_the_first_step_changes_the_portrait(qtbot, running, guide, ports):
    qtbot.waitUntil(lambda: len(running.portrait.paths) >= 3, timeout=20000)
    before = len(ports.loaded)
    guide.next_portrait.click()
    qtbot.waitUntil(lambda: len(ports.loaded) > before, timeout=20000)


def test_the_second_step_changes_the_camera(qtbot, running, guide, session):
    guide.next.click()
    assert running.side.page == "camera"
    qtbot.waitUntil(lambda: guide.cameras.count() >= 3, timeout=20000)
    guide.cameras.setCurrentIndex(0)
    guide.cameras.activated.emit(0)
    qtbot.waitUntil(lambda: bool(session.asked("set_source")), timeout=20000)


def test_without_a_camera_it_says_so(guide):
    guide.show_step(1)
    guide.show_cameras([])
    assert guide.words.text().startswith("No camera was found")
    assert guide.cameras.count() == 1


def test_the_third_step_tells_that_there_is_a_driver_and_switches_it_on(
    qtbot, running, guide, session
):
    guide.show_step(2)
    assert running.side.page == "output"
    qtbot.waitUntil(lambda: "A driver is installed" in guide.words.text(), timeout=20000)
    assert guide.again.isHidden() and session.asked("add_sink") == []
    guide.virtual_camera.click()
    qtbot.waitUntil(lambda: bool(session.asked("add_sink")), timeout=20000)
    qtbot.waitUntil(lambda: "It is on" in guide.words.text(), timeout=20000)
    assert guide.virtual_camera.text() == "Switch it off"


def test_the_third_step_tells_that_there_is_none_and_what_to_do(qtbot, guide, ports):
    ports.errors["driver"] = SinkError("No driver.", hint="Run: install it.")
    guide.show_step(2)
    qtbot.waitUntil(lambda: "No driver. Run: install it." in guide.words.text(), timeout=20000)
    assert "skip" in guide.words.text() and not guide.virtual_camera.isEnabled()
    del ports.errors["driver"]
    guide.again.click()
    qtbot.waitUntil(guide.virtual_camera.isEnabled, timeout=20000)


def test_nothing_can_be_sent_while_nothing_runs(qtbot, window):
    window.guide.begin()
    window.guide.show_step(2)
    qtbot.waitUntil(lambda: "Press Start" in window.guide.words.text(), timeout=20000)
    assert not window.guide.virtual_camera.isEnabled()


def test_return_leads_through_all_of_it(qtbot, running, guide):
    for number, step in enumerate(STEPS):
        assert guide.step == number and guide.next.hasFocus(), step
        qtbot.keyClick(guide.next, Qt.Key.Key_Space)
    assert guide.isHidden() and running.controller.look.guide_seen


def test_escape_leaves_it_and_not_the_window(qtbot, running, guide):
    qtbot.keyClick(guide.next, Qt.Key.Key_Escape)
    assert guide.isHidden() and running.isVisible() and running.controller.look.guide_seen


def test_it_can_be_left_at_any_time_and_shown_again(running, guide):
    guide.next.click()
    guide.close_button.click()
    assert guide.isHidden() and running.controller.look.guide_seen
    running.preferences.menu.guide_wanted.emit()
    assert guide.isVisible() and guide.step == 0
