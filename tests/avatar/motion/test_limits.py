"""Limits: nothing changes up to the knee; beyond, it saturates smoothly and never passes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.motion.head import HeadMotion
from avatar.motion.limits import KNEE, ROOM, Limits, soft, soft_length

LIMITS = st.floats(0.05, 2)
LOW, HIGH = np.full(2, -0.5, np.float32), np.full(2, 0.5, np.float32)


@given(LIMITS, LIMITS, st.floats(-5, 5), st.floats(0, 1))
def test_it_is_monotone_and_bounded(below: float, above: float, value: float, more: float) -> None:
    out = soft(value, -below, above)
    assert -below <= out <= above
    assert soft(value + more, -below, above) >= out
    assert abs(out) <= abs(value) + 1e-12 and out * value >= 0
    if -below * KNEE <= value <= above * KNEE:
        assert out == value


@given(LIMITS)
def test_its_slope_has_no_step(limit: float) -> None:
    step = 1e-5
    for at in (0.0, KNEE * limit, -KNEE * limit, 1.2 * limit):
        left = (soft(at, -limit, limit) - soft(at - step, -limit, limit)) / step
        right = (soft(at + step, -limit, limit) - soft(at, -limit, limit)) / step
        assert left == pytest.approx(right, abs=0.01)


def test_arrays_are_limited_like_numbers() -> None:
    lengths = np.linspace(0, 3, 50, dtype=np.float32)
    expected = [soft(float(length), -0.4, 0.4) for length in lengths]
    np.testing.assert_allclose(soft_length(lengths, 0.4), expected, atol=1e-6)


def test_a_quiet_driver_is_not_limited() -> None:
    quiet = HeadMotion(0.2, (0.1, -0.2), 0.1, (0.1, -0.1))
    assert Limits().head(quiet, HeadMotion(), LOW, HIGH, 1.0) == quiet
    moved = np.full((5, 2), 0.05, np.float32)
    np.testing.assert_allclose(Limits().residual(moved, 1.0, blind=False), moved, rtol=1e-6)


def test_a_wild_one_stays_within() -> None:
    limits = Limits()
    for sign in (-1, 1):
        wild = HeadMotion(
            2.0 * sign, (1.0 * sign, 0.8 * sign), 1.5 * sign, (2.0 * sign, 2.0 * sign)
        )
        out = limits.head(wild, HeadMotion(), LOW, HIGH, 0.5)
        assert abs(out.roll) <= limits.roll
        assert abs(out.tilt[0]) <= limits.pitch and abs(out.tilt[1]) <= limits.yaw
        assert -limits.smaller <= out.log_scale <= limits.larger
        assert abs(out.shift[0]) * 0.5 <= limits.aside
        assert -limits.up <= out.shift[1] * 0.5 <= limits.down
    far = np.array([[3, 4], [0, 0], [-0.3, 0.4]], np.float32)
    short = limits.residual(far, 2.0, blind=False)
    assert np.hypot(*short.T).max() * 2 <= limits.displacement + 1e-6
    np.testing.assert_allclose(short[0] / np.hypot(*short[0]), [0.6, 0.8], rtol=1e-5)
    assert np.hypot(*limits.residual(far, 2.0, blind=True)[0]) > np.hypot(*short[0])


def test_the_portraits_own_pose_counts() -> None:
    limits = Limits()
    turned = HeadMotion(tilt=(0.0, 0.4))
    further = limits.head(HeadMotion(tilt=(0, 0.5)), turned, LOW, HIGH, 1.0)
    back = limits.head(HeadMotion(tilt=(0, -0.5)), turned, LOW, HIGH, 1.0)
    assert further.tilt[1] <= 0.2 and back.tilt[1] == -0.5
    profile = HeadMotion(tilt=(0.0, 1.0))  # beyond the limit itself: a little room is left
    assert 0 < limits.head(HeadMotion(tilt=(0, 0.5)), profile, LOW, HIGH, 1.0).tilt[1] <= ROOM


def test_no_keypoint_leaves_the_picture() -> None:
    limits = Limits()
    high = np.array([0.75, 0.5], np.float32)
    out = limits.head(HeadMotion(shift=(1.0, 0.0)), HeadMotion(), LOW, high, 1.0)
    assert out.shift[0] + 0.75 <= 1 - limits.margin + 1e-6
