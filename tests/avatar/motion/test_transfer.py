"""Motion: the official normalisation by golden numbers; smoothing neither trembles nor lags."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from avatar.frame import Floats, Keypoints
from avatar.motion.geometry import hull_area, inverse_2x2
from avatar.motion.settings import MotionSettings
from avatar.motion.smoothing import VALUE_SMOOTHING, OneEuro
from avatar.motion.transfer import MIN_HULL_AREA, Motion

GOLDEN = Path(__file__).parents[1] / "golden" / "case_2.npz"
TOLERANCE = 5e-5
FRAME_NS = 50_000_000  # 20 a second


def random_keypoints(seed: int, count: int = 15) -> Keypoints:
    rng = np.random.default_rng(seed)
    value = rng.uniform(-0.8, 0.8, (count, 2)).astype(np.float32)
    jacobian = (np.eye(2) + 0.2 * rng.standard_normal((count, 2, 2))).astype(np.float32)
    return Keypoints(value, jacobian)


@pytest.mark.parametrize("mode", ["TT", "TF", "FF"])
def test_golden_normalisation(mode: str) -> None:
    if not GOLDEN.exists():
        pytest.skip("tests/golden/case_2.npz is not there")
    with np.load(GOLDEN) as file:
        case = {name: file[name] for name in file.files if name.startswith(("kp_", "kn_"))}
    driving = [
        Keypoints(v, j)
        for v, j in zip(case["kp_driving_value"], case["kp_driving_jacobian"], strict=True)
    ]
    motion = Motion(
        MotionSettings(relative=mode[0] == "T", adapt_scale=mode[1] == "T", smoothing=0)
    )
    motion.reset(Keypoints(case["kp_source_value"][0], case["kp_source_jacobian"][0]))
    motion.calibrate(driving[0])
    for i, keypoints in enumerate(driving):
        out = motion(keypoints, i)
        assert out.value.dtype == out.jacobian.dtype == np.float32
        assert np.abs(out.value - case[f"kn_{mode}_value"][i]).max() <= TOLERANCE
        assert np.abs(out.jacobian - case[f"kn_{mode}_jacobian"][i]).max() <= TOLERANCE


def test_the_neutral_pose_gives_the_portrait_back() -> None:
    source, neutral = random_keypoints(1), random_keypoints(2)
    motion = Motion()
    motion.reset(source)
    assert not motion.calibrated
    out = motion(neutral, 0)  # the first call calibrates
    assert motion.calibrated
    np.testing.assert_allclose(out.value, source.value, atol=1e-6)
    np.testing.assert_allclose(out.jacobian, source.jacobian, atol=1e-5)


def test_a_new_portrait_keeps_the_neutral_pose_and_renews_the_scale() -> None:
    neutral = random_keypoints(2)
    motion = Motion(MotionSettings(smoothing=0))
    motion.reset(random_keypoints(1))
    motion.calibrate(neutral)
    half = Keypoints(neutral.value * 0.5, neutral.jacobian)
    motion.reset(half)
    moved = Keypoints(neutral.value + np.float32(0.1), neutral.jacobian)
    np.testing.assert_allclose(motion(moved, 0).value, half.value + 0.05, atol=1e-6)


def test_without_a_portrait_it_says_what_is_missing() -> None:
    with pytest.raises(RuntimeError, match="reset"):
        Motion()(random_keypoints(1), 0)


@pytest.mark.parametrize(
    "points",
    [np.zeros((15, 2)), np.linspace(0, 1, 30).reshape(15, 2), np.full((15, 2), np.nan)],
    ids=["spot", "line", "nan"],
)
def test_hulls_without_area_scale_by_one(points: np.ndarray) -> None:
    flat = Keypoints(points.astype(np.float32), random_keypoints(0).jacobian)
    assert hull_area(flat.value) < MIN_HULL_AREA
    motion = Motion(MotionSettings(smoothing=0))
    motion.reset(random_keypoints(1))
    motion.calibrate(flat)
    if np.isfinite(points).all():
        assert np.isfinite(motion(random_keypoints(3), 0).value).all()


@given(hnp.arrays(np.float32, (20, 2), elements=st.floats(-1, 1, width=32)))
def test_hull_area_agrees_with_qhull(points: np.ndarray) -> None:
    spatial = pytest.importorskip("scipy.spatial")
    try:
        expected = spatial.ConvexHull(points.astype(np.float64)).volume
    except spatial.QhullError:
        expected = 0.0
    assert hull_area(points) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_hull_area_of_a_square() -> None:
    square = np.array([[0, 0], [2, 0], [2, 2], [0, 2], [1, 1]], np.float32)
    assert hull_area(square) == pytest.approx(4)


@settings(deadline=None)
@given(hnp.arrays(np.float32, (4, 2, 2), elements=st.floats(-4, 4, width=32)))
def test_inverse_is_finite_and_right_where_it_can_be(m: Floats) -> None:
    inverse = inverse_2x2(m)
    assert inverse.dtype == np.float32 and np.isfinite(inverse).all()
    regular = np.abs(np.linalg.det(m.astype(np.float64))) > 0.5
    np.testing.assert_allclose(
        (m @ inverse)[regular], np.eye(2)[None].repeat(regular.sum(), 0), atol=1e-3
    )


def run_filter(samples: Floats, step_ns: int = FRAME_NS) -> Floats:
    smooth = OneEuro(VALUE_SMOOTHING)
    return np.stack([smooth(s, (i + 1) * step_ns) for i, s in enumerate(samples)])


def test_noise_of_a_still_face_is_cut() -> None:
    rng = np.random.default_rng(0)
    noise = 0.005 * rng.standard_normal((200, 15, 2)).astype(np.float32)
    out = run_filter(noise)
    jitter_in = np.abs(np.diff(noise, axis=0)).mean()
    assert np.abs(np.diff(out, axis=0)).mean() < 0.4 * jitter_in


def test_fast_motion_does_not_lag() -> None:
    speed = 2.0  # half picture widths a second
    t = np.arange(40, dtype=np.float32) * FRAME_NS * 1e-9
    ramp = np.tile((speed * t)[:, None, None], (1, 15, 2))
    ramp[:10] = ramp[10]  # still at first
    out = run_filter(ramp)
    lag_ms = (ramp[-20:] - out[-20:]).max() / speed * 1000
    assert lag_ms < 10
    assert np.abs(ramp[11:14] - out[11:14]).max() < 0.6 * speed * FRAME_NS * 1e-9


def test_smoothing_goes_by_time_not_by_frames() -> None:
    t = np.arange(0, 1, 0.01, dtype=np.float32)
    wave = (0.01 * np.sin(2 * np.pi * t))[:, None, None].repeat(2, 2)
    every, third = run_filter(wave, 10_000_000), run_filter(wave[::3], 30_000_000)
    np.testing.assert_allclose(every[::3], third, atol=0.002)


def test_time_that_does_not_grow_starts_anew() -> None:
    smooth = OneEuro(VALUE_SMOOTHING)
    zero, one = np.zeros((15, 2), np.float32), np.ones((15, 2), np.float32)
    smooth(zero, 5)
    assert np.array_equal(smooth(one, 5), one)
    assert np.array_equal(smooth(zero, 1), zero)


def test_smoothing_covers_jacobians_and_can_be_switched_off() -> None:
    still = random_keypoints(1)
    rng = np.random.default_rng(5)

    def jitter(motion: Motion) -> tuple[float, float]:
        outs = []
        for i in range(60):
            noise = rng.standard_normal((15, 6)).astype(np.float32) * 0.005
            outs.append(
                motion(
                    Keypoints(
                        still.value + noise[:, :2],
                        still.jacobian + noise[:, 2:].reshape(15, 2, 2),
                    ),
                    (i + 1) * FRAME_NS,
                )
            )
        values, jacobians = (
            np.stack(x) for x in zip(*[(o.value, o.jacobian) for o in outs], strict=True)
        )
        return float(values.std(axis=0).mean()), float(jacobians.std(axis=0).mean())

    rough = jitter(Motion(MotionSettings(relative=False, smoothing=0)))
    calm = jitter(Motion(MotionSettings(relative=False)))
    assert calm[0] < 0.6 * rough[0] and calm[1] < 0.6 * rough[1]
