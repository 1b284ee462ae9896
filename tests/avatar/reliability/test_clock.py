"""A computer that has been on for months, one that slept for a day, and a clock that steps back."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avatar.animator import Animator
from avatar.frame import Crop, Keypoints, Portrait
from avatar.motion.transfer import Motion
from avatar.sources.synthetic import SyntheticSource
from avatar.stats import Rate, SinkStats, StageTimes
from engines.fake import FakeEngine

DAY_S = 24 * 3600
DAY_NS = DAY_S * 1_000_000_000
FRAME_NS = 33_333_333
BOX = np.array([0, 0, 256, 256], np.float32)
NAMED = {"detect": 10.0, "motion": 1.0, "render": 20.0}


def poses(count: int) -> list[Keypoints]:
    """A head that moves to and fro, and trembles."""
    chance = np.random.default_rng(3)
    rest = chance.uniform(-0.5, 0.5, (10, 2))
    eye = np.tile(np.eye(2, dtype=np.float32), (10, 1, 1))
    return [
        Keypoints(
            (rest + 0.2 * np.sin(i / 7) + chance.normal(0, 0.003, (10, 2))).astype(np.float32),
            eye + chance.normal(0, 0.01, eye.shape).astype(np.float32),
        )
        for i in range(count)
    ]


def moved(start_ns: int) -> np.ndarray:
    """(60, 10, 2): what becomes of the poses that begin at a time."""
    motion = Motion()
    motion.reset(poses(1)[0])
    return np.stack([motion(p, start_ns + i * FRAME_NS).value for i, p in enumerate(poses(60))])


@pytest.mark.parametrize("days", [1, 400, 10_000])
def test_smoothing_does_not_depend_on_how_long_the_computer_is_on(days: int) -> None:
    np.testing.assert_array_equal(moved(days * DAY_NS), moved(0))


@pytest.mark.parametrize("jump_ns", [DAY_NS, -DAY_NS, 0])
def test_a_jump_is_followed_by_the_pose_of_now(jump_ns: int) -> None:
    motion = Motion()
    first, *_, last = poses(60)
    motion.reset(first)
    motion(first, DAY_NS)
    after = motion(last, DAY_NS + jump_ns)
    np.testing.assert_allclose(after.value, last.value, atol=1e-4)
    following = motion(last, DAY_NS + jump_ns + FRAME_NS)
    np.testing.assert_allclose(following.value, last.value, atol=1e-3)


@pytest.mark.parametrize("jump_ns", [DAY_NS, -DAY_NS])
def test_an_animator_goes_on_after_a_jump_with_and_without_a_face(jump_ns: int) -> None:
    chance = np.random.default_rng(5)
    portrait = chance.integers(0, 255, (256, 256, 3), np.uint8)
    animator = Animator(FakeEngine(), Motion())
    animator.set_portrait(Portrait(portrait, BOX, portrait, None, "noise"))
    index, t_ns = 0, 2 * DAY_NS
    for lost_ms in (0.0, 0.0, 400.0, 2000.0, 0.0, 0.0):
        for step_ns in (FRAME_NS, jump_ns, FRAME_NS):
            index, t_ns = index + 1, t_ns + step_ns
            crop = Crop(portrait, BOX, None, lost_ms > 0, index, t_ns, lost_ms=lost_ms)
            animated = animator.animate(crop)
            assert (animated.frame.index, animated.frame.t_ns) == (index, t_ns)
            assert animated.shown is not None and np.isfinite(animated.shown.value).all()


def test_a_synthetic_camera_keeps_its_time_over_a_day(make_video: Callable[..., Path]) -> None:
    now = [3 * DAY_NS]

    def sleep(seconds: float) -> None:
        now[0] += round(seconds * 1e9)

    source = SyntheticSource(driving=make_video(), clock=lambda: now[0], sleep=sleep)
    source.open()
    try:
        first = source.read()
        now[0] += DAY_NS
        later = source.read()
        following = source.read()
    finally:
        source.close()
    assert first is not None and later is not None and following is not None
    assert (first.index, first.t_ns) == (0, 3 * DAY_NS)
    # What nobody read is left out at once, not caught up with.
    assert abs(later.index - DAY_S * 30) <= 1 and abs(later.t_ns - 4 * DAY_NS) <= FRAME_NS
    assert following.index == later.index + 1
    assert 0 < following.t_ns - later.t_ns <= 2 * FRAME_NS


def test_figures_stay_exact_after_months() -> None:
    start_s = 400.0 * DAY_S
    rate, stats = Rate(), SinkStats()
    for index in range(DAY_S, DAY_S + 300):
        rate.add(start_s + index / 30)
        stats.delivered(index, 40.0)
    assert rate.lately(start_s + (DAY_S + 300) / 30) == pytest.approx(30, rel=0.02)
    assert rate.overall == pytest.approx(30, rel=1e-3)
    assert stats.rate.count == 300

    times = StageTimes(64)
    start_ns = 400 * DAY_NS
    for index in range(100):
        times.captured(DAY_S * 30 + index, start_ns + index * FRAME_NS, 4.0, 6.0)
        times.animated(DAY_S * 30 + index, start_ns + index * FRAME_NS, 50.0, NAMED)
    ago_s, ms = times.recent(1.0, start_ns + 100 * FRAME_NS)
    assert len(ms) == 30 and ago_s[-1] == pytest.approx(-0.0333, abs=1e-4)
    assert np.diff(ago_s) == pytest.approx(0.0333, abs=1e-4)


def test_after_a_night_asleep_the_rate_is_that_of_now() -> None:
    rate = Rate()
    for start_s in (0.0, 9.0 * 3600):
        for index in range(90):
            rate.add(start_s + index / 30)
    assert rate.lately(9 * 3600 + 3.0) == pytest.approx(30, rel=0.05)
    assert rate.lately(2 * 9 * 3600) == 0
