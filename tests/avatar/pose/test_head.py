"""Head poses of a made mesh: what was put in comes out, whatever the place, size and mirror."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.frame import Face
from avatar.pose.head import FRONTAL, MEAN_FACE, RIGID, HeadPose, head_pose

Make = Callable[..., Face]
BOX = np.array([0, 0, 256, 256], np.float32)

POSES = st.builds(
    HeadPose,
    yaw=st.floats(-60, 60),
    pitch=st.floats(-50, 50),
    roll=st.floats(-60, 60),
    x=st.floats(0.1, 0.9),
    y=st.floats(0.1, 0.9),
    size=st.floats(0.15, 1.2),
    eyes=st.floats(0, 0.6),
    mouth=st.floats(0, 0.3),
)


def close(got: HeadPose | None, wanted: HeadPose, degrees: float = 0.05) -> None:
    assert got is not None
    for name in ("yaw", "pitch", "roll"):
        assert getattr(got, name) == pytest.approx(getattr(wanted, name), abs=degrees), name
    for name in ("x", "y", "size", "eyes", "mouth"):
        assert getattr(got, name) == pytest.approx(getattr(wanted, name), abs=2e-3), name


@given(POSES)
def test_a_pose_is_found_again(made_face: Make, pose: HeadPose) -> None:
    close(head_pose(made_face(pose), BOX), pose)


@given(POSES, st.floats(40, 2000), st.floats(-300, 3000))
def test_place_and_scale_of_the_square_do_not_matter(
    made_face: Make, pose: HeadPose, side: float, shift: float
) -> None:
    box = np.array([shift, shift, shift + side, shift + side], np.float32)
    got = head_pose(made_face(pose, side, shift), box)
    close(got, pose, 0.5)
    assert got is not None
    assert got.pixels == pytest.approx(pose.size * side, rel=0.01)


@given(POSES)
def test_the_flipped_picture_has_the_mirrored_pose(made_face: Make, pose: HeadPose) -> None:
    face = made_face(pose)
    flipped = face.landmarks * [-1, 1, 1] + [256, 0, 0]
    # A detector finds each landmark on the other side of the flipped face.
    swapped = flipped.copy()
    pairs = [(109, 338), (67, 297), (54, 284), (21, 251), (127, 356), (234, 454), (33, 263)]
    pairs += [(133, 362), (116, 345), (123, 352), (50, 280), (117, 346), (69, 299), (98, 327)]
    pairs += [(159, 386), (145, 374)]
    for left, right in pairs:
        swapped[[left, right]] = flipped[[right, left]]
    close(head_pose(replace(face, landmarks=swapped.astype(np.float32)), BOX), pose.mirrored())


@pytest.mark.parametrize(
    ("turned", "way"),
    [
        (HeadPose(yaw=20), (1, 0)),  # the nose goes to the right of the picture
        (HeadPose(yaw=-20), (-1, 0)),
        (HeadPose(pitch=20), (0, -1)),  # up
        (HeadPose(pitch=-20), (0, 1)),
    ],
)
def test_the_nose_goes_where_the_angles_say(
    made_face: Make, turned: HeadPose, way: tuple[int, int]
) -> None:
    nose = made_face(turned).landmarks[1, :2] - made_face().landmarks[1, :2]
    along = float(nose @ np.array(way))
    assert along > 5 and along == pytest.approx(float(np.abs(nose).max()))


def test_roll_tilts_the_top_of_the_head(made_face: Make) -> None:
    top, chin = made_face(HeadPose(roll=20)).landmarks[[10, 14], 0]
    assert top > chin + 10


def test_noise_of_a_pixel_costs_about_a_degree(made_face: Make) -> None:
    noise = np.random.default_rng(1).normal(0, 1, (478, 3)).astype(np.float32)
    face = made_face(HeadPose(yaw=10, pitch=-5, roll=3))
    got = head_pose(replace(face, landmarks=face.landmarks + noise), BOX)
    assert got is not None and got.angle_to(HeadPose(yaw=10, pitch=-5, roll=3)) < 2


@pytest.mark.parametrize("spoilt", [0.0, np.nan, np.inf])
def test_landmarks_that_are_no_face_have_no_pose(spoilt: float) -> None:
    landmarks = np.full((478, 3), spoilt, np.float32)
    with np.errstate(invalid="ignore"):
        assert head_pose(Face(BOX, landmarks, 1.0), BOX) is None


def test_an_empty_square_has_no_pose(made_face: Make) -> None:
    assert head_pose(made_face(), np.zeros(4, np.float32)) is None


def test_the_mean_face_is_symmetrical_and_of_size_one() -> None:
    assert MEAN_FACE.shape == (len(RIGID), 3)
    assert MEAN_FACE[:, 0].sum() == pytest.approx(0, abs=1e-5)
    size = np.sqrt(np.square(MEAN_FACE).sum(axis=1).mean())
    assert size == pytest.approx(1, abs=0.01)


def test_angles_add_like_distances() -> None:
    assert FRONTAL.angle_to(HeadPose(yaw=3, pitch=4)) == pytest.approx(5)
    assert HeadPose(yaw=10).angle_to(HeadPose(yaw=-10)) == pytest.approx(20)
