"""HeadMotion: what a head does is found again, and nothing is ever reflected."""

from math import cos, pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from avatar.frame import Floats
from avatar.motion.head import MAX_LOG_SCALE, MAX_TILT, HeadFit, HeadMotion
from avatar.motion.labels import Labels, labels_of

FOUND = labels_of("compact", 20)
assert FOUND is not None
FACE: Labels = FOUND
COORDINATES = st.floats(-1, 1, width=32)
POINTS = hnp.arrays(np.float32, (20, 2), elements=COORDINATES)

motions = st.builds(
    lambda roll, angle, tilt, log_scale, x, y: HeadMotion(
        roll, (angle * cos(tilt), angle * sin(tilt)), log_scale, (x, y)
    ),
    st.floats(-3, 3),
    st.floats(0, 1.2),
    st.floats(-pi, pi),
    st.floats(-0.7, 0.7),
    st.floats(-1, 1),
    st.floats(-1, 1),
)


def face_fit() -> HeadFit:
    return HeadFit(
        FACE.shape[:, :2] * np.float32(0.4), FACE.shape[:, 2] * np.float32(0.4), FACE.steady
    )


def flat_fit(seed: int = 0) -> HeadFit:
    rng = np.random.default_rng(seed)
    return HeadFit(rng.uniform(-0.6, 0.6, (15, 2)).astype(np.float32))


@settings(deadline=None)
@given(motions)
def test_a_motion_of_the_whole_head_is_found(motion: HeadMotion) -> None:
    fit = face_fit()
    points = fit.moved(motion)
    assert points.dtype == np.float32
    found = fit(points)
    np.testing.assert_allclose(fit.moved(found), points, atol=5e-4)
    np.testing.assert_allclose(found.tilt, motion.tilt, atol=5e-3)
    assert found.log_scale == pytest.approx(motion.log_scale, abs=2e-3)


@settings(deadline=None)
@given(st.floats(-3, 3), st.floats(-1, 1), COORDINATES, COORDINATES)
def test_without_depths_a_similarity_is_found(
    roll: float, log_scale: float, x: float, y: float
) -> None:
    fit = flat_fit()
    found = fit(fit.moved(HeadMotion(roll, (0, 0), log_scale, (x, y))))
    assert found.tilt == (0, 0)
    assert found.roll == pytest.approx(roll, abs=1e-3)
    assert found.log_scale == pytest.approx(log_scale, abs=1e-3)
    np.testing.assert_allclose(found.shift, (x, y), atol=1e-3)


def test_no_motion_is_nearly_none() -> None:
    for fit in (face_fit(), flat_fit()):
        found = fit(fit.moved(HeadMotion()))
        numbers = [found.roll, *found.tilt, found.log_scale, *found.shift]
        np.testing.assert_allclose(numbers, 0, atol=1e-4)


@settings(deadline=None)
@given(POINTS, POINTS, st.booleans())
def test_whatever_the_points_it_is_finite_and_no_reflection(
    first: Floats, then: Floats, deep: bool
) -> None:
    fit = (
        HeadFit(first, FACE.shape[:, 2] * np.float32(0.3), FACE.steady) if deep else HeadFit(first)
    )
    found = fit(then)
    rows = found.rows()
    assert np.isfinite(rows).all() and np.isfinite(found.shift).all()
    assert np.hypot(*found.tilt) <= MAX_TILT + 1e-6 and abs(found.log_scale) <= MAX_LOG_SCALE
    assert np.linalg.det(rows[:, :2].astype(np.float64)) > 0
    np.testing.assert_allclose(
        rows @ rows.T, np.eye(2) * np.exp(2 * found.log_scale), rtol=1e-4, atol=1e-3
    )


def test_an_open_mouth_does_not_turn_the_head() -> None:
    fit = face_fit()
    head = HeadMotion(0.1, (0.05, -0.3), 0.1, (0.1, 0.0))
    points = fit.moved(head)
    points[[1, 15, 16]] += np.array([[0, 0.2], [0, -0.05], [0, 0.15]], np.float32)
    found = fit(points)
    np.testing.assert_allclose(found.tilt, head.tilt, atol=0.02)
    assert found.roll == pytest.approx(0.1, abs=0.01)


def test_fractions_go_along_the_way() -> None:
    motion = HeadMotion(0.6, (0.2, -0.4), 0.3, (0.5, -0.1))
    assert motion.fraction(0) == HeadMotion()
    assert motion.fraction(1) == motion
    half = motion.fraction(0.5)
    assert half == HeadMotion(0.3, (0.1, -0.2), 0.15, (0.25, -0.05))
    far = motion.fraction(4)
    assert np.hypot(*far.tilt) == pytest.approx(MAX_TILT)


@given(motions)
def test_rows_and_depth_are_a_rotation(motion: HeadMotion) -> None:
    size = np.exp(motion.log_scale)
    whole = np.vstack([motion.rows(), motion.depth_row()]) / size
    np.testing.assert_allclose(whole @ whole.T, np.eye(3), atol=1e-5)
    assert np.linalg.det(whole) == pytest.approx(1, abs=1e-5)


def test_points_that_span_nothing_have_no_motion() -> None:
    fit = HeadFit(np.zeros((15, 2), np.float32))
    assert fit(np.ones((15, 2), np.float32)) == HeadMotion()
