"""Faces that look straight ahead, and faces that do not."""

import numpy as np
import pytest

from avatar.frame import Face
from avatar.pose.frontal import is_frontal


def face(yaw: float = 0.0, pitch: float = 0.31, roll: float = 0.0) -> Face:
    landmarks = np.zeros((478, 3), np.float32)
    points = np.array([[-40, 0], [40, 0], [yaw * 40, pitch * 110], [0, 110]], np.float32)
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]], np.float32)
    landmarks[[33, 263, 1, 152], :2] = points @ turn + 128
    return Face(np.array([88, 88, 168, 240], np.float32), landmarks, 1.0)


@pytest.mark.parametrize(
    ("seen", "frontal"),
    [
        (face(), True),
        (face(roll=0.5), True),
        (face(yaw=0.15, pitch=0.25), True),
        (face(yaw=0.4), False),
        (face(yaw=-0.4), False),
        (face(pitch=0.05), False),
        (face(pitch=0.6), False),
        (Face(np.zeros(4, np.float32), np.zeros((478, 3), np.float32), 1.0), False),
    ],
)
def test_frontal_faces(seen: Face, frontal: bool) -> None:
    assert is_frontal(seen) is frontal
