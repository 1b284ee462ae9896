"""The colours of maps, against pixels worked out by hand."""

import numpy as np
import pytest

from ui.views.colours import (
    FULL_FLOW,
    depth_colours,
    depth_picture,
    flow_colours,
    flow_picture,
    heat_colours,
    heat_picture,
    heat_top,
    keypoint_colour,
    occlusion_colours,
    occlusion_picture,
    wheel,
)


def still(side=64):
    axis = np.linspace(-1, 1, side, dtype=np.float32)
    return np.stack(np.meshgrid(axis, axis), -1)


def luminance(colours):
    return colours.astype(float) @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("colours", [depth_colours, heat_colours, occlusion_colours])
def test_more_is_brighter_all_along_the_scale(colours):
    steps = np.diff(luminance(colours())[::8])
    assert (steps > 0).all()


def test_near_is_bright_and_far_is_dark():
    depth = np.full((32, 32), 0.2, np.float32)
    depth[:, 16:] = 0.8
    picture = depth_picture(depth, (0.2, 0.8), contours=False)
    assert picture.shape == (384, 384, 3) and picture.dtype == np.uint8
    assert tuple(picture[10, 10]) == tuple(depth_colours()[0])
    assert tuple(picture[10, -10]) == tuple(depth_colours()[255])


def test_a_depth_between_the_ends_has_the_colour_of_its_share():
    picture = depth_picture(np.full((8, 8), 0.35, np.float32), (0.2, 0.8), contours=False)
    assert (picture == depth_colours()[64]).all()  # a quarter of 255 is 63.75


def test_contours_only_darken_slopes():
    ramp = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (64, 1))
    plain = depth_picture(ramp, (0, 1), contours=False).astype(int)
    lined = depth_picture(ramp, (0, 1)).astype(int)
    assert (lined <= plain).all() and (lined < plain).any()
    flat = np.full((64, 64), 0.5, np.float32)
    assert (depth_picture(flat, (0, 1)) == depth_picture(flat, (0, 1), contours=False)).all()


@pytest.mark.parametrize(
    ("right", "down", "colour"),
    [
        (0, 0, (255, 255, 255)),
        (1, 0, (255, 0, 0)),  # hue 0
        (-1, 0, (0, 255, 255)),  # hue 180
        (0, 1, (128, 255, 0)),  # hue 90
        (0, -1, (128, 0, 255)),  # hue 270
        (0.5, 0, (255, 128, 128)),  # half as far, half as strong
        (5, 0, (255, 0, 0)),  # no more than full
    ],
)
def test_the_colour_of_a_movement(right, down, colour):
    given = np.full((1, 1), right, np.float32), np.full((1, 1), down, np.float32)
    np.testing.assert_allclose(flow_colours(*given)[0, 0], colour, atol=1)


def test_what_is_fetched_from_the_left_moved_right():
    flow = still()
    flow[..., 0] -= FULL_FLOW
    assert tuple(flow_picture(flow)[128, 128]) == (255, 0, 0)
    # In a flipped picture it moves left, so that is its colour.
    np.testing.assert_allclose(flow_picture(flow, mirrored=True)[128, 128], (0, 255, 255), atol=1)
    assert tuple(flow_picture(still())[40, 200]) == (255, 255, 255)


def test_the_wheel_is_what_the_pictures_use():
    colours = wheel(101)
    assert tuple(colours[50, 50]) == (255, 255, 255)
    np.testing.assert_allclose(colours[50, 100], (255, 0, 0), atol=6)  # right: red
    np.testing.assert_allclose(colours[50, 0], (0, 255, 255), atol=6)


def test_occlusion_is_dark_where_nothing_of_the_portrait_is_seen():
    occlusion = np.zeros((1, 64, 64), np.float32)
    occlusion[0, :, 32:] = 1
    picture = occlusion_picture(occlusion)
    assert tuple(picture[100, 10]) == tuple(occlusion_colours()[0])
    assert tuple(picture[100, 245]) == tuple(occlusion_colours()[255])


def test_heat_covers_the_portrait_above_the_average_only():
    portrait = np.full((256, 256, 3), 100, np.uint8)
    heat = np.ones((64, 64), np.float32)
    heat[:, 32:] = 4
    picture = heat_picture(portrait, heat, 4.0)
    assert tuple(picture[100, 10]) == (45, 45, 45)  # darkened to 45 %
    hottest = 45 + 0.88 * (heat_colours()[255].astype(float) - 45)
    np.testing.assert_allclose(picture[100, 245], hottest, atol=1)


def test_the_top_of_the_heat_is_at_least_twice_the_average():
    assert heat_top(np.ones((64, 64), np.float32)) == 2.0
    assert heat_top(np.full((64, 64), 7, np.float32)) == 7.0


def test_keypoints_have_colours_of_their_own():
    assert len({keypoint_colour(number) for number in range(20)}) == 20
    assert keypoint_colour(0) == (255, 71, 71)  # hue 0, 0.72 saturated
