"""Finding the frame that is most like the portrait."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.errors import NoFaceError
from avatar.frame import Crop, Face
from avatar.pose.head import FRONTAL, HeadPose
from avatar.pose.match import Target
from avatar.pose.reference import VERY_GOOD, Finder

Make = Callable[..., Face]
BOX = np.array([0, 0, 256, 256], np.float32)
GREY = np.full((256, 256, 3), 128, np.uint8)


def crop_of(face: Face | None, index: int = 0) -> Crop:
    return Crop(GREY, BOX, face, face is None, index, index)


def test_the_best_frame_of_the_window_is_chosen(made_face: Make) -> None:
    finder = Finder(Target(FRONTAL))
    for index, yaw in enumerate((20, 9, 14, 25)):
        finder.offer(crop_of(made_face(HeadPose(yaw=yaw)), index), 10.0 + 0.8 * index)
        assert not finder.over
    finder.offer(crop_of(made_face(HeadPose(yaw=30)), 9), 13.0)
    choice = finder.found.result(0)
    assert choice.crop.index == 1 and choice.match.pose.yaw == pytest.approx(9, abs=0.1)
    assert choice.seen == 5 and choice.after_s == pytest.approx(0.8)


@given(st.lists(st.tuples(st.floats(-40, 40), st.floats(-30, 30)), min_size=1, max_size=12))
def test_nothing_in_the_window_is_nearer(made_face: Make, turns: list[tuple[float, float]]) -> None:
    target = Target(HeadPose(yaw=8, pitch=-3))
    finder = Finder(target)
    for index, (yaw, pitch) in enumerate(turns):
        finder.offer(crop_of(made_face(HeadPose(yaw=yaw, pitch=pitch)), index), 0.1 * index)
    finder.offer(None, 99.0)
    chosen = finder.found.result(0)
    least = min(
        HeadPose(yaw=yaw, pitch=pitch).angle_to(target.pose) for yaw, pitch in turns[: chosen.seen]
    )
    mine = chosen.match.pose.angle_to(target.pose)
    assert mine == pytest.approx(least, abs=0.2) or chosen.match.score in (0, 100)


def test_a_very_good_frame_ends_it_early(made_face: Make) -> None:
    finder = Finder(Target(FRONTAL))
    finder.offer(crop_of(made_face(HeadPose(yaw=20))), 0.0)
    assert not finder.over
    finder.offer(crop_of(made_face()), 0.2)
    assert finder.found.result(0).match.score >= VERY_GOOD


def test_a_face_that_was_not_looked_for_again_does_not_count(made_face: Make) -> None:
    """Its landmarks are older than the picture."""
    finder, face = Finder(Target(FRONTAL)), made_face(HeadPose(yaw=20))
    for index in range(3):
        finder.offer(crop_of(face, index), 0.03 * index)
    finder.offer(crop_of(replace(face), 3), 3.0)
    choice = finder.found.result(0)
    assert choice.seen == 2 and choice.crop.index == 0


def test_progress_is_told(made_face: Make) -> None:
    finder = Finder(Target(FRONTAL), window_s=2.0)
    assert finder.progress.share == 0 and finder.progress.best is None
    finder.offer(crop_of(None), 5.0)
    finder.offer(crop_of(made_face(HeadPose(yaw=15))), 6.0)
    first = finder.progress
    assert first.share == 0.5 and first.best is not None and first.match is not None
    finder.offer(crop_of(made_face(HeadPose(yaw=25))), 6.5)
    assert finder.progress.best == first.best and finder.progress.match is not None
    assert finder.progress.match.score < first.best
    finder.offer(crop_of(None), 6.6)
    assert finder.progress.match is None and finder.progress.best == first.best


def test_without_a_face_it_says_so() -> None:
    finder = Finder(Target(FRONTAL))
    finder.offer(crop_of(None), 0.0)
    finder.offer(None, 2.9)
    assert not finder.over
    finder.offer(None, 3.0)
    with pytest.raises(NoFaceError, match="3 seconds") as told:
        finder.found.result(0)
    assert "F" in told.value.hint


def test_cancelled_it_looks_no_more(made_face: Make) -> None:
    finder = Finder(Target(FRONTAL))
    finder.offer(crop_of(made_face(HeadPose(yaw=20))), 0.0)
    finder.cancel()
    finder.offer(crop_of(made_face()), 0.1)
    finder.offer(None, 9.0)
    assert finder.over and finder.found.cancelled()


def test_the_clock_starts_with_the_first_frame(made_face: Make) -> None:
    """A search asked for while the source is still opening is not over before it began."""
    finder = Finder(Target(FRONTAL))
    finder.offer(crop_of(made_face(HeadPose(yaw=20))), 1000.0)
    assert not finder.over and finder.progress.share == 0


def test_a_face_in_its_place_is_preferred(made_face: Make) -> None:
    """The square follows the head a moment later, and the neutral pose would lie beside it."""
    finder = Finder(Target(FRONTAL))
    finder.offer(crop_of(made_face(HeadPose(yaw=4, x=0.75)), 0), 0.0)
    finder.offer(crop_of(made_face(HeadPose(yaw=6)), 1), 0.5)
    finder.offer(crop_of(made_face(HeadPose(x=0.8)), 2), 1.0)
    assert not finder.over
    finder.offer(None, 3.0)
    assert finder.found.result(0).crop.index == 1


def test_a_face_out_of_place_all_the_time_is_taken_all_the_same(made_face: Make) -> None:
    finder = Finder(Target(FRONTAL))
    finder.offer(crop_of(made_face(HeadPose(x=0.95)), 0), 0.0)
    finder.offer(crop_of(made_face(HeadPose(x=0.95, yaw=70)), 1), 0.5)
    finder.offer(None, 3.0)
    assert finder.found.result(0).crop.index == 0
