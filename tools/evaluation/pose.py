"""Head pose: angles from the face landmarker's transform, their difference, and turns."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.spatial.transform import Rotation

Angles = NDArray[np.float64]


def euler(transform: NDArray[np.floating]) -> Angles:
    """Pitch, yaw and roll in degrees, from a (4, 4) or (3, 3) transform.

    R = Ry(yaw) Rx(pitch) Rz(roll): the head turns, then nods, then tilts. A scale in the transform
    is taken out.
    """
    from scipy.spatial.transform import Rotation

    rotation = np.asarray(transform, np.float64)[:3, :3]
    size = np.cbrt(np.linalg.det(rotation))
    yaw, pitch, roll = Rotation.from_matrix(rotation / size).as_euler("YXZ", degrees=True)
    return np.array([pitch, yaw, roll])


def prmse(got: Angles, want: Angles) -> float:
    """Pose error of one picture in degrees: sqrt of the mean of the three squared differences.

    (3,) pitch, yaw, roll each; differences go the short way around.
    """
    apart = (got - want + 180) % 360 - 180
    return float(np.sqrt(np.mean(apart**2)))


def turn(now: Angles, since: Angles) -> Angles:
    """How a head turned since an earlier pose, as the camera sees it: R(now) R(since)^-1, again as
    (3,) pitch, yaw, roll in degrees."""
    return euler((_rotation(now) * _rotation(since).inv()).as_matrix())


def angle(one: Angles, other: Angles) -> float:
    """The angle of the one turn that takes a rotation to another, in degrees from 0 to 180: their
    geodesic distance. (3,) pitch, yaw, roll each."""
    return float(np.degrees((_rotation(one) * _rotation(other).inv()).magnitude()))


def _rotation(angles: Angles) -> "Rotation":
    from scipy.spatial.transform import Rotation

    pitch, yaw, roll = angles
    return Rotation.from_euler("YXZ", [yaw, pitch, roll], degrees=True)
