"""Drift: a moved seat is noticed, talking and looking around are not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avatar.frame import Face
from avatar.pose.drift import Drift, Drifted
from avatar.pose.frontal import is_frontal
from avatar.pose.head import FRONTAL, HeadPose, head_pose

HZ = 4.0


def watch(poses: Iterator[HeadPose | None] | list[HeadPose | None], drift: Drift | None = None):
    """The first thing noticed, and after how many seconds."""
    drift = drift or Drift(FRONTAL)
    for index, pose in enumerate(poses):
        if (found := drift.add(index / HZ, pose)) is not None:
            return found, index / HZ
    return None, None


def talking(rest: HeadPose, seconds: float, seed: int = 0, nods: float = 2.5) -> Iterator[HeadPose]:
    """A head that talks: slow sways and small nods around a resting pose."""
    made = np.random.default_rng(seed)
    phase = made.uniform(0, 6.28, 4)
    for index in range(int(seconds * HZ)):
        t = index / HZ
        yield replace(
            rest,
            yaw=rest.yaw + 4 * np.sin(0.7 * t + phase[0]) + made.normal(0, 0.5),
            pitch=rest.pitch + nods * np.sin(1.1 * t + phase[1]) + made.normal(0, 0.5),
            roll=rest.roll + 2 * np.sin(0.5 * t + phase[2]),
            x=rest.x + 0.015 * np.sin(0.6 * t + phase[3]),
            mouth=abs(0.05 * np.sin(5 * t)),
        )


@given(
    st.sampled_from(
        [
            {"yaw": 20.0},
            {"yaw": -18.0},
            {"pitch": 16.0},
            {"roll": -14.0},
            {"x": 0.64},
            {"y": 0.36},
            {"size": 0.75},
            {"size": 0.45},
        ]
    ),
    st.integers(0, 1000),
)
def test_a_moved_seat_or_camera_is_noticed(change: dict[str, float], seed: int) -> None:
    found, after_s = watch(talking(replace(FRONTAL, **change), 40, seed))
    assert found is not None and after_s is not None
    assert found.worst == next(iter(change)) and found.amount > 1
    assert 16 <= after_s <= 32
    assert getattr(found.pose, found.worst) == pytest.approx(change[found.worst], rel=0.25)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.floats(0, 5))
def test_talking_is_no_drift(seed: int, nods: float) -> None:
    assert watch(talking(FRONTAL, 60, seed, nods)) == (None, None)


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(st.floats(-40, 40), st.floats(-20, 20), st.floats(1, 7)),
        min_size=4,
        max_size=12,
    ),
    st.integers(0, 1000),
)
def test_looking_around_is_no_drift(looks: list[tuple[float, float, float]], seed: int) -> None:
    """Away for some seconds, back for some seconds: home is still home."""

    def series() -> Iterator[HeadPose]:
        for yaw, pitch, away_s in looks:
            yield from talking(replace(FRONTAL, yaw=yaw, pitch=pitch), away_s, seed)
            yield from talking(FRONTAL, 4, seed)

    assert watch(series()) == (None, None)


def test_a_head_that_never_rests_is_no_drift() -> None:
    made = np.random.default_rng(3)
    wild = [HeadPose(yaw=30 + made.uniform(-25, 25), x=0.7) for _ in range(400)]
    assert watch(wild) == (None, None)


def test_a_look_at_another_screen_is_no_drift_until_it_lasts() -> None:
    side = HeadPose(yaw=30)
    assert watch([*talking(FRONTAL, 20), *talking(side, 12), *talking(FRONTAL, 20)])[0] is None
    found, _ = watch([*talking(FRONTAL, 20), *talking(side, 40)])
    assert found is not None and found.worst == "yaw"


def test_two_places_in_turn_are_no_place() -> None:
    """Someone who looks from one screen to another, and never ahead, has not moved the seat."""
    sides = [HeadPose(yaw=yaw) for _ in range(12) for yaw in (14, 44) for _ in range(12)]
    assert watch(sides) == (None, None)


def test_no_face_is_no_drift() -> None:
    assert watch([None] * 400) == (None, None)
    moved = list(talking(HeadPose(x=0.7), 8))
    assert watch([*moved, *[None] * 400, *moved]) == (None, None)


def test_coming_back_to_the_place_ends_it() -> None:
    drift = Drift(FRONTAL)
    assert watch([*talking(HeadPose(x=0.7), 10), *talking(FRONTAL, 60)], drift)[0] is None


def test_a_clock_that_goes_back_starts_anew() -> None:
    drift = Drift(FRONTAL)
    for index, pose in enumerate(talking(HeadPose(x=0.7), 15)):
        assert drift.add(100 + index / HZ, pose) is None
    assert drift.add(1.0, HeadPose(x=0.7)) is None
    assert drift.add(1.0, HeadPose(x=0.7)) is None
    found, after_s = watch((HeadPose(x=0.7) for _ in range(200)), drift)
    assert found is not None and after_s is not None and after_s >= 16


def test_forgetting_waits_the_whole_time_again() -> None:
    drift = Drift(FRONTAL)
    poses = list(talking(HeadPose(x=0.7), 60))
    for index in range(60):
        assert drift.add(index / HZ, poses[index]) is None
    drift.forget()
    noticed = [i for i in range(60, 200) if drift.add(i / HZ, poses[i]) is not None]
    assert noticed[0] - 60 >= 16 * HZ


def test_the_answer_says_where_the_head_is() -> None:
    drift = Drift(HeadPose(yaw=5, eyes=0.25, mouth=0.1))
    found, _ = watch((HeadPose(yaw=-20) for _ in range(200)), drift)
    assert isinstance(found, Drifted)
    assert found.pose.yaw == pytest.approx(-20) and found.pose.eyes == 0.25
    assert found.amount == pytest.approx(25 / 11, rel=0.01)


@pytest.mark.slow
def test_people_who_talk_have_not_moved(shared: Path) -> None:
    """Clips played to and fro for a minute, their first frontal pose neutral: few alarms."""
    box = np.array([0, 0, 256, 256], np.float32)
    alarms, clips = 0, sorted((shared / "faces").glob("*.npz"))[::4]
    for path in clips:
        with np.load(path) as stored:
            steps = stored["delta"].transpose(1, 2, 0).astype(np.int64)
            xyz = stored["first"] + np.concatenate([np.zeros((1, 478, 3), int), steps.cumsum(0)])
            every = max(1, round(float(stored["fps"]) / HZ))
        points = (xyz[::every] / [8, 8, 4]).astype(np.float32)
        faces = [Face(box, landmarks, 1.0) for landmarks in points]
        poses = [head_pose(face, box) for face in faces]
        neutral = next((n for n, face in enumerate(faces) if is_frontal(face)), 0)
        to_and_fro = [*poses, *poses[::-1]] * (1 + 120 // len(poses))
        home = poses[neutral]
        assert home is not None
        alarms += watch(to_and_fro[: int(60 * HZ)], Drift(home))[0] is not None
    assert alarms <= 0.1 * len(clips)
