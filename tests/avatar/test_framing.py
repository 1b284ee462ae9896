"""Zoom and pan: bounded, and undone by their opposites."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.errors import UsageError
from avatar.framing import PAN, ZOOM, Framing

steps = st.lists(
    st.tuples(st.floats(0.5, 2.0), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)), max_size=30
)


@given(steps)
def test_whatever_is_pressed_it_stays_within_bounds(path):
    framing = Framing()
    for factor, dx, dy in path:
        framing = framing.zoomed(factor).panned(dx, dy)
    assert ZOOM[0] <= framing.zoom <= ZOOM[1] and max(abs(framing.dx), abs(framing.dy)) <= PAN


def test_steps_and_their_opposites():
    closer = Framing().zoomed(1.25)
    assert closer.zoom == pytest.approx(0.25)
    assert closer.zoomed(0.8) == Framing()
    assert Framing().panned(0.05, -0.05).panned(-0.05, 0.05) == Framing()


@pytest.mark.parametrize(
    "wrong", [{"zoom": 2.1}, {"zoom": -0.6}, {"dx": 1.2}, {"dy": float("nan")}, {"zoom": 1e400}]
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(UsageError, match="expected"):
        Framing(**wrong)
