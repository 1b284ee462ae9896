"""The match score: best for the portrait's own pose, worse the further away, and useful hints."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.frame import Crop, Face, Portrait
from avatar.pose.head import FRONTAL, HeadPose, head_pose
from avatar.pose.lighting import Lighting
from avatar.pose.match import (
    GOOD,
    STRAIGHT,
    Hint,
    Part,
    Target,
    match,
    match_crop,
    target_of,
)

Make = Callable[..., Face]
BOX = np.array([0, 0, 256, 256], np.float32)
EVEN = Lighting(0.5, 0.1, 0.0)
LIT = Target(FRONTAL, EVEN)

ANGLES = st.floats(-70, 70)
POSES = st.builds(
    HeadPose,
    yaw=ANGLES,
    pitch=ANGLES,
    roll=ANGLES,
    size=st.floats(0.05, 2),
    eyes=st.floats(0, 0.6),
    mouth=st.floats(0, 0.4),
    pixels=st.floats(1, 500),
)
LIGHTS = st.builds(Lighting, level=st.floats(0, 1), contrast=st.floats(0, 2), side=st.floats(-2, 2))


def crop_of(face: Face | None, shade: int = 128, *, held: bool = False) -> Crop:
    return Crop(np.full((256, 256, 3), shade, np.uint8), BOX, face, held, 0, 0)


def portrait_of(face: Face | None) -> Portrait:
    image = np.full((256, 256, 3), 128, np.uint8)
    return Portrait(image, BOX, image, face, "someone")


@given(POSES, LIGHTS)
def test_the_portrait_itself_matches_but_for_faces_too_small(
    pose: HeadPose, light: Lighting
) -> None:
    sharp, bright = replace(pose, pixels=200.0), replace(light, level=max(light.level, 0.2))
    found = match(sharp, bright, Target(sharp, bright))
    assert found.score == pytest.approx(100)
    assert found.worst is None and found.hint is Hint.NONE


@given(POSES, LIGHTS, POSES, LIGHTS)
def test_scores_stay_in_range(a: HeadPose, la: Lighting, b: HeadPose, lb: Lighting) -> None:
    found = match(a, la, Target(b, lb))
    assert 0 <= found.score <= 100
    assert set(found.parts) == set(Part)
    assert all(0 <= share <= 1 for share in found.parts.values())
    assert (found.worst is None) == (found.hint is Hint.NONE)


@given(st.sampled_from(["yaw", "pitch", "roll"]), st.floats(0, 60), st.floats(0, 60), POSES)
def test_the_score_falls_with_the_angle(
    axis: str, near: float, far: float, target: HeadPose
) -> None:
    near, far = sorted((near, far))
    wanted = Target(target)
    scores = [
        match(replace(target, **{axis: getattr(target, axis) + angle}), None, wanted).score
        for angle in (near, far, -near, -far)
    ]
    assert scores[0] >= scores[1] and scores[2] >= scores[3]
    assert scores[0] == pytest.approx(scores[2], abs=1e-6)


def test_two_degrees_are_noise_and_thirty_another_pose() -> None:
    assert match(HeadPose(yaw=2.5), None, Target(FRONTAL)).score == pytest.approx(100)
    assert match(HeadPose(yaw=7), None, Target(FRONTAL)).score > GOOD
    assert match(HeadPose(yaw=12), None, Target(FRONTAL)).score < GOOD
    assert match(HeadPose(yaw=32), None, Target(FRONTAL)).score == 0


@given(POSES, LIGHTS, POSES, LIGHTS)
def test_both_flipped_match_alike(a: HeadPose, la: Lighting, b: HeadPose, lb: Lighting) -> None:
    plain = match(a, la, Target(b, lb)).score
    assert match(a.mirrored(), la.mirrored(), Target(b, lb).mirrored()).score == pytest.approx(
        plain
    )


@pytest.mark.parametrize(
    ("pose", "hint"),
    [
        # Yaw is positive towards the picture's right, which is the driver's own left.
        (HeadPose(yaw=-15), Hint.TURN_LEFT),
        (HeadPose(yaw=15), Hint.TURN_RIGHT),
        (HeadPose(pitch=-15), Hint.LOOK_UP),
        (HeadPose(pitch=15), Hint.LOOK_DOWN),
        (HeadPose(roll=-15), Hint.TILT_LEFT),
        (HeadPose(roll=15), Hint.TILT_RIGHT),
        (HeadPose(size=0.35), Hint.CLOSER),
        (HeadPose(size=0.95), Hint.BACK),
        (HeadPose(pixels=45), Hint.CLOSER),
        (HeadPose(eyes=0.05), Hint.OPEN_EYES),
        (HeadPose(eyes=0.7), Hint.CLOSE_EYES),
        (HeadPose(mouth=0.12), Hint.CLOSE_MOUTH),
    ],
)
def test_hints_for_a_pose(pose: HeadPose, hint: Hint) -> None:
    found = match(pose, EVEN, LIT)
    assert found.hint is hint and found.score < GOOD


def test_a_portrait_with_an_open_mouth_asks_for_one() -> None:
    assert match(FRONTAL, None, Target(HeadPose(mouth=0.12))).hint is Hint.OPEN_MOUTH


@pytest.mark.parametrize(
    ("light", "hint"),
    [
        (Lighting(0.5, 0.1, -0.6), Hint.LIGHT_LEFT),
        (Lighting(0.5, 0.1, 0.6), Hint.LIGHT_RIGHT),
        (Lighting(0.09, 0.1, 0.0), Hint.MORE_LIGHT),
        (Lighting(0.5, 0.6, 0.0), Hint.SOFTER_LIGHT),
    ],
)
def test_hints_for_light(light: Lighting, hint: Hint) -> None:
    found = match(FRONTAL, light, LIT)
    assert found.worst is Part.LIGHT and found.hint is hint
    assert found.score >= 70  # light moves no keypoint far


def test_skin_tone_alone_costs_nothing() -> None:
    assert match(FRONTAL, Lighting(0.27, 0.1, 0.0), LIT).score == pytest.approx(100)


def test_the_worst_part_is_told_first() -> None:
    found = match(HeadPose(yaw=25, size=0.45), Lighting(0.5, 0.1, 0.4), LIT)
    assert found.worst is Part.POSE and found.hint is Hint.TURN_RIGHT
    assert found.parts[Part.LIGHT] < 1 and found.parts[Part.SIZE] < 1


def test_crops_without_a_face_have_no_score(made_face: Make) -> None:
    assert match_crop(crop_of(None), STRAIGHT) is None
    assert match_crop(crop_of(made_face(), held=True), STRAIGHT) is None
    assert match_crop(crop_of(replace(made_face(), landmarks=np.zeros((478, 3)))), STRAIGHT) is None


def test_a_crop_is_compared_with_a_portrait(made_face: Make) -> None:
    pose = HeadPose(yaw=12, pitch=-4, roll=5, pixels=150)
    target = target_of(portrait_of(made_face(pose)))
    assert target.found and target.pose.yaw == pytest.approx(12, abs=0.1)
    same = match_crop(crop_of(made_face(pose)), target)
    assert same is not None and same.score == pytest.approx(100, abs=0.5)
    other = match_crop(crop_of(made_face(replace(pose, yaw=-12))), target)
    assert other is not None and other.hint is Hint.TURN_LEFT
    mirrored = match_crop(crop_of(made_face(replace(pose, yaw=-12, roll=-5))), target.mirrored())
    assert mirrored is not None and mirrored.score == pytest.approx(100, abs=0.5)


def test_a_portrait_without_a_face_asks_for_looking_ahead(made_face: Make) -> None:
    assert target_of(portrait_of(None)) is STRAIGHT
    nothing = replace(made_face(), landmarks=np.zeros((478, 3), np.float32))
    assert target_of(portrait_of(nothing)) is STRAIGHT
    found = match_crop(crop_of(made_face()), STRAIGHT)
    assert found is not None and found.score == pytest.approx(100, abs=0.5)
    assert Part.LIGHT not in found.parts


def test_the_bundled_face_is_near_to_frontal(made_face: Make) -> None:
    """The mean face's own angles: what they are measured from is what looks straight ahead."""
    pose = head_pose(made_face(), BOX)
    assert pose is not None and pose.angle_to(FRONTAL) < 0.1
