import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication

from avatar.frame import Animated, Crop, Frame, Keypoints
from ui.camera.driving_view import DrivingView, frame_points

GREEN, AMBER = "#4fd08b", "#f5b83d"


def made(*, held=False):
    crop = Crop(
        np.zeros((256, 256, 3), np.uint8),
        np.array([20, 20, 60, 60], np.float32),
        None,
        held,
        0,
        1,
    )
    frame = Frame(np.zeros((100, 200, 3), np.uint8), 0, 1)
    keypoints = Keypoints(
        np.array([[-1, -1], [0, 0], [1, 0.5]], np.float32),
        np.tile(np.eye(2, dtype=np.float32), (3, 1, 1)),
    )
    return (frame, crop), Animated(frame, crop, keypoints)


@pytest.fixture
def view(qtbot):
    shown = DrivingView()
    qtbot.addWidget(shown)
    shown.resize(400, 200)  # twice the frame
    return shown


def has(view, colour, left, top, right, bottom):
    """Whether a colour is anywhere in a part of the widget, in its pixels."""
    shown = view.grab().toImage()
    return any(
        shown.pixelColor(x, y).name() == colour
        for x in range(left, right)
        for y in range(top, bottom)
    )


def test_keypoints_lie_in_the_crop_they_were_found_in():
    np.testing.assert_allclose(frame_points(made()[1]), [[20, 20], [40, 40], [60, 50]])


def test_draws_the_crop_box(view):
    view.show_input(made()[0], None)
    assert has(view, GREEN, 36, 70, 45, 90)  # its left edge, at 20 of 200
    assert not has(view, GREEN, 200, 0, 400, 200)


def test_mirrors_the_overlay_with_the_picture(view):
    view.show_input(made()[0], None)
    view.set_mirrored(True)
    assert has(view, GREEN, 355, 70, 364, 90)
    assert not has(view, GREEN, 0, 0, 200, 200)


def test_a_held_box_is_amber(view):
    view.show_input(made(held=True)[0], None)
    assert has(view, AMBER, 36, 40, 45, 120) and not has(view, GREEN, 36, 40, 45, 120)


def test_keypoints_are_drawn_unless_the_overlay_is_off(view):
    def bright():
        shown = view.grab().toImage()
        return shown.pixelColor(80, 80).value() > 200  # the one in the middle of the box

    view.show_input(*made())
    assert bright()
    view.set_overlay(False)
    assert not bright() and not has(view, GREEN, 36, 70, 45, 90)


def test_nothing_to_show(view):
    view.show_input(*made())
    view.show_input(None, None)
    assert view.image is None and not has(view, GREEN, 36, 70, 45, 90)


def events(view):
    got = []
    view.dragged.connect(lambda *args: got.append(("dragged", *args)))
    view.wheeled.connect(lambda *args: got.append(("wheeled", *args)))
    view.reset_wanted.connect(lambda: got.append(("reset",)))
    return got


@pytest.mark.parametrize(("mirrored", "sign"), [(False, 1), (True, -1)])
def test_dragging_moves_the_box_with_the_mouse(qtbot, view, mirrored, sign):
    view.show_input(made()[0], None)
    view.set_mirrored(mirrored)
    got = events(view)
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(view, left, pos=QPoint(100, 100))
    send_move(view, QPointF(140, 80))  # 20 of the frame's pixels to the right, half a side
    qtbot.mouseRelease(view, left, pos=QPoint(140, 80))
    send_move(view, QPointF(200, 80))  # no button is held any more
    assert got == [("dragged", pytest.approx(0.5 * sign), pytest.approx(-0.25))]


def send_move(view, at):
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, at, at, left, left, none)
    QApplication.sendEvent(view, event)


def wheel(view, turned):
    at = QPointF(100, 100)
    event = QWheelEvent(
        at, at, QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)
    return event.isAccepted()


def test_the_wheel_zooms(view):
    view.show_input(made()[0], None)
    got = events(view)
    assert wheel(view, 240)
    assert got == [("wheeled", 2.0)]


def test_a_double_click_asks_for_the_usual_box(qtbot, view):
    view.show_input(made()[0], None)
    got = events(view)
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert ("reset",) in got


def test_without_a_picture_the_mouse_does_nothing(qtbot, view):
    got = events(view)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    send_move(view, QPointF(140, 80))
    wheel(view, 120)
    assert got == []
