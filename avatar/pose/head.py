"""HeadPose: where a head is and which way it looks, from the landmarks of a face.

The part of the face that no expression moves is laid on a mean face by the rotation, scale and
shift with the least squared distance, in closed form (Kabsch 1976, Umeyama 1991). It takes about a
tenth of a millisecond. This module knows no picture.
"""

from dataclasses import dataclass, replace
from math import atan2, degrees, hypot, isfinite, sqrt

import numpy as np

from avatar.frame import Face, Floats

# The mean of 80 people (the median landmarks of each one's most frontal pictures, laid on one
# another by generalised Procrustes analysis, made symmetrical), in root mean square sizes. x to the
# right of the picture, y down, z away from the camera; pitch 0 is the median person looking at a
# camera.
_MIDDLE = {
    10: (-0.924, -0.253),
    151: (-0.639, -0.310),
    9: (-0.334, -0.347),
    8: (-0.185, -0.320),
    168: (-0.056, -0.308),
    6: (0.082, -0.378),
    197: (0.208, -0.460),
    195: (0.327, -0.549),
    5: (0.453, -0.641),
    4: (0.604, -0.679),
    1: (0.717, -0.639),
    2: (0.819, -0.370),
}
"""Forehead and nose: landmark to (y, z)."""

_PAIRS = {
    (109, 338): (0.329, -0.915, -0.224),
    (67, 297): (0.606, -0.867, -0.114),
    (54, 284): (1.027, -0.608, 0.298),
    (21, 251): (1.129, -0.412, 0.511),
    (127, 356): (1.200, 0.065, 0.917),
    (234, 454): (1.187, 0.318, 1.004),
    (33, 263): (0.762, 0.007, 0.070),
    (133, 362): (0.294, 0.034, -0.020),
    (116, 345): (1.082, 0.298, 0.290),
    (123, 352): (1.066, 0.533, 0.271),
    (50, 280): (0.831, 0.578, -0.015),
    (117, 346): (0.898, 0.294, 0.080),
    (69, 299): (0.537, -0.637, -0.207),
    (98, 327): (0.300, 0.774, -0.233),
}
"""Temples, eye corners, cheekbones, wings of the nose: left and right in the picture to the right
one's place; the left one's x is its negative."""


def _mean_face() -> tuple[np.ndarray, Floats]:
    numbers = [*_MIDDLE]
    places = [(0.0, y, z) for y, z in _MIDDLE.values()]
    for (left, right), (x, y, z) in _PAIRS.items():
        numbers += [left, right]
        places += [(-x, y, z), (x, y, z)]
    points = np.array(places, np.float32)
    return np.array(numbers), points - points.mean(axis=0)


RIGID, MEAN_FACE = _mean_face()
"""Numbers of the landmarks used, and (40, 3) float32 where they are in the mean face."""

_MEAN_POWER = float(np.square(MEAN_FACE).sum())
FACE_HEIGHT = 2.87
"""Height of the box of a frontal face's 468 landmarks, in sizes of the mean face (median of 80
people)."""

# upper lid, lower lid, outer and inner corner of each eye; upper and lower lip inside
_LIDS = np.array([[159, 145, 33, 133], [386, 374, 263, 362]])
_LIPS = (13, 14)
_LEAST_PX = 1.0  # a mean face smaller than this is no face


@dataclass(frozen=True, slots=True)
class HeadPose:
    """A head in the square the networks see. Left and right are the picture's.

    Attributes:
        yaw: degrees the nose is turned to the right (which is the person's own left).
        pitch: degrees it is turned up, from where people look at a camera.
        roll: degrees the top of the head is tilted to the right.
        x, y: middle of the upper face, in parts of the square's side from its top left corner.
        size: height of the face if it looked ahead, in parts of the square's side.
        eyes: gap between the lids in parts of the eye's width, mean of both: about 0.3 open.
        mouth: gap between the lips in parts of the face's height: 0 closed.
        pixels: height of the face in pixels of the picture it was found in.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    x: float = 0.5
    y: float = 0.5
    size: float = 0.585
    eyes: float = 0.3
    mouth: float = 0.0
    pixels: float = 150.0

    def mirrored(self) -> "HeadPose":
        """The same head in the flipped picture."""
        return replace(self, yaw=-self.yaw, roll=-self.roll, x=1.0 - self.x)

    def angle_to(self, other: "HeadPose") -> float:
        """Degrees between two directions: root of the summed squares of yaw, pitch and roll."""
        turns = (self.yaw - other.yaw, self.pitch - other.pitch, self.roll - other.roll)
        return sqrt(sum(turn * turn for turn in turns))


FRONTAL = HeadPose()
"""Someone who looks straight at the camera, eyes open, mouth closed."""


def head_pose(face: Face, box: Floats) -> HeadPose | None:
    """The pose of a face.

    Args:
        face: with its landmarks, (478, 3) float32 px of the whole picture.
        box: (4,) float32 xyxy px of the square in the same picture.

    Returns:
        None where the landmarks are no face: not finite, or all in one point.
    """
    points = face.landmarks[RIGID]
    middle = points.mean(axis=0)
    centred = points - middle
    try:
        u, stretch, vt = np.linalg.svd(centred.T @ MEAN_FACE)
    except np.linalg.LinAlgError:  # not finite
        return None
    turned_over = -1.0 if np.linalg.det(u @ vt) < 0 else 1.0
    u[:, 2] *= turned_over
    turn = u @ vt  # of the mean face: turn @ MEAN_FACE lies on the face
    scale = float(stretch[0] + stretch[1] + turned_over * stretch[2]) / _MEAN_POWER
    side = float(box[2] - box[0])
    if not (isfinite(scale) and scale >= _LEAST_PX and side > 0):
        return None
    height = FACE_HEIGHT * scale
    upper, lower, outer, inner = face.landmarks[_LIDS.T]
    gaps = np.linalg.norm(upper - lower, axis=1)
    widths = np.maximum(np.linalg.norm(outer - inner, axis=1), 1e-3)
    lips = face.landmarks[_LIPS[0]] - face.landmarks[_LIPS[1]]
    pose = HeadPose(
        yaw=degrees(atan2(turn[2, 0], hypot(turn[0, 0], turn[1, 0]))),
        pitch=-degrees(atan2(turn[2, 1], turn[2, 2])),
        roll=degrees(atan2(turn[1, 0], turn[0, 0])),
        x=float(middle[0] - box[0]) / side,
        y=float(middle[1] - box[1]) / side,
        size=height / side,
        eyes=float((gaps / widths).mean()),
        mouth=float(np.linalg.norm(lips)) / height,
        pixels=height,
    )
    return pose if isfinite(pose.eyes) and isfinite(pose.mouth) else None
