from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QApplication, QLineEdit, QPushButton

from avatar.config import RunConfig
from ui.ask import NameQuestion, YesQuestion
from ui.controller import Controller
from ui.look import Look, Theme
from ui.settings import saver
from ui.settings.memory import Memory
from ui.window import MainWindow


@pytest.fixture
def memory(home, monkeypatch):
    monkeypatch.setattr(saver, "LOOK_MS", 5)
    monkeypatch.setattr(saver, "REST_S", 0.02)
    made = Memory(home / "config")
    made.open()
    return made


@pytest.fixture
def kept(qtbot, qapp, ports, memory):
    """A window that is remembered."""
    made = MainWindow(Controller(RunConfig(camera="synthetic"), ports), memory)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()
    qapp.setStyleSheet("")


def again(home):
    return Memory(home / "config").open()


def profiles(window):
    return [action.text() for action in window.preferences.menu.profiles.actions()]


def question(window, kind):
    (found,) = [w for w in window.findChildren(kind) if w.isVisible()]
    return found


def test_the_first_window_shows_the_guide_until_it_was_seen(qtbot, kept, home, ports):
    assert kept.guide.isVisible()
    kept.guide.leave()
    kept.close()
    config, look = again(home)
    assert look.guide_seen
    second = MainWindow(Controller(config, ports, look), Memory(home / "config"))
    qtbot.addWidget(second)
    assert second.guide.isHidden()
    second.close()


def test_place_page_and_choices_are_there_again(qtbot, kept, home, ports):
    kept.side.show_page("motion")
    kept.resize(960, 650)
    kept.controller.set_mirror(True)
    qtbot.keyClick(kept, Qt.Key.Key_O)
    kept.close()
    config, look = again(home)
    assert config.mirror and look.page == "motion" and not look.overlay
    second = MainWindow(Controller(config, ports, look))
    qtbot.addWidget(second)
    assert second.side.page == "motion" and second.height() == 650
    assert not second.driving.overlay
    second.close()


def test_a_choice_is_saved_while_the_window_is_open(qtbot, kept, home):
    kept.controller.set_mirror(True)
    qtbot.waitUntil(lambda: (home / "config" / "settings.toml").is_file(), timeout=20000)
    qtbot.waitUntil(lambda: again(home)[0].mirror, timeout=20000)


def test_the_settings_take_effect_at_once(qtbot, kept):
    qtbot.keyClick(kept, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = kept.preferences._dialog
    assert dialog.isVisible() and not dialog.isModal()
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    dialog.theme.activated.emit(dialog.theme.currentIndex())
    assert kept.controller.look.theme is Theme.DARK
    dark = QApplication.palette().window().color().lightness() < 128
    dialog.theme.setCurrentIndex(0)
    dialog.theme.activated.emit(0)
    assert dark and kept.controller.look.theme is Theme.SYSTEM
    dialog.start.click()
    assert not kept.controller.look.start_at_once
    dialog.changed.emit({"recordings": Path("/videos")})
    assert dialog._shown["recordings"].text() == "/videos"
    dialog._clear["recordings"].click()
    assert kept.controller.look.recordings is None


def test_another_language_opens_the_window_anew(qtbot, kept):
    kept.preferences.show_settings()
    dialog = kept.preferences._dialog
    dialog.language.setCurrentIndex(dialog.language.findData("de"))
    with qtbot.waitSignal(kept.preferences.reopen_wanted) as caught:
        dialog.language.activated.emit(dialog.language.currentIndex())
    assert caught.args == ["", "", False]


def test_resetting_asks_first(qtbot, kept):
    kept.preferences.show_settings()
    kept.preferences._dialog.reset.click()
    (sure,) = kept.preferences._dialog.findChildren(YesQuestion)
    with qtbot.waitSignal(kept.preferences.reopen_wanted) as caught:
        next(b for b in sure.findChildren(QPushButton) if b.text() == "OK").click()
    assert caught.args == ["", "", True]


def test_a_profile_is_saved_renamed_and_named_in_the_title(qtbot, kept, memory, home):
    qtbot.waitUntil(lambda: "None" in profiles(kept), timeout=20000)
    kept.preferences.menu.save_as_wanted.emit()
    asked = question(kept, NameQuestion)
    assert not asked.isModal()
    qtbot.keyClicks(asked.findChild(QLineEdit), "Work & play")
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: kept.controller.look.profile == "Work & play", timeout=20000)
    qtbot.waitUntil(lambda: "Work && play" in profiles(kept), timeout=20000)
    assert kept.windowTitle().startswith("Work & play")
    kept.preferences.profiles.rename("Art")
    qtbot.waitUntil(lambda: kept.controller.look.profile == "Art", timeout=20000)
    assert memory.profiles.names() == ["Art"]
    kept.controller.set_mirror(True)
    kept.close()
    assert again(home)[0].mirror and memory.profiles.load("Art").values["run"].mirror


def test_the_menu_is_opened_by_a_key(qtbot, kept):
    seen = []

    def look():
        seen.append(kept.preferences.menu.menu().isVisible())
        kept.preferences.menu.menu().close()

    QTimer.singleShot(100, look)
    qtbot.keyClick(kept, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: seen == [True], timeout=20000)


def test_a_name_that_cannot_be_is_told(qtbot, kept):
    kept.preferences.profiles.save_as("a/b", kept.controller.config)
    qtbot.waitUntil(lambda: bool(kept.banners.shown()), timeout=20000)
    assert "cannot be the name" in kept.banners.shown()[0].message


def test_choosing_or_deleting_a_profile_opens_the_window_anew(qtbot, kept):
    chooser = kept.preferences.profiles
    with qtbot.waitSignal(kept.preferences.reopen_wanted) as caught:
        kept.preferences.menu.profile_chosen.emit("Art")
    assert caught.args == ["Art", "", False]
    with qtbot.assertNotEmitted(kept.preferences.reopen_wanted):
        chooser.switch("")
    chooser.active = "Art"
    kept.preferences.menu.delete_wanted.emit()
    sure = question(kept, YesQuestion)
    with qtbot.waitSignal(kept.preferences.reopen_wanted) as caught:
        next(b for b in sure.findChildren(QPushButton) if b.text() == "OK").click()
    assert caught.args == ["", "Art", False]


def test_without_a_memory_nothing_is_written(qtbot, window, home):
    window.controller.set_mirror(True)
    window.controller.change_look(theme=Theme.DARK)
    window.close()
    assert not home.exists() and not window.preferences.menu.profiles.isEnabled()


def test_a_look_tells_its_changes_only(qtbot, window):
    with qtbot.assertNotEmitted(window.controller.look_changed):
        window.controller.change_look(figures=Look().figures)


def test_the_log_folder_is_made_and_shown(qtbot, kept, home, monkeypatch):
    shown = []
    monkeypatch.setattr("ui.settings.preferences.show_folder", lambda path: shown.append(path))
    (action,) = [a for a in kept.preferences.menu.menu().actions() if "log" in a.text()]
    action.trigger()
    qtbot.waitUntil(lambda: bool(shown), timeout=20000)
    assert shown[0].parent == home / "logs" and (home / "logs").is_dir()
