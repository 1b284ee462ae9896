"""Where a head belongs in a square, and cutting the square out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.frame import Face
from avatar.square import FACE_CENTRE_Y, FACE_SIDE, Square, centre_square, cut, head_square


def face(x: float, y: float, w: float, h: float) -> Face:
    box = np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2], np.float32)
    return Face(box=box, landmarks=np.zeros((478, 3), np.float32), score=1.0)


def test_a_face_sits_in_its_square_as_in_the_training_data():
    square = head_square(face(320, 240, 80, 100), 640, 480)
    x0, y0, x1, y1 = square.box
    assert (320 - x0) / square.side == pytest.approx(0.5, abs=1e-5)
    assert (240 - y0) / square.side == pytest.approx(FACE_CENTRE_Y, abs=1e-5)
    assert 100 / square.side == pytest.approx(FACE_SIDE)


def test_a_square_that_sticks_out_a_little_moves_inside():
    square = head_square(face(320, 90, 80, 100), 640, 480)
    assert square.box[1] == pytest.approx(0, abs=1e-4)


def test_it_moves_by_no_more_than_an_eighth():
    inside = head_square(face(320, 240, 80, 100), 640, 480)
    at_the_edge = head_square(face(320, 0, 80, 100), 640, 480)
    assert at_the_edge.y - (0 - (FACE_CENTRE_Y - 0.5) * inside.side) <= 0.125 * inside.side


@given(
    st.floats(-200, 900), st.floats(-200, 700), st.floats(1, 900), st.floats(1, 900),
    st.integers(1, 800), st.integers(1, 800),
)  # fmt: skip
def test_boxes_are_square(x, y, w, h, width, height):
    box = head_square(face(x, y, w, h), width, height).box
    assert box.dtype == np.float32
    assert box[2] - box[0] == pytest.approx(box[3] - box[1], rel=1e-3)


def test_cutting_the_whole_picture_changes_nothing():
    image = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    result = cut(image, centre_square(256, 256))
    np.testing.assert_array_equal(result, image)
    assert not np.shares_memory(result, image)


def test_cutting_halves_exactly():
    image = np.repeat(np.repeat(np.arange(0, 256, 1, np.uint8)[None, :], 256, 0), 2, 0)
    image = np.repeat(image, 2, 1)[:, :, None].repeat(3, 2).copy()
    result = cut(image, centre_square(512, 512))
    # away from the border every pixel is the mean of the two it stands for
    np.testing.assert_array_equal(result[128, 4:-4, 0], np.arange(256)[4:-4])


@pytest.mark.parametrize("side", [100.0, 256.0, 700.0, 1500.0])
def test_a_mark_lands_where_the_square_says(side):
    image = np.zeros((1600, 1600, 3), np.uint8)
    x, y = 800, 900
    image[y - 8 : y + 8, x - 8 : x + 8] = 255
    square = Square(790.25, 860.5, side)
    ys, xs = np.nonzero(cut(image, square)[:, :, 0] > 127)
    scale = 256 / side
    assert xs.mean() + 0.5 == pytest.approx((x - square.box[0]) * scale, abs=0.75)
    assert ys.mean() + 0.5 == pytest.approx((y - square.box[1]) * scale, abs=0.75)


@pytest.mark.parametrize("side", [64.0, 800.0])
def test_outside_the_picture_its_edge_is_repeated(side):
    image = np.zeros((100, 100, 3), np.uint8)
    image[:, :10] = (200, 10, 10)
    result = cut(image, Square(0, 50, side))
    assert (result[128, :100] == (200, 10, 10)).all()


def test_far_outside_is_still_a_picture():
    assert cut(np.full((10, 10, 3), 7, np.uint8), Square(5000, 5000, 600)).shape == (256, 256, 3)


def test_small_pictures_are_enlarged():
    result = cut(np.full((1, 1, 3), 9, np.uint8), centre_square(1, 1))
    assert (result == 9).all()
