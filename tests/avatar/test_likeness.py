"""The best frame, with faces drawn by hand."""

import numpy as np
import pytest

from avatar.cropper import FaceCropper
from avatar.errors import Cancelled, SourceLost
from avatar.frame import Face, Frame
from avatar.likeness import face_shape, find_best_frame

RNG = np.random.default_rng(4)
LANDMARKS = RNG.normal(size=(478, 3)).astype(np.float32) * 30 + 128


def face(landmarks):
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    return Face(np.concatenate([low, high]).astype(np.float32), landmarks, 1.0)


def turned(degrees):
    a = np.deg2rad(degrees)
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    return ((LANDMARKS - 128) @ turn.astype(np.float32)) + 128


class Script:
    """Frames whose brightness tells the tracker which face there is; it breaks off if told to."""

    def __init__(self, faces, lost=False):
        self.faces, self.lost, self.given = faces, lost, 0

    def read(self):
        if self.given == len(self.faces):
            if self.lost:
                raise SourceLost("the end")
            return None
        image = np.full((256, 256, 3), self.given, np.uint8)
        self.given += 1
        return Frame(image, self.given - 1, self.given * 40_000_000)

    def track(self, image):
        seen = self.faces[int(image[0, 0, 0])]
        return [] if seen is None else [face(seen)]

    def close(self):
        pass


def search(faces, *, crop=True, lost=False, **options):
    script = Script(faces, lost)
    cropper = FaceCropper(script, enabled=crop)
    return find_best_frame(script, cropper, script, face(LANDMARKS), **options)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (2.5, 0.0), (0.3, 90.0)])
def test_place_and_size_do_not_count(scale, shift):
    moved = LANDMARKS * np.float32(scale) + np.float32(shift)
    assert face_shape(face(moved)) == pytest.approx(face_shape(face(LANDMARKS)), abs=1e-4)


def test_a_shape_by_hand():
    """Corners of a 2 x 8 rectangle: area 16, so they lie at a quarter of their offsets."""
    points = np.zeros((478, 3), np.float32)
    points[:478] = np.tile([[-1, -4, 5], [1, 4, 5]], (239, 1))
    points[0], points[1] = (-1, 4, 0), (1, -4, 0)
    shape = face_shape(face(points + 7))
    assert shape[2] == pytest.approx([-0.25, -1.0], abs=0.02)


@pytest.mark.parametrize("crop", [True, False])
def test_the_most_alike_wins(crop):
    best = search([turned(30), None, turned(-9), turned(4), turned(12)], crop=crop)
    assert best.crop.index == 3
    assert best.crop.face is None or best.crop.face.landmarks == pytest.approx(turned(4))


def test_of_equals_the_first():
    assert search([turned(5), LANDMARKS, LANDMARKS]).crop.index == 1


def test_without_any_face_there_is_none():
    told = []
    assert search([None, None], told=told.append) is None
    assert told == [1, 2]


def test_what_breaks_off_is_searched_up_to_there():
    assert search([turned(20), turned(3)], lost=True).crop.index == 1


def test_it_can_be_stopped():
    with pytest.raises(Cancelled, match="nothing was written"):
        search([LANDMARKS] * 3, cancelled=lambda: True)
