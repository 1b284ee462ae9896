"""What a portrait asks of the driver, where its face must be looked for."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from avatar.frame import Face, Portrait
from avatar.portraits.portrait import bundled, load_portrait
from avatar.pose.head import HeadPose
from avatar.pose.match import STRAIGHT
from avatar.target import look_for_target

Make = Callable[..., Face]
GREY = np.full((256, 256, 3), 128, np.uint8)
FULL = np.full((900, 900, 3), 128, np.uint8)
BOX = np.array([300, 300, 812, 812], np.float32)


class Finds:
    """A tracker that finds what it was told to."""

    def __init__(self, *faces: Face) -> None:
        self.faces, self.looks = list(faces), 0

    def track(self, image: np.ndarray) -> list[Face]:
        self.looks += 1
        return self.faces

    def close(self) -> None:
        pass


def portrait(face: Face | None = None) -> Portrait:
    return Portrait(GREY, BOX, FULL, face, "someone")


def test_a_known_face_is_not_looked_for(made_face: Make) -> None:
    finds = Finds()
    target = look_for_target(portrait(made_face(HeadPose(yaw=7), 512, 300)), finds)
    assert target.found and target.pose.yaw == pytest.approx(7, abs=0.1) and finds.looks == 0


def test_the_face_in_the_square_is_found(made_face: Make) -> None:
    outside = made_face(HeadPose(yaw=-30), 100, 10)
    inside = made_face(HeadPose(yaw=7), 512, 300)
    target = look_for_target(portrait(), Finds(outside, inside))
    assert target.found and target.pose.yaw == pytest.approx(7, abs=0.1)
    assert target.pose.size == pytest.approx(0.585, abs=0.01) and target.light is not None


def test_no_face_in_the_square_means_straight_ahead(made_face: Make) -> None:
    nothing = replace(made_face(shift=400), landmarks=np.zeros((478, 3), np.float32))
    for finds in (Finds(), Finds(made_face(HeadPose(), 100, 10)), Finds(nothing)):
        assert look_for_target(portrait(), finds) is STRAIGHT


def test_the_bundled_photograph_has_a_pose() -> None:
    pytest.importorskip("mediapipe")
    target = look_for_target(load_portrait(bundled()[0]))
    assert target.found and target.light is not None
    assert abs(target.pose.yaw) < 15 and 0.45 < target.pose.size < 0.75
