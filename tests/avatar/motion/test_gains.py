"""Gains: 1 changes nothing, 0 leaves the other part alone, and nothing reflects or becomes NaN."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from avatar.frame import Floats, Keypoints
from avatar.motion.gains import MAX_STRETCH, power
from avatar.motion.geometry import inverse_2x2
from avatar.motion.head import HeadFit, HeadMotion
from avatar.motion.labels import Labels, labels_of
from avatar.motion.limits import Limits
from avatar.motion.settings import RANGES, MotionSettings
from avatar.motion.transfer import Motion

FOUND = labels_of("compact", 20)
assert FOUND is not None
FACE: Labels = FOUND
SIZE = np.float32(0.4)
IDENTITY = np.eye(2, dtype=np.float32)

any_settings = st.builds(
    MotionSettings,
    relative=st.booleans(),
    adapt_scale=st.booleans(),
    pose_limit=st.booleans(),
    smoothing=st.just(0.0),
    **{n: st.floats(*r, width=32) for n, r in RANGES.items() if n != "smoothing"},
)


def rng_keypoints(seed: int, count: int = 20, spread: float = 0.15) -> Keypoints:
    rng = np.random.default_rng(seed)
    value = rng.uniform(-0.7, 0.7, (count, 2)).astype(np.float32)
    jacobian = (IDENTITY + spread * rng.standard_normal((count, 2, 2))).astype(np.float32)
    return Keypoints(value, jacobian)


def a_face(seed: int = 0, size: float = 0.4) -> Keypoints:
    """A person: the mean face, a little different."""
    rng = np.random.default_rng(seed)
    own = 0.02 * rng.standard_normal((20, 2))
    value = (FACE.shape[:, :2] * size + own).astype(np.float32)
    return Keypoints(value, np.tile(IDENTITY, (20, 1, 1)))


def moved(face: Keypoints, head: HeadMotion, expression: Floats | None = None) -> Keypoints:
    """A face after a motion of the head, its expression going along."""
    fit = HeadFit(face.value, FACE.shape[:, 2] * SIZE, FACE.steady)
    turn = np.ascontiguousarray(head.rows()[:, :2])
    own = np.zeros((20, 2), np.float32) if expression is None else expression
    return Keypoints(fit.moved(head) + own @ turn.T, turn @ face.jacobian)


def frown() -> Floats:
    out = np.zeros((20, 2), np.float32)
    out[[16, 1, 9, 11]] = [[0, 0.1], [0, 0.08], [0, 0.02], [0, 0.02]]
    return out


def motion_of(neutral: Keypoints, source: Keypoints, chosen: MotionSettings) -> Motion:
    motion = Motion(chosen, FACE)
    motion.reset(source)
    motion.calibrate(neutral)
    return motion


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 999), st.booleans(), st.booleans(), st.sampled_from([10, 15, 20]))
def test_gains_of_one_are_the_papers_motion(
    seed: int, relative: bool, adapt: bool, count: int
) -> None:
    neutral, source, driving = (rng_keypoints(seed * 3 + i, count) for i in range(3))
    plain = MotionSettings(relative=relative, adapt_scale=adapt, smoothing=0)
    expected = motion_of(neutral, source, plain)(driving, 0)
    motion = motion_of(neutral, source, plain)
    gains = motion._gains_for(plain, source)(driving, plain)
    np.testing.assert_allclose(gains.value, expected.value, atol=2e-5)
    np.testing.assert_allclose(gains.jacobian, expected.jacobian, rtol=2e-3, atol=2e-3)


def test_the_default_is_the_papers_formula_to_the_bit() -> None:
    neutral, source, driving = (rng_keypoints(i) for i in range(3))
    chosen = MotionSettings(adapt_scale=False, smoothing=0)
    out = motion_of(neutral, source, chosen)(driving, 0)
    assert np.array_equal(out.value, source.value + np.float32(1) * (driving.value - neutral.value))
    assert np.array_equal(
        out.jacobian, driving.jacobian @ inverse_2x2(neutral.jacobian) @ source.jacobian
    )


@settings(deadline=None, max_examples=60)
@given(any_settings, st.integers(0, 999), st.booleans())
def test_never_nan_and_never_a_reflection_of_its_own(
    chosen: MotionSettings, seed: int, tame: bool
) -> None:
    spread = 0.1 if tame else 1.0
    neutral, source, driving = (rng_keypoints(seed * 3 + i, 20, spread) for i in range(3))
    out = motion_of(neutral, source, chosen)(driving, 0)
    assert out.value.dtype == out.jacobian.dtype == np.float32
    assert np.isfinite(out.value).all() and np.isfinite(out.jacobian).all()
    if tame:
        assert (np.linalg.det(out.jacobian.astype(np.float64)) > 0).all()


@pytest.mark.parametrize("where", ["spot", "line"])
def test_degenerate_faces_are_survived(where: str) -> None:
    flat = np.zeros((20, 2), np.float32)
    if where == "line":
        flat[:, 0] = np.linspace(-0.5, 0.5, 20)
    nothing = Keypoints(flat, np.zeros((20, 2, 2), np.float32))
    chosen = MotionSettings(head=0.5, expression=2, eyes=2, mouth=2, pose_limit=True, smoothing=0)
    for neutral, driving in ((nothing, a_face()), (a_face(), nothing), (nothing, nothing)):
        out = motion_of(neutral, a_face(1), chosen)(driving, 0)
        assert np.isfinite(out.value).all() and np.isfinite(out.jacobian).all()


@pytest.mark.parametrize(
    "head",
    [
        HeadMotion(roll=0.4),
        HeadMotion(tilt=(0.0, 0.4)),
        HeadMotion(tilt=(-0.3, 0.0)),
        HeadMotion(log_scale=0.2, shift=(0.2, -0.1)),
    ],
)
@pytest.mark.parametrize("gain", [0.0, 0.5, 1.5])
def test_the_heads_motion_alone_is_scaled(head: HeadMotion, gain: float) -> None:
    face = a_face()
    chosen = MotionSettings(head=gain, adapt_scale=False, smoothing=0)
    out = motion_of(face, face, chosen)(moved(face, head), 0)
    expected = moved(face, head.fraction(gain))
    np.testing.assert_allclose(out.value, expected.value, atol=0.006)


def test_a_still_head_keeps_its_expression() -> None:
    face = a_face()
    turned = moved(face, HeadMotion(0.2, (0.1, 0.4), 0.1, (0.1, 0.0)), frown())
    chosen = MotionSettings(head=0, adapt_scale=False, smoothing=0)
    out = motion_of(face, face, chosen)(turned, 0)
    np.testing.assert_allclose(out.value - face.value, frown(), atol=0.012)


def test_without_expression_only_the_head_moves() -> None:
    face, head = a_face(), HeadMotion(0.2, (0.1, 0.3), 0.1, (0.1, 0.0))
    chosen = MotionSettings(expression=0, adapt_scale=False, smoothing=0)
    out = motion_of(face, face, chosen)(moved(face, head, frown()), 0)
    np.testing.assert_allclose(out.value, moved(face, head).value, atol=0.02)


def test_no_movement_at_all_is_the_portrait() -> None:
    neutral, source, driving = (rng_keypoints(i) for i in range(3))
    for relative in (True, False):
        chosen = MotionSettings(movement=0, relative=relative, smoothing=0)
        out = motion_of(neutral, source, chosen)(driving, 0)
        np.testing.assert_allclose(out.value, source.value, atol=1e-4)
        np.testing.assert_allclose(out.jacobian, source.jacobian, atol=2e-3)


def test_the_mouth_is_emphasised_alone() -> None:
    face = a_face()
    open_mouth = moved(face, HeadMotion(), frown())
    plain, more = (
        motion_of(face, face, MotionSettings(mouth=g, adapt_scale=False, pose_limit=g == 1))
        for g in (1.0, 2.0)
    )
    before, after = plain(open_mouth, 0).value, more(open_mouth, 0).value
    lip, chin = after[16, 1] - face.value[16, 1], after[1, 1] - face.value[1, 1]
    assert lip == pytest.approx(0.2, abs=0.01)
    assert chin == pytest.approx(0.12, abs=0.01)  # goes along half the way
    others = [i for i in range(20) if i not in FACE.mouth]
    np.testing.assert_allclose(after[others], before[others], atol=1e-3)


def test_lids_close_and_do_not_cross() -> None:
    face = a_face()
    gap = face.value[10, 1] - face.value[9, 1]
    half = np.zeros((20, 2), np.float32)
    half[9, 1] = 0.6 * gap
    for gain, left in ((1.0, 0.4), (1.5, 0.1), (3.0, 0.0)):
        chosen = MotionSettings(eyes=gain, adapt_scale=False, smoothing=0)
        out = motion_of(face, face, chosen)(moved(face, HeadMotion(), half), 0).value
        assert (out[10, 1] - out[9, 1]) / gap == pytest.approx(left, abs=0.06)


def test_unlabelled_keypoints_have_neither_eyes_nor_mouth() -> None:
    neutral, source, driving = (rng_keypoints(i, 15) for i in range(3))
    with_both = Motion(MotionSettings(eyes=3, mouth=3, smoothing=0), FACE)  # of other keypoints
    plain = Motion(MotionSettings(smoothing=0))
    for motion in (with_both, plain):
        motion.reset(source)
        motion.calibrate(neutral)
    np.testing.assert_allclose(with_both(driving, 0).value, plain(driving, 0).value, atol=1e-5)


def test_limits_bound_what_a_wild_driver_does() -> None:
    face, limits = a_face(), Limits()
    wild = moved(face, HeadMotion(1.5, (0.5, 1.0), -1.0, (1.0, 1.0)))
    wild.value[16] += 0.9
    chosen = MotionSettings(adapt_scale=False, pose_limit=True, smoothing=0)
    out = motion_of(face, face, chosen)(wild, 0)
    fit = HeadFit(face.value, FACE.shape[:, 2] * SIZE, FACE.steady)
    head = fit(out.value)
    assert abs(head.tilt[1]) < limits.yaw + 0.1 and head.log_scale > -limits.smaller - 0.1
    assert np.abs(out.value).max() <= 1
    assert np.hypot(*(out.value[16] - fit.moved(head)[16])) < limits.displacement * 1.2


def test_limits_leave_a_quiet_driver_alone() -> None:
    face = a_face()
    quiet = moved(face, HeadMotion(0.1, (0.05, 0.1), 0.05, (0.05, -0.05)), frown() * 0.5)
    plain, limited = (
        motion_of(face, face, MotionSettings(pose_limit=on, smoothing=0))(quiet, 0)
        for on in (False, True)
    )
    np.testing.assert_allclose(limited.value, plain.value, atol=1e-5)
    np.testing.assert_allclose(limited.jacobian, plain.jacobian, atol=1e-4)


def test_what_it_knows_is_renewed_with_portrait_neutral_and_mode() -> None:
    chosen = MotionSettings(movement=0, smoothing=0)
    motion = motion_of(rng_keypoints(1), rng_keypoints(2), chosen)
    driving = rng_keypoints(3)
    np.testing.assert_allclose(motion(driving, 0).value, rng_keypoints(2).value, atol=1e-4)
    motion.reset(rng_keypoints(4))
    np.testing.assert_allclose(motion(driving, 0).value, rng_keypoints(4).value, atol=1e-4)
    motion.settings = MotionSettings(head=0.5, expression=0.5, smoothing=0)
    before = motion(driving, 0).value
    motion.calibrate(rng_keypoints(5))
    assert np.abs(motion(driving, 0).value - before).max() > 0.01


MATRICES = hnp.arrays(np.float32, (4, 2, 2), elements=st.floats(-3, 3, width=32))


@given(MATRICES, st.floats(0, 6, width=32))
def test_powers_are_finite_and_keep_orientation(m: Floats, gain: float) -> None:
    out = power(m, np.full(4, gain, np.float32))
    assert out.dtype == np.float32 and np.isfinite(out).all()
    before = np.linalg.det(m.astype(np.float64))
    after = np.linalg.det(out.astype(np.float64))
    clear = np.abs(before) > 1e-2
    assert (np.sign(after[clear]) == np.sign(before[clear])).all()


@given(MATRICES)
def test_a_power_of_one_is_the_same_map(m: Floats) -> None:
    np.testing.assert_allclose(power(m, np.ones(4, np.float32)), m, atol=2e-3)


@given(MATRICES)
def test_powers_agree_with_the_decomposition(m: Floats) -> None:
    regular = np.linalg.det(m.astype(np.float64)) > 0.5
    assume(regular.any())
    out = power(m, np.full(4, 0.5, np.float32))
    stretches = np.linalg.svd(m[regular].astype(np.float64), compute_uv=False)
    np.testing.assert_allclose(
        np.linalg.svd(out[regular].astype(np.float64), compute_uv=False),
        np.sqrt(stretches),
        rtol=2e-3,
    )


def test_powers_are_bounded_where_the_map_is() -> None:
    m = np.tile(np.diag([2.0, 0.5]).astype(np.float32), (1, 1, 1))
    out = power(m, np.array([6.0], np.float32))
    np.testing.assert_allclose(out[0], np.diag([MAX_STRETCH, 1 / MAX_STRETCH]), rtol=1e-4)
    limited = power(m, np.ones(1, np.float32), 0.4)
    stretches = np.linalg.svd(limited[0], compute_uv=False)
    assert stretches.max() <= np.exp(0.4) and stretches.min() >= np.exp(-0.4)
