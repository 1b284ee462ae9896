"""The crop square stays square and within its limits, whatever is done to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.square import Square
from ui.gallery.crop_square import CORNERS, fitted, least_side, most_side, moved, pulled, scaled

sizes = st.floats(1, 5000)
places = st.floats(-20_000, 20_000)
squares = st.builds(Square, places, places, st.floats(0.01, 20_000))


def check(square, width, height):
    slack = 1e-6 * (width + height)
    assert -slack <= square.x <= width + slack and -slack <= square.y <= height + slack
    assert least_side(width, height) - slack <= square.side <= most_side(width, height) + slack


@given(squares, sizes, sizes)
def test_fitting_ends_inside_and_leaves_what_is_inside(square, width, height):
    once = fitted(square, width, height)
    check(once, width, height)
    assert fitted(once, width, height) == once


@given(squares, places, places, st.floats(0.01, 100), sizes, sizes)
def test_moving_and_scaling_stay_inside(square, dx, dy, factor, width, height):
    inside = fitted(square, width, height)
    check(moved(inside, dx, dy, width, height), width, height)
    check(scaled(inside, factor, width, height), width, height)
    assert moved(inside, dx, dy, width, height).side == inside.side


@given(squares, st.sampled_from(CORNERS), places, places, sizes, sizes)
def test_pulling_a_corner_keeps_the_opposite_one(square, corner, x, y, width, height):
    inside = fitted(square, width, height)
    result = pulled(inside, corner, x, y, width, height)
    check(result, width, height)
    for sign, before, after in ((corner[0], inside.x, result.x), (corner[1], inside.y, result.y)):
        stays = before - sign * inside.side / 2
        assert after - sign * result.side / 2 == pytest.approx(stays, abs=1e-6 * (width + height))


def test_a_corner_follows_the_mouse():
    square = Square(100, 100, 80)
    assert pulled(square, (1, 1), 160, 150, 400, 300) == Square(110, 110, 100)
    assert pulled(square, (-1, -1), 100, 120, 400, 300) == Square(120, 120, 40)
    assert pulled(square, (1, -1), 9999, -9999, 400, 300).side == 280  # its centre reaches the top
