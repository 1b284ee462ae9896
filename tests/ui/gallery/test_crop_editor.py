"""The crop editor: the square by mouse, wheel and keyboard; what it shows and what it gives."""

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication, QDialogButtonBox, QPushButton

from avatar.picture import Picture
from avatar.portraits.entry import Entry
from avatar.square import Square, cut
from ui.gallery.crop_editor import CropEditor
from ui.gallery.crop_job import CropJob, halved, prepare

FOUND = Square(200, 150, 120)


def job(automatic=FOUND, square=None, by_hand=False, scale=1.0):
    ramp = np.linspace(0, 255, 400 * 300, dtype=np.uint8).reshape(300, 400, 1)
    picture = np.repeat(ramp, 3, axis=2)
    square = square or automatic or Square(200, 150, 300)
    return CropJob(Path("a.png"), "a", (picture,), scale, automatic, square, by_hand)


@pytest.fixture
def open_editor(qtbot):
    kept = []  # a dialog without a parent lives only as long as Python holds it

    def make(**fields):
        editor = CropEditor(job(**fields))
        kept.append(editor)
        editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(editor)
        editor.given = []
        editor.chosen.connect(editor.given.append)
        editor.resize(900, 620)
        with qtbot.waitExposed(editor):
            editor.show()
        return editor

    return make


def at(canvas, x, y):
    return canvas.place(x, y).toPoint()


def drag(qtbot, canvas, start, end):
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, end)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)


def wheel(canvas, steps):
    where = QPointF(canvas.rect().center())
    none, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton
    QApplication.sendEvent(
        canvas,
        QWheelEvent(
            where,
            canvas.mapToGlobal(where),
            QPoint(),
            QPoint(0, 120 * steps),
            buttons,
            none,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        ),
    )


def test_ok_without_a_change_stays_automatic(qtbot, open_editor):
    editor = open_editor()
    assert "found by itself" in editor.state.text() and not editor.isModal()
    buttons = editor.findChild(QDialogButtonBox)
    buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert editor.given == [None]


def test_cancel_gives_nothing(qtbot, open_editor):
    editor = open_editor()
    qtbot.keyClick(editor.canvas, Qt.Key.Key_Left)
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.given == [] and editor.isHidden()


def test_keys_move_and_resize(qtbot, open_editor):
    editor = open_editor()
    canvas = editor.canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.square == Square(pytest.approx(202.4), 150, 120)
    qtbot.keyClick(canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.square.y == pytest.approx(150 - 0.48)
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.square.side == pytest.approx(124.8)
    qtbot.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.square.side == pytest.approx(120)
    editor.accept()
    ((x0, y0, x1, y1),) = editor.given
    assert (x1 - x0, y1 - y0) == pytest.approx((120, 120))


def test_the_box_is_in_pixels_of_the_file(qtbot, open_editor):
    editor = open_editor(scale=3.0, square=Square(100, 100, 80), by_hand=True)
    editor.accept()
    assert editor.given == [(180.0, 180.0, 420.0, 420.0)]


def test_the_mouse_moves_the_square(qtbot, open_editor):
    canvas = open_editor().canvas
    drag(qtbot, canvas, at(canvas, 200, 150), at(canvas, 230, 130))
    assert (canvas.square.x, canvas.square.y) == pytest.approx((230, 130), abs=1.5)
    assert canvas.square.side == 120


def test_the_mouse_pulls_a_corner_and_the_opposite_one_stays(qtbot, open_editor):
    canvas = open_editor().canvas
    drag(qtbot, canvas, at(canvas, 260, 210), at(canvas, 300, 220))
    assert canvas.square.side == pytest.approx(160, abs=2)
    assert canvas.square.x - canvas.square.side / 2 == pytest.approx(140, abs=1e-6)
    assert canvas.square.y - canvas.square.side / 2 == pytest.approx(90, abs=1e-6)


def test_a_press_beside_the_square_does_nothing(qtbot, open_editor):
    canvas = open_editor().canvas
    drag(qtbot, canvas, at(canvas, 20, 20), at(canvas, 90, 90))
    assert canvas.square == Square(200, 150, 120)


def test_the_wheel_resizes_and_stops_at_the_limits(qtbot, open_editor):
    canvas = open_editor().canvas
    wheel(canvas, -1)
    assert canvas.square.side == pytest.approx(120 * 1.04)
    wheel(canvas, 200)
    assert canvas.square.side == 32
    wheel(canvas, -400)
    assert canvas.square.side == 800


def test_automatic_brings_the_found_square_back(qtbot, open_editor):
    editor = open_editor(square=Square(100, 100, 50), by_hand=True)
    assert "hand" in editor.state.text()
    editor.automatic.click()
    assert "found by itself" in editor.state.text()
    assert editor.canvas.square == Square(200, 150, 120)
    editor.accept()
    assert editor.given == [None]


def test_without_a_face_there_is_nothing_automatic(qtbot, open_editor):
    editor = open_editor(automatic=None)
    assert not editor.automatic.isEnabled() and "No face" in editor.automatic.toolTip()
    editor.accept()
    assert editor.given == [(50.0, 0.0, 350.0, 300.0)]


def test_the_preview_is_what_the_networks_see(qtbot, open_editor):
    editor = open_editor()
    expected = cut(job().levels[0], Square(200, 150, 120))
    np.testing.assert_array_equal(editor.preview.image, expected)
    qtbot.keyClick(editor.canvas, Qt.Key.Key_Down)
    moved = cut(job().levels[0], editor.canvas.square)
    qtbot.waitUntil(lambda: np.array_equal(editor.preview.image, moved), timeout=20000)


def test_every_control_has_a_name_and_the_keyboard_reaches_it(qtbot, open_editor):
    editor = open_editor()
    assert editor.canvas.hasFocus() and editor.canvas.accessibleName()
    for button in editor.findChildren(QPushButton):
        assert (button.accessibleName() or button.text()) and (
            button.focusPolicy() & Qt.FocusPolicy.TabFocus
        )


def test_a_large_picture_is_previewed_from_a_smaller_level():
    image = np.random.default_rng(0).integers(0, 256, (2048, 4096, 3), np.uint8)
    image = np.repeat(np.repeat(image[::64, ::64], 64, 0), 64, 1)
    levels = halved(image)
    assert [level.shape[1] for level in levels] == [4096, 2048, 1024]
    large = CropJob(Path("a.png"), "a", levels, 1.0, None, Square(2048, 1024, 2048), False)
    for square in (Square(2048, 1024, 2048), Square(700, 700, 300)):
        close = np.abs(large.preview(square).astype(int) - cut(image, square))
        assert close.mean() < 3


@pytest.mark.parametrize(
    ("entry", "expected", "by_hand"),
    [
        (Entry(Path("a"), "a"), Square(100, 75, 60), False),
        (Entry(Path("a"), "a", box=(0.0, 0.0, 40.0, 40.0)), Square(10, 10, 20), True),
        (Entry(Path("a"), "a", whole=True), Square(200, 150, 300), True),
    ],
)
def test_what_the_editor_begins_with(monkeypatch, entry, expected, by_hand):
    class Shelf:
        def square_of_face(self, entry, read):
            return (140.0, 90.0, 260.0, 210.0)  # in the file, which is twice as large

    picture = Picture(np.zeros((300, 400, 3), np.uint8), 2.0)
    monkeypatch.setattr("avatar.picture.read", lambda path: picture)
    made = prepare(Shelf(), entry)
    assert made.automatic == Square(100, 75, 60)
    assert (made.square, made.by_hand) == (expected, by_hand)
