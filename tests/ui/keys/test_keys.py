import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QFocusEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
)

from ui.keys.keys import Keys


@pytest.fixture
def done():
    return []


@pytest.fixture
def keys(qtbot, window, done):
    made = window.keys
    made.bind("test", "G", "Test", lambda: done.append("g"))
    return made


def labels(dialog):
    return {label.text() for label in dialog.findChildren(QLabel)}


def opened(qtbot, keys):
    keys.show_map()
    qtbot.waitUntil(keys._map.isVisible, timeout=20000)
    return keys._map


def test_another_key_works_at_once_and_is_kept(qtbot, window, keys, done):
    dialog = opened(qtbot, keys)
    dialog.buttons["test"].click()
    assert dialog.buttons["test"].text() == "Press a key…"
    qtbot.keyClick(dialog.buttons["test"], Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert dialog.buttons["test"].text() == "Ctrl+Y"
    assert window.controller.look.keys == {"test": "Ctrl+Y"}
    dialog.close()
    qtbot.keyClick(window, Qt.Key.Key_G)
    assert done == []
    qtbot.keyClick(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert done == ["g"]


def test_a_clash_has_to_be_resolved(qtbot, window, keys):
    dialog = opened(qtbot, keys)
    button = dialog.buttons["test"]
    button.click()
    qtbot.keyClick(button, Qt.Key.Key_X)
    assert dialog.strip.isVisible() and window.controller.look.keys == {}
    assert any("X is the key for: Calibrate" in text for text in labels(dialog))
    dialog.cancel.click()
    assert not dialog.strip.isVisible() and button.text() == "G"
    button.click()
    qtbot.keyClick(button, Qt.Key.Key_X)
    dialog.swap.click()
    assert button.text() == "X" and dialog.buttons["calibrate"].text() == "G"
    dialog.resets["test"].click()  # G is taken now
    dialog.swap.click()
    assert window.controller.look.keys == {}


def test_a_key_that_cannot_be_given_away_is_refused(qtbot, keys):
    dialog = opened(qtbot, keys)
    for key in (Qt.Key.Key_5, Qt.Key.Key_Space, Qt.Key.Key_Tab):
        dialog.buttons["test"].click()
        qtbot.keyClick(dialog.buttons["test"], key)
        assert dialog.strip.isVisible() and dialog.swap.isHidden()
        assert dialog.buttons["test"].text() == "G"


def test_escape_gives_up_and_backspace_removes(qtbot, window, keys, done):
    dialog = opened(qtbot, keys)
    button = dialog.buttons["test"]
    button.click()
    qtbot.keyClick(button, Qt.Key.Key_Escape)
    assert button.text() == "G" and dialog.isVisible()
    button.click()
    qtbot.keyClick(button, Qt.Key.Key_Backspace)
    assert button.text() == "no key" and window.controller.look.keys == {"test": ""}
    dialog.reset_all.click()
    assert button.text() == "G" and window.controller.look.keys == {}


def test_a_sign_that_needs_shift_is_that_sign(qtbot, keys):
    dialog = opened(qtbot, keys)
    button = dialog.buttons["test"]
    button.click()
    QTest.keyClick(button, "!", Qt.KeyboardModifier.ShiftModifier)
    assert button.text() == "!"
    button.click()
    qtbot.keyClick(button, Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    assert button.text() == "Shift+G"


def test_a_button_that_loses_the_focus_no_longer_listens(qtbot, keys):
    dialog = opened(qtbot, keys)
    dialog.buttons["test"].click()
    QApplication.sendEvent(dialog.buttons["test"], QFocusEvent(QEvent.Type.FocusOut))
    assert not dialog.buttons["test"].listening


@pytest.mark.parametrize("field", [QLineEdit, QPlainTextEdit, QDoubleSpinBox])
def test_what_is_typed_in_a_field_triggers_nothing(qtbot, window, keys, done, field):
    edit = field(window.centralWidget())
    edit.show()
    edit.setFocus()
    keys.bind("digit", "Shift+G", "Test", lambda: done.append("G"))
    qtbot.keyClicks(edit, "gG1")
    assert done == []
    if not isinstance(edit, QDoubleSpinBox):
        assert "gG1" in (edit.text() if isinstance(edit, QLineEdit) else edit.toPlainText())


def test_keys_work_with_a_button_or_list_focused(qtbot, window, keys, done):
    for control in (QPushButton(window.centralWidget()), QComboBox(window.centralWidget())):
        control.show()
        control.setFocus()
        qtbot.keyClick(control, Qt.Key.Key_G)
    assert done == ["g", "g"]


def test_no_two_usual_keys_are_the_same(window):
    usual = [key for entry in window.keys.table.entries.values() for key in entry.usual]
    assert len(usual) == len(set(usual))
    assert all(window.keys.table.is_usual(name) for name in window.keys.table.entries)


def test_the_list_shows_the_keys_of_now(qtbot, window, keys):
    keys.table.bind("record", "F7")
    keys._keep()
    qtbot.keyClicks(window, "?")
    sheet = keys._sheet
    qtbot.waitUntil(sheet.isVisible, timeout=20000)
    assert "F7" in labels(sheet) and "F5" not in labels(sheet)
    keys.table.reset_all()
    keys._keep()
    assert "F5" in labels(sheet)


def test_tips_name_the_key_of_now(window):
    bar, keys = window.bar, window.keys
    assert bar.record.toolTip().endswith("(F5)")
    keys.use({"record": "Ctrl+R"})
    assert bar.record.toolTip().endswith("(Ctrl+R)")
    keys.use({"record": ""})
    assert not bar.record.toolTip().endswith(")")
    keys.use({})
    assert bar.record.toolTip().endswith("(F5)")


def test_saved_keys_are_used_from_the_start(qtbot, ports):
    from avatar.config import RunConfig
    from ui.controller import Controller
    from ui.look import Look
    from ui.window import MainWindow

    look = Look(keys={"record": "F7", "later": "F8"})
    window = MainWindow(Controller(RunConfig(camera="synthetic"), ports, look))
    qtbot.addWidget(window)
    assert window.keys.table.keys("record") == ("F7",)
    window.close()


def test_keys_are_a_part_of_the_window(window):
    assert isinstance(window.keys, Keys) and window.keys.parent() is window
