import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.attention import centre_of, grid_side, heat_on_portrait, query_at

SHARES = st.floats(-0.5, 1.5)


def still(side=16):
    axis = (np.arange(side, dtype=np.float32) + 0.5) * 2 / side - 1
    return np.stack(np.meshgrid(axis, axis), -1)


def row_of(query, count):
    row = np.zeros(count, np.float32)
    row[query] = 1
    return row


def peak(heat):
    """x and y in [0, 1] of the hottest place."""
    y, x = np.unravel_index(int(heat.argmax()), heat.shape)
    return (x + 0.5) / heat.shape[1], (y + 0.5) / heat.shape[0]


@given(SHARES, SHARES, st.integers(1, 64))
def test_a_point_lies_in_the_cell_of_its_query(x, y, side):
    query = query_at((x, y), side * side)
    assert 0 <= query < side * side
    column, row = query % side, query // side
    inside = min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
    assert column / side - 1e-9 <= inside[0] <= (column + 1) / side + 1e-9
    assert row / side - 1e-9 <= inside[1] <= (row + 1) / side + 1e-9


@given(st.integers(1, 40), st.data())
def test_the_middle_of_a_cell_is_its_own_query(side, data):
    query = data.draw(st.integers(0, side * side - 1))
    assert query_at(centre_of(query, side * side), side * side) == query


def test_a_number_of_places_that_makes_no_square():
    with pytest.raises(ValueError, match="got 12"):
        grid_side(12)


def test_without_motion_heat_lies_where_the_key_is():
    heat = heat_on_portrait(row_of(8 * 2 + 5, 64), still())
    assert heat.shape == (64, 64) and heat.dtype == np.float32 and heat.max() > 10
    x, y = peak(heat)
    assert abs(x - 5.5 / 8) < 0.02 and abs(y - 2.5 / 8) < 0.02


def test_heat_is_carried_back_to_where_the_flow_came_from():
    shift = np.array([0.5, -0.25], np.float32)  # a quarter to the right, an eighth up
    x, y = peak(heat_on_portrait(row_of(8 * 4 + 2, 64), still() + shift))
    assert abs(x - (2.5 / 8 + 0.25)) < 0.02 and abs(y - (4.5 / 8 - 0.125)) < 0.02


def test_an_even_look_around_is_one_everywhere():
    heat = heat_on_portrait(np.full(64, 1 / 64, np.float32), still())
    np.testing.assert_allclose(heat, 1, rtol=1e-4)


def test_what_comes_from_outside_is_nowhere():
    heat = heat_on_portrait(np.full(64, 1 / 64, np.float32), still() + 5)
    assert not heat.any()
