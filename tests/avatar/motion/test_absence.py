"""The pose without a face, and the way back, by hand."""

import numpy as np
import pytest

from avatar.frame import Keypoints
from avatar.motion.absence import RETURN_MS, Absence
from avatar.rest import Rest

MS = 1_000_000


def at(x: float) -> Keypoints:
    value = np.full((5, 2), x, np.float32)
    return Keypoints(value, np.tile(np.eye(2, dtype=np.float32), (5, 1, 1)))


def test_who_was_never_there_leaves_the_portrait_as_it_is() -> None:
    home = at(0)
    assert Absence().without_face(100, Rest(), home) is home


def test_the_last_pose_is_held_and_the_way_back_is_gentle() -> None:
    absence, home, rest = Absence(), at(0), Rest(after_s=2, ease_s=1)
    pose = absence.with_face(at(1), 0, None)
    assert not absence.lasts
    assert absence.without_face(1000, rest, home) is pose and absence.lasts
    half = absence.without_face(2500, rest, home)
    assert half.value[0, 0] == pytest.approx(0.5) and half.value.dtype == np.float32
    assert absence.without_face(3000, rest, home) is home
    back = [absence.with_face(at(1), (3000 + t) * MS, home).value[0, 0] for t in range(0, 500, 100)]
    assert back[0] == 0 and back == sorted(back) and back[int(RETURN_MS) // 100] == 1
    assert not absence.lasts


def test_a_forgotten_way_back_is_not_gone() -> None:
    absence, home = Absence(), at(0)
    absence.with_face(at(1), 0, None)
    absence.without_face(5000, Rest(), home)
    absence.with_face(at(1), 5000 * MS, home)
    absence.forget()
    assert absence.with_face(at(1), 5010 * MS, home).value[0, 0] == 1
