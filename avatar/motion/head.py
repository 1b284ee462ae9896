"""HeadMotion: the movement of a head as a whole, from keypoints, and fractions of it.

A head that turns, comes nearer and shifts moves its keypoints by scaled orthography::

    p_k = centre + shift + s R_2 X_k          R = turn about z (roll) . tilt about an axis in x, y

with X_k the keypoints of the first pose and their depths, R_2 the upper two rows of the rotation.
Where nothing is known of the depths, only roll, scale and shift are found (a similarity) and what
else the head does counts as expression. Both fits are closed forms, weighted, and weighted anew
where a keypoint does not go with the head; neither can reflect.
"""

from dataclasses import dataclass
from math import atan2, cos, exp, hypot, log, sin, sqrt

import numpy as np

from avatar.frame import Floats

MAX_TILT = 1.3
"""Radians. Faces are not seen beyond; what is fitted there counts as expression."""

MAX_LOG_SCALE = 1.6
"""As above, for scales of one fifth and five."""

ROUNDS = 2
"""How often the weights are made anew."""

OUTLYING = 0.12
"""A keypoint this far from where the head's motion takes it counts a quarter, in sizes of the face
(root mean square); the eyes of an adult are about one apart."""

LEAST_SIZE = 1e-4
"""Faces smaller than this, in half picture widths, have no motion."""


@dataclass(frozen=True, slots=True)
class HeadMotion:
    """A motion; the default is none.

    Attributes:
        roll: in the picture's plane, clockwise as seen, in radians.
        tilt: (pitch, yaw) out of it, in radians: downwards, and towards the left of the picture.
        log_scale: logarithm of the scale.
        shift: (x, y) in half picture widths.
    """

    roll: float = 0.0
    tilt: tuple[float, float] = (0.0, 0.0)
    log_scale: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)

    def fraction(self, share: float) -> "HeadMotion":
        """So much of it: 0 is none, 1 this, 2 twice as far, but for :data:`MAX_TILT` and
        :data:`MAX_LOG_SCALE`."""
        angle = hypot(*self.tilt) * share
        tilt = share * min(1.0, MAX_TILT / angle) if angle > 0 else share
        return HeadMotion(
            self.roll * share,
            (self.tilt[0] * tilt, self.tilt[1] * tilt),
            min(max(self.log_scale * share, -MAX_LOG_SCALE), MAX_LOG_SCALE),
            (self.shift[0] * share, self.shift[1] * share),
        )

    def rows(self) -> Floats:
        """(2, 3) float32, scale times the upper two rows of the rotation."""
        x, y = self.tilt
        angle = hypot(x, y)
        c, s = cos(angle), sin(angle)
        if angle > 0:
            x, y = x / angle, y / angle
        v = 1 - c
        tilt = ((c + x * x * v, x * y * v, y * s), (x * y * v, c + y * y * v, -x * s))
        size = exp(self.log_scale)
        c, s = cos(self.roll) * size, sin(self.roll) * size
        (a, b, d), (e, f, g) = tilt
        return np.array(
            [
                [c * a - s * e, c * b - s * f, c * d - s * g],
                [s * a + c * e, s * b + c * f, s * d + c * g],
            ],
            np.float32,
        )

    def depth_row(self) -> Floats:
        """(3,) float32, scale times the third row of the rotation: what a place adds to depth."""
        x, y = self.tilt
        angle = hypot(x, y)
        s = sin(angle) / angle if angle > 0 else 1.0
        size = exp(self.log_scale)
        return np.array([-y * s * size, x * s * size, cos(angle) * size], np.float32)


class HeadFit:
    """Finds the motion that takes one pose of a face to another.

    Args:
        points: (K, 2) float32 of the first pose.
        depths: (K,) float32 in the same unit, growing away from the camera; None = unknown.
        weights: (K,) float32, how much each goes with the head; None = all alike.

    Attributes:
        centre: (2,) float32, what the motion turns about.
        places: (K, 3) float32, the first pose about it; z is 0 where depths are unknown.
    """

    def __init__(
        self, points: Floats, depths: Floats | None = None, weights: Floats | None = None
    ) -> None:
        self._weights = np.ones(len(points), np.float32) if weights is None else weights
        share = self._weights / self._weights.sum()
        z = np.zeros(len(points), np.float32) if depths is None else depths
        places = np.column_stack([points, z]).astype(np.float32)
        middle = share @ places
        self.places: Floats = places - middle
        self.centre: Floats = middle[:2]
        self._flat = depths is None
        self._size = sqrt(float(share @ np.square(self.places[:, :2]).sum(axis=1)))

    def __call__(self, points: Floats) -> HeadMotion:
        """The motion to these (K, 2) float32 points."""
        if self._size < LEAST_SIZE:
            return HeadMotion()
        motion = self._fit(points, self._weights)
        outlying = np.float32((OUTLYING * self._size) ** 2)
        for _ in range(ROUNDS):
            off = np.square(points - self.moved(motion)).sum(axis=1)
            motion = self._fit(points, self._weights / np.square(1 + off / outlying))
        return motion

    def moved(self, motion: HeadMotion) -> Floats:
        """(K, 2) float32, the first pose after a motion."""
        shift = np.array(motion.shift, np.float32)
        return self.places @ motion.rows().T + (self.centre + shift)

    def _fit(self, points: Floats, weights: Floats) -> HeadMotion:
        share = weights / weights.sum()
        from_middle, to_middle = share @ self.places, share @ points
        before, after = self.places - from_middle, points - to_middle
        cross = (before * share[:, None]).T @ after  # (3, 2)
        motion = (
            self._similar(cross, before, share)
            if self._flat
            else _turned(
                np.linalg.solve(
                    (before * share[:, None]).T @ before
                    + np.float32(1e-5 * self._size**2) * np.eye(3, dtype=np.float32),
                    cross,
                ).T
            )
        )
        shift = to_middle - motion.rows() @ from_middle - self.centre
        return HeadMotion(
            motion.roll, motion.tilt, motion.log_scale, (float(shift[0]), float(shift[1]))
        )

    def _similar(self, cross: Floats, before: Floats, share: Floats) -> HeadMotion:
        """The similarity with the least squared distance (Umeyama 1991, in the plane)."""
        a = float(cross[0, 0] + cross[1, 1])
        b = float(cross[0, 1] - cross[1, 0])
        power = float(share @ np.square(before[:, :2]).sum(axis=1))
        return HeadMotion(atan2(b, a), log_scale=_log_scale(hypot(a, b) / max(power, 1e-12)))


def _turned(affine: Floats) -> HeadMotion:
    """The scaled rotation nearest to an affine camera (2, 3), as roll, tilt and scale."""
    (a, b, c), (d, e, f) = ((float(x) for x in row) for row in affine)
    # The rows times the inverse square root of their Gram matrix are orthonormal.
    p, q, r = a * a + b * b + c * c, a * d + b * e + c * f, d * d + e * e + f * f
    root = sqrt(max(p * r - q * q, 0.0))
    trace = sqrt(p + r + 2 * root)
    if root < 1e-9:
        return HeadMotion()  # what was fitted is a line
    p, q, r = (p + root) / trace, q / trace, (r + root) / trace  # the square root
    x = ((r * a - q * d) / root, (r * b - q * e) / root, (r * c - q * f) / root)
    y = ((p * d - q * a) / root, (p * e - q * b) / root, (p * f - q * c) / root)
    z = (x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0])
    sine = hypot(z[0], z[1])
    angle = atan2(sine, z[2])
    across = (z[1] / sine, -z[0] / sine) if sine > 1e-9 else (0.0, 0.0)
    # What is left of the rotation once the tilt is undone turns in the plane.
    ax, ay = across
    v = 1 - cos(angle)
    tx = (1 - ay * ay * v, ax * ay * v, ay * sin(angle))  # the tilt's first row
    ty = (ax * ay * v, 1 - ax * ax * v, -ax * sin(angle))
    roll = atan2(
        _dot(y, tx) - _dot(x, ty),
        _dot(x, tx) + _dot(y, ty),
    )
    angle = min(angle, MAX_TILT)
    return HeadMotion(roll, (ax * angle, ay * angle), _log_scale((p + r) / 2))


def _dot(a: tuple[float, float, float], b: tuple[float, float, float]) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _log_scale(scale: float) -> float:
    return min(max(log(max(scale, 1e-6)), -MAX_LOG_SCALE), MAX_LOG_SCALE)
