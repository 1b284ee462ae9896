"""Where a click lands in a picture that is letterboxed, flipped, or one of two."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF, QRectF

from avatar.attention import centre_of, query_at
from ui.views.attention import AttentionView
from ui.views.view import GAP, Scene, place_in, point_in, square, two_squares

SIZES = st.integers(40, 2000)


@given(SIZES, SIZES, st.integers(0, 1023), st.booleans())
def test_a_click_on_the_middle_of_a_cell_asks_for_that_query(width, height, query, mirrored):
    area = QRectF(0, 0, width, height)
    rect = AttentionView().result_rect(area, Scene())
    assume(rect.width() >= 4)
    at = point_in(rect, centre_of(query, 1024), mirrored)
    assert rect.contains(at)
    place = place_in(rect, at, mirrored)
    assert place is not None and query_at(place, 1024) == query


@given(SIZES, SIZES, st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_points_come_back(width, height, x, y, mirrored):
    rect = square(QRectF(0, 0, width, height))
    place = place_in(rect, point_in(rect, (x, y), mirrored), mirrored)
    assume(place is not None)  # the very edge, rounded
    assert place == pytest.approx((x, y), abs=1e-6)


def test_a_flipped_picture_is_clicked_on_its_other_side():
    rect = QRectF(100, 0, 200, 200)  # letterboxed: bars of 100 on both sides
    assert place_in(rect, QPointF(150, 50), False) == (0.25, 0.25)
    assert place_in(rect, QPointF(150, 50), True) == (0.75, 0.25)
    assert place_in(rect, QPointF(50, 50), False) is None
    assert place_in(rect, QPointF(150, 201), False) is None
    assert place_in(QRectF(), QPointF(0, 0), False) is None


@given(SIZES, SIZES)
def test_two_panes_lie_in_the_area_and_not_on_each_other(width, height):
    area = QRectF(0, 0, width, height)
    first, second = two_squares(area)
    assert first.width() == first.height() == second.width() == second.height()
    for rect in (first, second):
        assert area.contains(rect)
    assert not first.intersects(second)
    beside = first.top() == second.top()
    gap = second.left() - first.right() if beside else second.top() - first.bottom()
    assert gap == GAP
