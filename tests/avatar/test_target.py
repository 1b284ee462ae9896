"""What a portrait asks of the driver, where its face must be looked for."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from avatar.frame import Face, Portrait
from avatar.portraits.portrait import bundled, load_portrait
from avatar.pose.head import HeadPose
from avatar.pose.match import STRAIGHT
from avatar.target import TargetFinder

Make = Callable[..., Face]
GREY = np.full((256, 256, 3), 128, np.uint8)
FULL = np.full((900, 900, 3), 128, np.uint8)
BOX = np.array([300, 300, 812, 812], np.float32)


class Finds:
    """A tracker that finds what it was told to."""

    def __init__(self, *faces: Face) -> None:
        self.faces, self.looks, self.made, self.closed = list(faces), 0, 0, 0

    def __call__(self) -> "Finds":
        self.made += 1
        return self

    def track(self, image: np.ndarray) -> list[Face]:
        self.looks += 1
        return self.faces

    def close(self) -> None:
        self.closed += 1


def portrait(face: Face | None = None) -> Portrait:
    return Portrait(GREY, BOX, FULL, face, "someone")


def test_a_known_face_is_not_looked_for(made_face: Make) -> None:
    finds = Finds()
    target = TargetFinder(finds).find(portrait(made_face(HeadPose(yaw=7), 512, 300)))
    assert target.found and target.pose.yaw == pytest.approx(7, abs=0.1) and finds.made == 0


def test_the_face_in_the_square_is_found(made_face: Make) -> None:
    outside = made_face(HeadPose(yaw=-30), 100, 10)
    inside = made_face(HeadPose(yaw=7), 512, 300)
    target = TargetFinder(Finds(outside, inside)).find(portrait())
    assert target.found and target.pose.yaw == pytest.approx(7, abs=0.1)
    assert target.pose.size == pytest.approx(0.585, abs=0.01) and target.light is not None


def test_no_face_in_the_square_means_straight_ahead(made_face: Make) -> None:
    nothing = replace(made_face(shift=400), landmarks=np.zeros((478, 3), np.float32))
    for finds in (Finds(), Finds(made_face(HeadPose(), 100, 10)), Finds(nothing)):
        assert TargetFinder(finds).find(portrait()) is STRAIGHT


def test_one_tracker_serves_all_portraits_until_it_is_closed(made_face: Make) -> None:
    finds = Finds(made_face(HeadPose(yaw=7), 512, 300))
    finder = TargetFinder(finds)
    finder.close()
    for _ in range(3):
        finder.find(portrait())
    assert (finds.made, finds.looks, finds.closed) == (1, 3, 0)
    finder.close()
    finder.close()
    assert finds.closed == 1
    finder.find(portrait())
    assert finds.made == 2


def test_the_bundled_photograph_has_a_pose() -> None:
    pytest.importorskip("mediapipe")
    finder = TargetFinder()
    target = finder.find(load_portrait(bundled()[0]))
    finder.close()
    assert target.found and target.light is not None
    assert abs(target.pose.yaw) < 15 and 0.45 < target.pose.size < 0.75
