"""The views of the result: what they paint, and how a point of it is chosen."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt

from avatar.frame import Animated, Crop, Frame, Keypoints, Portrait
from avatar.maps import Maps
from ui.views.colours import depth_colours, keypoint_colour
from ui.views.result_view import ResultView

BOX = np.array([0, 0, 256, 256], np.float32)


def plain(red, green, blue):
    return np.full((256, 256, 3), (red, green, blue), np.uint8)


def halves():
    """Red on the left, blue on the right."""
    image = plain(255, 0, 0)
    image[:, 128:] = (0, 0, 255)
    return image


def keypoints(x=-0.5, y=0.0):
    return Keypoints(np.array([[x, y]], np.float32), np.eye(2, dtype=np.float32)[None])


def result(image=None, *, driver=None, mirrored=False):
    crop = Crop(plain(0, 255, 0) if driver is None else driver, BOX, None, False, 1, 1)
    frame = Frame(plain(255, 0, 0) if image is None else image, 1, 1)
    return Animated(frame, crop, keypoints(), {}, keypoints(0.5), mirrored)


def maps_of(animated, **more):
    portrait = Portrait(plain(0, 0, 255), BOX, plain(0, 0, 255), None, "someone")
    axis = np.linspace(-1, 1, 16, dtype=np.float32)
    found = {
        "depth": np.zeros((16, 16), np.float32),
        "flow": np.stack(np.meshgrid(axis, axis), -1),
        "occlusion": np.ones((1, 16, 16), np.float32),
    }
    return Maps(animated, portrait, found, np.ones((16, 16), np.float32), (0.0, 1.0), **more)


def painted(view, maps):
    """As they come from a session that was asked by this view."""
    return replace(maps, pictures=view.view.colour(maps))


@pytest.fixture
def view(qtbot):
    made = ResultView()
    qtbot.addWidget(made)
    made.resize(410, 200)  # two panes of 200, and the gap
    made.show()
    made.hide_slate()
    return made


def colour(view, x, y):
    shown = view.grab().toImage()
    scale = shown.width() / view.width()
    return shown.pixelColor(int(x * scale), int(y * scale)).getRgb()[:3]


def test_the_result_alone_is_letterboxed_and_mirrored(view):
    view.show_result(result(halves()))
    assert colour(view, 130, 100) == (255, 0, 0) and colour(view, 280, 100) == (0, 0, 255)
    assert colour(view, 50, 100) not in ((255, 0, 0), (0, 0, 255))
    view.set_mirrored(True)
    assert colour(view, 130, 100) == (0, 0, 255)


def test_the_driver_lies_over_the_result_at_its_opacity(view):
    view.show_result(result())
    view.set_opacity(0.4)
    assert colour(view, 200, 100) == pytest.approx((153, 102, 0), abs=1)
    view.show_result(result(plain(255, 0, 255)))  # into the same buffer
    assert colour(view, 200, 100) == pytest.approx((153, 102, 153), abs=1)
    view.set_opacity(0)
    assert colour(view, 200, 100) == (255, 0, 255)


def test_a_driver_seen_in_the_mirror_is_laid_over_as_the_networks_saw_it(view):
    view.show_result(result(plain(0, 0, 0), driver=halves(), mirrored=True))
    view.set_opacity(1.0)
    assert colour(view, 130, 100) == (0, 0, 255)


def test_side_by_side(view):
    view.show_view("compare")
    view.show_result(result())
    assert colour(view, 100, 150) == (0, 255, 0) and colour(view, 310, 150) == (255, 0, 0)


def test_keypoints_of_driver_and_result_have_one_colour(view):
    view.show_view("keypoints")
    view.show_result(result())
    assert colour(view, 50, 100) == keypoint_colour(0)  # x = -0.5: a quarter of 200
    assert colour(view, 210 + 150, 100) == keypoint_colour(0)  # x = 0.5 after Motion
    view.set_mirrored(True)
    assert colour(view, 150, 100) == keypoint_colour(0)
    before = view.grab().toImage()
    view.set_axes(True)
    assert view.grab().toImage() != before


def test_depth_waits_and_then_shows_driver_and_portrait(view):
    view.show_view("depth")
    animated = result()
    view.show_result(animated)
    waiting = view.grab().toImage()
    assert colour(view, 205, 20) == (255, 0, 0)  # the result, until there are maps
    view.show_maps(None, "PyTorch is not installed.")
    assert view.grab().toImage() != waiting  # it says why
    view.show_maps(painted(view, maps_of(animated)))
    assert colour(view, 100, 60) == tuple(depth_colours()[0])
    assert colour(view, 310, 60) == tuple(depth_colours()[255])
    assert colour(view, 180, 180) == (0, 255, 0)  # the driver in the corner of its map


def test_flow_and_occlusion(view):
    view.show_view("flow")
    animated = result()
    view.show_result(animated)
    view.show_maps(painted(view, maps_of(animated)))
    assert min(colour(view, 100, 60)) >= 250  # nothing moves: white


def test_a_movement_seen_in_the_mirror_has_the_colour_of_where_it_goes_there(view):
    view.show_view("flow")
    animated = result()
    view.show_result(animated)
    maps = maps_of(animated)
    maps.maps["flow"][..., 0] -= 0.5  # from the left, so it moved right
    view.show_maps(painted(view, maps))
    assert colour(view, 100, 60) == (255, 0, 0)
    view.set_mirrored(True)
    np.testing.assert_allclose(colour(view, 100, 60), (0, 255, 255), atol=1)


def test_nothing_is_coloured_where_it_is_painted(view):
    animated = result()
    view.show_result(animated)
    for name in ("depth", "flow", "attention"):
        view.show_view(name)
        view.show_maps(maps_of(animated, heat=np.ones((64, 64), np.float32)))
        waiting = view.grab().toImage()
        view.show_maps(painted(view, view.scene.maps))
        assert view.grab().toImage() != waiting


def test_the_portrait_s_depth_is_coloured_anew_only_when_the_ends_move(view):
    view.show_view("depth")
    maps = maps_of(result())
    once = view.view.colour(maps)["portrait"]
    assert view.view.colour(replace(maps, range=(0.0, 1.005)))["portrait"] is once
    assert view.view.colour(replace(maps, range=(0.0, 1.1)))["portrait"] is not once


def test_maps_of_the_view_before_are_not_shown(view):
    view.show_view("flow")
    animated = result()
    view.show_result(animated)
    only_depth = maps_of(animated)
    only_depth.maps.pop("flow")
    view.show_maps(only_depth)
    assert view.scene.maps is None


def test_a_click_on_the_result_asks_for_its_attention(qtbot, view):
    view.show_view("attention")
    view.show_result(result())
    with qtbot.waitSignal(view.point_chosen) as chosen:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(50, 100))
    assert chosen.args == pytest.approx([0.25, 0.5], abs=0.01)
    view.set_mirrored(True)
    with qtbot.waitSignal(view.point_chosen) as chosen:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(50, 100))
    assert chosen.args == pytest.approx([0.75, 0.5], abs=0.01)
    with qtbot.assertNotEmitted(view.point_chosen):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 100))  # the portrait
    view.show_view("result")
    with qtbot.assertNotEmitted(view.point_chosen):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(205, 100))


def test_arrows_move_the_point_by_a_cell_as_they_point(qtbot, view):
    view.show_view("attention")
    animated = result()
    view.show_result(animated)
    maps = maps_of(animated, heat=np.ones((64, 64), np.float32), point=(0.5, 0.5), cells=8)
    view.show_maps(maps)
    x, y = view.scene.point
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.scene.point == pytest.approx((x + 1 / 8, y - 1 / 8))
    view.set_mirrored(True)
    qtbot.keyClick(view, Qt.Key.Key_Right)  # right on the screen is left in the picture
    assert view.scene.point == pytest.approx((x, y - 1 / 8))
    for _ in range(20):
        qtbot.keyClick(view, Qt.Key.Key_Left)
    assert 0 <= view.scene.point[0] < 1


def test_a_picture_that_is_no_result_is_shown_alone_in_every_view(view):
    view.show_result(result())
    for name in ("compare", "keypoints", "depth", "attention"):
        view.show_view(name)
        view.show_image(plain(10, 200, 30))
        assert colour(view, 205, 100) == (10, 200, 30)


def test_an_unknown_view_changes_nothing(view):
    view.show_view("x-ray")
    assert view.view.name == "result"


def test_the_accessible_description_says_what_the_view_shows(view):
    view.show_view("depth")
    assert "near is bright" in view.accessibleDescription()
