"""What makes a portrait animate badly, on a made-up head that can be turned."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from avatar.frame import Face
from avatar.mesh import face_from_landmarks
from avatar.picture import read
from avatar.portraits.portrait import bundled, load_portrait
from avatar.portraits.suitability import (
    MAX_DOUBT,
    NEUTRAL_PITCH,
    blur,
    concerns,
    eye_opening,
    head_angles,
    mouth_doubt,
    mouth_opening,
)

BOX = np.array([0, 0, 256, 256], np.float32)
SHARP = np.kron(  # squares of 8 pixels in any colour
    np.random.default_rng(0).integers(0, 256, (32, 32, 3)), np.ones((8, 8, 1), int)
).astype(np.uint8)


def turn(axis: int, degrees: float) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    a, b = [i for i in range(3) if i != axis]
    matrix = np.eye(3)
    matrix[a, a] = matrix[b, b] = c
    matrix[a, b], matrix[b, a] = -s, s
    return matrix


def head(
    yaw: float = 0.0,
    pitch: float = NEUTRAL_PITCH,
    roll: float = 0.0,
    eyes: float = 0.28,
    mouth: float = 0.1,
    size: float = 150.0,
) -> Face:
    """A head in parts of its height, x right, y down, z away; then turned and put at (128, 128)."""
    points = np.zeros((478, 3))
    rim = np.linspace(0, 2 * np.pi, 478)
    points[:, 0], points[:, 1] = 0.4 * np.cos(rim), 0.5 * np.sin(rim)
    points[10], points[152] = (0, -0.5, 0), (0, 0.5, 0)
    corners = {33: -0.3, 133: -0.1, 362: 0.1, 263: 0.3}
    for number, x in corners.items():
        points[number] = (x, -0.1, 0)
    for upper, lower, x in (
        (160, 144, -0.24),
        (158, 153, -0.16),
        (385, 380, 0.16),
        (387, 373, 0.24),
    ):
        points[upper] = (x, -0.1 - 0.1 * eyes, 0)
        points[lower] = (x, -0.1 + 0.1 * eyes, 0)
    for number, x in {61: -0.15, 78: -0.13, 308: 0.13, 291: 0.15, 37: -0.05, 267: 0.05}.items():
        points[number] = (x, 0.25, 0)
    for number, x in {84: -0.05, 314: 0.05}.items():
        points[number] = (x, 0.3, 0)
    points[13], points[14] = (0, 0.25 - 0.15 * mouth, 0), (0, 0.25 + 0.15 * mouth, 0)
    points[0], points[17] = (0, 0.2, 0), (0, 0.3, 0)
    turned = points @ turn(0, -pitch).T @ turn(1, yaw).T @ turn(2, roll).T
    return face_from_landmarks((turned * size + [128, 128, 0]).astype(np.float32))


def kinds(face: Face | None, image=SHARP, faces: int = 1, both=None) -> list[str]:
    return [concern.kind for concern in concerns(image, BOX, faces, face, both)]


@given(st.floats(-60, 60), st.floats(-40, 40), st.floats(-60, 60), st.sampled_from([0, 1, 2]))
def test_the_angles_of_a_head_turned_about_one_axis(yaw, pitch, roll, axis):
    wanted = [yaw * (axis == 0), pitch * (axis == 1), roll * (axis == 2)]
    found = head_angles(head(*wanted).landmarks)
    assert found == pytest.approx(wanted, abs=0.5)


def test_landmarks_in_one_place_have_no_angles():
    assert head_angles(np.zeros((478, 3), np.float32)) is None


def test_a_calm_frontal_sharp_face_is_fine():
    assert kinds(head()) == []


@pytest.mark.parametrize(
    ("face", "kind"),
    [
        (head(yaw=42), "profile"),
        (head(yaw=-42), "profile"),
        (head(roll=30), "tilt"),
        (head(pitch=25), "pitch"),
        (head(pitch=-35), "pitch"),
        (head(eyes=0.05), "eyes"),
        (head(mouth=0.6), "mouth"),
        (head(size=70), "small"),
    ],
)
def test_each_reason_alone(face, kind):
    assert kinds(face) == [kind]


@pytest.mark.parametrize("face", [head(yaw=25), head(roll=15), head(pitch=10), head(pitch=-20)])
def test_people_who_look_about_are_fine(face):
    assert kinds(face) == []


def test_one_open_eye_is_enough():
    winking = head()
    for upper, lower in ((160, 144), (158, 153)):
        winking.landmarks[upper] = winking.landmarks[lower]
    assert kinds(winking) == []


def test_a_sentence_says_how_much_and_what_to_do():
    (concern,) = concerns(SHARP, BOX, 1, head(yaw=42), None)
    assert "42°" in concern.sentence and "Use a picture" in concern.sentence


def test_no_face_and_several():
    assert kinds(None, faces=0) == ["no-face"]
    assert kinds(head(), faces=3) == ["several"]


def test_a_mouth_found_elsewhere_in_the_mirror_is_covered():
    face = head()
    mirrored = head().landmarks.copy()
    for a, b in ((61, 291), (78, 308), (37, 267), (84, 314)):
        mirrored[[a, b]] = mirrored[[b, a]]
    assert mouth_doubt(face.landmarks, mirrored) == pytest.approx(0)
    assert kinds(face, both=(face.landmarks, mirrored)) == []
    mirrored[[61, 291, 13, 14, 0, 17, 78, 308, 37, 267, 84, 314], 1] += 6  # of 150
    assert mouth_doubt(face.landmarks, mirrored) == pytest.approx(0.04, abs=1e-3)
    assert kinds(face, both=(face.landmarks, mirrored)) == ["covered"]


def test_openings_are_parts_of_widths():
    assert eye_opening(head(eyes=0.3).landmarks) == pytest.approx(0.3, abs=0.01)
    assert mouth_opening(head(mouth=0.5).landmarks) == pytest.approx(0.5, abs=0.01)
    nowhere = np.zeros((478, 3), np.float32)
    assert eye_opening(nowhere) == mouth_opening(nowhere) == mouth_doubt(nowhere, nowhere) == 0


def test_blur_grows_and_noise_is_sharp():
    picture = SHARP[:, :, 0]
    values = [blur(cv2.GaussianBlur(picture, (0, 0), s)) if s else blur(picture) for s in range(5)]
    assert values == sorted(values) and values[0] < 0.3 and values[-1] > 0.7
    noise = np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8)
    assert blur(noise) < 0.3
    assert blur(np.full((64, 64), 90, np.uint8)) == 0 and blur(np.zeros((4, 4), np.uint8)) == 0


def test_a_blurred_face_is_told_and_only_the_face_counts():
    soft = cv2.GaussianBlur(SHARP, (0, 0), 5)
    assert kinds(head(), soft) == ["blurred"]
    mixed = SHARP.copy()
    mixed[40:216, 40:216] = soft[40:216, 40:216]
    assert kinds(head(), mixed) == ["blurred"]


@pytest.mark.parametrize("number", [0, 1])
def test_of_a_bundled_portrait_the_mirrored_mouth_is_the_same(number, still_tracker):
    image = read(bundled()[number]).image
    (found, *_) = still_tracker.track(image)
    both = still_tracker.both_ways(image, found)
    assert both is not None and mouth_doubt(*both) < MAX_DOUBT / 2
    assert head_angles(both[0]) == pytest.approx(head_angles(found.landmarks), abs=5)


def test_a_painted_mask_is_told(tmp_path, still_tracker):
    image = read(bundled()[0]).image.copy()
    (found, *_) = still_tracker.track(image)
    rim = [195, 50, 116, 132, 58, 172, 152, 397, 288, 361, 345, 280]
    cv2.fillPoly(image, [np.round(found.landmarks[rim, :2]).astype(np.int32)], (140, 180, 210))
    Pillow.fromarray(image).save(tmp_path / "masked.png")
    portrait = load_portrait(tmp_path / "masked.png", still_tracker)
    assert any("covered" in sentence for sentence in portrait.warnings)


def test_a_black_picture_of_a_face_elsewhere_is_no_second_face(still_tracker):
    black = np.zeros((200, 200, 3), np.uint8)
    assert still_tracker.both_ways(black, head()) is None
