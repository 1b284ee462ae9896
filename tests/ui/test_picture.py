import numpy as np
import pytest
from PyQt6.QtCore import QRectF

from ui.picture import PictureView


def halves(width=64, height=32):
    """Red on the left, blue on the right; read-only, as a published frame is."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2, 0] = 255
    image[:, width // 2 :, 2] = 255
    image.flags.writeable = False
    return image


@pytest.fixture
def view(qtbot):
    made = PictureView()
    qtbot.addWidget(made)
    made.resize(200, 200)
    return made


def colours(view):
    """The colours a quarter from the left and a quarter from the right."""
    shown = view.grab().toImage()
    scale = shown.width() / view.width()
    return [shown.pixelColor(int(x * scale), int(100 * scale)).name() for x in (50, 150)]


def test_keeps_the_aspect_ratio(view):
    assert view.image_rect().isEmpty()
    view.show_image(halves())
    assert view.image_rect() == QRectF(0, 50, 200, 100)


def test_shows_rgb_and_mirrors_it(view):
    view.show_image(halves())
    assert colours(view) == ["#ff0000", "#0000ff"]
    view.set_mirrored(True)
    assert colours(view) == ["#0000ff", "#ff0000"]


def test_a_new_picture_of_the_same_size_reuses_the_buffer(view):
    view.show_image(halves())
    view.grab()
    buffer = view._scaled.buffer
    view.show_image(np.full((32, 64, 3), 255, np.uint8))
    assert colours(view) == ["#ffffff", "#ffffff"]
    assert view._scaled.buffer is buffer


def test_follows_a_resize(view):
    view.show_image(halves())
    view.grab()
    view.resize(120, 200)
    assert view.image_rect() == QRectF(0, 70, 120, 60)
    assert view.grab().toImage().pixelColor(20, 100).name() == "#ff0000"


def test_larger_than_the_widget(view):
    view.show_image(halves(1280, 640))
    assert colours(view) == ["#ff0000", "#0000ff"]
