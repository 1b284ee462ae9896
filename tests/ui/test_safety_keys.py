"""The keys B, 0, F12 and Esc in the window, and the banners that go with them."""

from pathlib import Path
from typing import Any

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import QApplication, QPushButton, QWidget


def test_b_hides_and_shows_and_the_window_says_so(qtbot: Any, running: Any, session: Any) -> None:
    qtbot.keyClick(running, Qt.Key.Key_B)
    assert session.asked("panic")[-1] == (True,)
    assert running.hidden_bar.isVisible() and running.bar.hide_me.isChecked()
    assert "Hidden" in [text for _, text in running.result._pills]
    qtbot.keyClick(running, Qt.Key.Key_B)
    assert session.asked("panic")[-1] == (False,)
    assert not running.hidden_bar.isVisible() and not running.bar.hide_me.isChecked()


def test_b_works_while_stopped_and_the_button_is_always_there(
    qtbot: Any, window: Any, session: Any
) -> None:
    assert window.bar.hide_me.isEnabled()
    window.bar.hide_me.click()
    assert window.controller.safety.hidden and window.hidden_bar.isVisible()
    window.controller.begin()
    qtbot.waitUntil(lambda: ("panic", True) in session.calls, timeout=20000)


def test_0_asks_in_a_banner_that_blocks_nothing(qtbot: Any, running: Any, session: Any) -> None:
    qtbot.keyClick(running, Qt.Key.Key_0)
    assert (True,) not in session.asked("set_raw")
    banner = running.banners.shown()[-1]
    assert "your own face" in banner.message
    button = next(b for b in banner.findChildren(QPushButton) if b.text() == "Show my camera")
    button.click()
    assert session.asked("set_raw")[-1] == (True,)
    assert ("danger", "RAW CAMERA") in running.result._pills
    assert running.hidden_bar.isVisible() and "RAW CAMERA" in running.hidden_bar.words.text()
    assert running.banners.shown() == []
    qtbot.keyClick(running, Qt.Key.Key_B)
    assert not running.controller.safety.raw
    assert "RAW CAMERA" not in running.hidden_bar.words.text()


def test_a_question_that_cannot_be_answered_any_more_goes_away(qtbot: Any, running: Any) -> None:
    qtbot.keyClick(running, Qt.Key.Key_0)
    assert running.banners.shown()
    qtbot.keyClick(running, Qt.Key.Key_B)
    assert running.banners.shown() == []


def test_f12_saves_a_picture_and_offers_its_folder(
    qtbot: Any, running: Any, ports: Any, monkeypatch: Any
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr("ui.announcer.show_folder", shown.append)
    qtbot.keyClick(running, Qt.Key.Key_F12)
    qtbot.waitUntil(lambda: bool(running.banners.shown()), timeout=20000)
    banner = running.banners.shown()[-1]
    assert banner.message == "Snapshot saved"
    next(b for b in banner.findChildren(QPushButton) if b.text() == "Open folder").click()
    assert shown == [Path(banner.hint)]


def test_esc_leaves_full_screen_before_it_quits(qtbot: Any, running: Any) -> None:
    qtbot.keyClick(running, Qt.Key.Key_F11)
    assert running.isFullScreen()
    qtbot.keyClick(running, Qt.Key.Key_Escape)
    assert not running.isFullScreen() and running.isVisible()
    qtbot.keyClick(running, Qt.Key.Key_Escape)
    assert not running.isVisible()


def test_a_mirrored_window_does_not_mirror_the_slate(
    qtbot: Any, running: Any, session: Any
) -> None:
    controller = running.controller
    running.mirrors.preview.setChecked(True)
    session.show(1)
    qtbot.waitUntil(lambda: running.result.mirrored, timeout=20000)
    qtbot.waitUntil(lambda: controller.safety.slate is not None, timeout=20000)
    session.show(2, image=controller.safety.slate)
    qtbot.waitUntil(lambda: not running.result.mirrored, timeout=20000)
    session.show(3)
    qtbot.waitUntil(lambda: running.result.mirrored, timeout=20000)


def test_0_again_ends_the_raw_camera(qtbot: Any, running: Any, session: Any) -> None:
    qtbot.keyClick(running, Qt.Key.Key_0)
    running.controller.safety.confirm_raw(running.controller._session)
    assert running.controller.safety.raw
    qtbot.keyClick(running, Qt.Key.Key_0)
    assert not running.controller.safety.raw and session.asked("set_raw")[-1] == (False,)


def test_a_banner_takes_nothing_from_the_window(qtbot: Any, running: Any) -> None:
    windows: list[QWidget] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
            shown = event is not None and event.type() == QEvent.Type.Show
            if shown and isinstance(watched, QWidget) and watched.isWindow():
                windows.append(watched)
            return False

    app, watch = QApplication.instance(), Watch()
    assert app is not None
    app.installEventFilter(watch)
    running.banners.show_message("warning", "Something", "Do something.")
    running.banners.show_message("info", "Something else")
    app.removeEventFilter(watch)
    assert windows == [], "a part of it was a window of its own for a moment"
