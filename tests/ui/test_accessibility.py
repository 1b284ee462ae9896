"""The whole window by keyboard and by screen reader, and legible, on every page."""

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QWidget,
)

from avatar.square import Square
from ui.ask import NameQuestion, YesQuestion
from ui.gallery.crop_editor import CropEditor
from ui.gallery.crop_job import CropJob
from ui.look import Look
from ui.theme import MIN_POINT_SIZE

CONTROLS = (QAbstractButton, QComboBox, QAbstractSlider, QAbstractSpinBox, QLineEdit)

PAGES = ("portrait", "camera", "motion", "output")


def name_of(widget):
    """What a screen reader calls a widget."""
    text = getattr(widget, "text", None)
    shown = text() if callable(text) and isinstance(widget, (QAbstractButton, QLabel)) else ""
    return (widget.accessibleName() or shown).strip()


def path_of(widget):
    """Where a widget is, for the message of a test that fails."""
    names = []
    while widget is not None:
        names.append(f"{type(widget).__name__}({widget.objectName() or name_of(widget)})")
        widget = widget.parentWidget()
    return " < ".join(names[:4])


def part_of_another(widget):
    """Whether a control is inside another one: a spin box's field, a list's scroll bar."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, (QComboBox, QAbstractSpinBox)):
            return True
        parent = parent.parentWidget()
    return widget.objectName().startswith("qt_") or type(widget).__name__ == "QScrollBar"


def shown(top, kinds):
    return [w for w in top.findChildren(kinds) if w.isVisible() and not part_of_another(w)]


def tops(window):
    """The window with all that can be opened beside it."""
    window.guide.begin()
    yield window
    window.keys.show_list()
    yield window.keys._sheet
    window.keys.show_map()
    yield window.keys._map
    window.preferences.show_settings()
    yield window.preferences._dialog
    image = np.zeros((300, 400, 3), np.uint8)
    square = Square(200, 150, 120)
    for dialog in (
        NameQuestion("Save as", "&Name", "x", lambda name: None, window),
        YesQuestion("Delete", "It is gone for good.", lambda: None, window),
        CropEditor(CropJob(Path("a.png"), "a", (image,), 1.0, square, square, False), window),
    ):
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        dialog.show()
        yield dialog


@pytest.fixture
def every(running):
    """Each state of the window that has controls of its own, one after the other."""

    def states():
        running.banners.show_message("error", "Something.", "Do this.")
        for page in PAGES:
            running.side.show_page(page)
            QApplication.processEvents()
            yield page, running
        for step in range(3):
            running.guide.begin()
            running.guide.show_step(step)
            QApplication.processEvents()
            yield f"guide {step + 1}", running
        for top in list(tops(running))[1:]:
            QApplication.processEvents()
            yield top.windowTitle(), top

    return states


def test_every_page_is_there(running):
    assert set(PAGES) <= set(running.side.names)


def test_whatever_takes_the_focus_or_a_click_has_a_name(every):
    nameless = set()
    for where, top in every():
        for widget in shown(top, QWidget):
            takes = isinstance(widget, CONTROLS) or (
                widget.focusPolicy() & Qt.FocusPolicy.TabFocus
                and not isinstance(widget, QLabel)
                and not widget.isWindow()
            )
            if takes and not name_of(widget):
                nameless.add((where, path_of(widget)))
    assert not nameless


def reached(top, start):
    """Every widget that Tab comes to, from ``start`` until it comes round."""
    found, focus = [], start
    start.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(400):
        found.append(focus)
        following = focus.nextInFocusChain()
        while following is not focus and not takes_tab(following, top):
            following = following.nextInFocusChain()
        focus = following
        if focus is start or focus in found:
            break
    return found


def takes_tab(widget, top):
    return (
        bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and widget.isEnabled()
        and widget.isVisible()
        and (widget is top or top.isAncestorOf(widget))
    )


def test_tab_comes_to_every_control_that_can_be_used(every):
    missed = set()
    for where, top in every():
        controls = [w for w in shown(top, CONTROLS) if w.isEnabled()]
        start = next(w for w in controls if takes_tab(w, top))
        found = set(reached(top, start))
        for control in controls:
            proxy = control.focusProxy() or control
            group = control.group() if isinstance(control, QAbstractButton) else None
            # Of buttons that exclude each other the arrow keys reach the others.
            others = set(group.buttons()) if group is not None and group.exclusive() else set()
            if proxy not in found and not others & found:
                missed.add((where, path_of(control)))
    assert not missed


def test_a_focused_button_is_pressed_by_space_and_not_start(qtbot, running, session):
    running.bar.refresh.setFocus()
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ")
    release = QKeyEvent(
        QEvent.Type.KeyRelease, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " "
    )
    with qtbot.waitSignal(running.bar.refresh.clicked):
        QApplication.sendEvent(running.bar.refresh, press)
        QApplication.sendEvent(running.bar.refresh, release)
    assert ("stop",) not in session.calls


def test_no_text_is_small(every):
    small = {
        (where, path_of(widget), widget.font().pointSizeF())
        for where, top in every()
        for widget in shown(top, QWidget)
        if widget.font().pointSizeF() < MIN_POINT_SIZE
    }
    assert not small


def test_no_picture_stands_alone(every):
    """A label that shows a picture says what it is."""
    silent = {
        (where, path_of(label))
        for where, top in every()
        for label in shown(top, QLabel)
        if label.pixmap() and not label.pixmap().isNull() and not name_of(label)
    }
    assert not silent


def test_every_dialog_is_left_by_escape_and_blocks_nothing(qtbot, running):
    for dialog in list(tops(running))[1:]:
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow, timeout=20000)
        assert not dialog.isModal()
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert dialog.isHidden() and running.isVisible()


def test_mnemonics_on_a_page_differ(every):
    """Two controls with the same Alt key would only take turns with the focus."""
    clashes = []
    for where, top in every():
        seen = {}
        for button in shown(top, (QAbstractButton, QLabel)):
            at = button.text().replace("&&", "").find("&")
            if at < 0 or (isinstance(button, QLabel) and button.buddy() is None):
                continue
            letter = button.text().replace("&&", "")[at + 1 : at + 2].lower()
            if letter in seen:
                clashes.append((where, letter, seen[letter], button.text()))
            seen[letter] = button.text()
    assert not clashes


def test_the_guide_is_not_for_ever(running):
    assert Look().guide_seen is False
    running.guide.begin()
    running.guide.leave()
    assert running.look.guide_seen
