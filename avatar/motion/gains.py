"""Gains: the driver's movement taken apart into head and expression, weighed, and put together.

With the neutral pose n, the driving pose d, the head's motion H from one to the other (A its 2x2
part, H^g a fraction of it; avatar/motion/head.py)::

    p_d = H(n) + A r                r = the expression, in the head's own frame
    p   = H^g(n) + A_g (e r)        g, e = gains of head and expression, per keypoint for e
    J_d J_n^-1 = G E                J = G_g E^e J_s

so that gains of 1 give the driver's pose back, and the expression turns with the head. G is what
the head's motion does to the surroundings of a keypoint: A where nothing is known of depths, else A
plus the part that the slope of the face there adds when the head tilts. E^e raises the stretches of
E to the power e and multiplies its turn by e: no blend of matrices, which could collapse or reflect
on the way.

Limits take the surroundings back towards A: where the far side of a turned head folds away, the
driver's jacobians become small and their inverses tear the picture.
"""

from dataclasses import dataclass
from math import log

import numpy as np

from avatar.frame import Floats, Keypoints
from avatar.motion.geometry import inverse_2x2
from avatar.motion.head import HeadFit, HeadMotion
from avatar.motion.labels import Labels
from avatar.motion.limits import Limits, soft_length
from avatar.motion.settings import MotionSettings

LIMITS = Limits()

MAX_STRETCH = 3.0
"""Gains do not stretch or squeeze the surroundings of a keypoint beyond this, where the driver's
own movement does not."""

MAX_TURN = 0.8
"""Nor turn them further, in radians."""

MAX_FOLD = np.float32(0.75)
"""Up to this share of its area the surroundings of a keypoint may turn away from the camera."""

MAX_SLOPE = 2.0
"""Of the face against the picture."""

_ONE = np.ones(1, np.float32)


@dataclass(frozen=True)
class _Shares:
    """The gains of one MotionSettings.

    Attributes:
        head: of the head's motion.
        face: (K, 1) float32, of the expression, lids and mouth apart.
        local: (K,) float32, of the surroundings of keypoints, all together.
        even: whether these are all 1.
    """

    head: float
    face: Floats
    local: Floats
    even: bool


class Gains:
    """Weighs the movement of one driver for one portrait.

    Args:
        neutral: the pose of the driver that stands for the portrait's own.
        source: the portrait's keypoints.
        scale: of displacements on their way to the portrait.
        labels: what the keypoints stand for; None = unknown.
    """

    def __init__(
        self, neutral: Keypoints, source: Keypoints, scale: float, labels: Labels | None
    ) -> None:
        self._neutral, self._source, self._scale = neutral, source, scale
        self._labels = labels
        self._undo = inverse_2x2(neutral.jacobian)
        self._own = HeadMotion()
        self._slopes: Floats | None = None
        if labels is None:
            self._fit = HeadFit(neutral.value)
        else:
            mean = HeadFit(labels.shape[:, :2], labels.shape[:, 2], labels.steady)
            turned = mean(neutral.value)
            self._fit = HeadFit(neutral.value, mean.places @ turned.depth_row(), labels.steady)
            self._slopes = _turned_slopes(labels.slopes, turned)
            self._own = mean(source.value)
        self._low, self._high = source.value.min(axis=0), source.value.max(axis=0)
        self._shares: tuple[MotionSettings, _Shares] | None = None

    def __call__(self, driving: Keypoints, settings: MotionSettings) -> Keypoints:
        """The portrait's keypoints for the driver's."""
        shares = self._shares_of(settings)
        fit, scale = self._fit, np.float32(self._scale)
        head = fit(driving.value)
        rows = head.rows()
        face = (driving.value - fit.moved(head)) @ inverse_2x2(rows[:, :2]).T
        local = inverse_2x2(self._around(rows)) @ (driving.jacobian @ self._undo)
        moved = self._emphasised(face, settings) * shares.face
        head = head.fraction(shares.head)
        if settings.pose_limit:
            head = LIMITS.head(head, self._own, self._low, self._high, max(self._scale, 1e-3))
            moved = LIMITS.residual(moved, self._scale, blind=self._labels is None)
        if self._labels is not None:
            moved = self._uncrossed(moved, face, self._labels)
        rows = head.rows()
        turn = rows[:, :2]
        value = fit.moved(head) + moved @ turn.T - self._neutral.value
        local = self._around(rows) @ (local if shares.even else power(local, shares.local))
        if settings.pose_limit:
            local = turn @ power(inverse_2x2(turn) @ local, _ONE, LIMITS.stretch)
        return Keypoints(self._source.value + scale * value, local @ self._source.jacobian)

    def _around(self, rows: Floats) -> Floats:
        """What a motion of the head, (2, 3), does around each keypoint: (K or 1, 2, 2)."""
        turn, tilt = rows[:, :2], rows[:, 2]
        if self._slopes is None:
            return turn[None]
        fold = self._slopes @ (inverse_2x2(turn) @ tilt)  # determinants are those of turn times 1 +
        share = np.where(fold < -MAX_FOLD, MAX_FOLD / np.maximum(-fold, MAX_FOLD), 1)
        bent = tilt[None, :, None] * (self._slopes * share[:, None].astype(np.float32))[:, None, :]
        around: Floats = turn + bent
        return around

    def _shares_of(self, settings: MotionSettings) -> _Shares:
        if self._shares is None or self._shares[0] != settings:
            count = len(self._neutral.value)
            face = np.full((count, 1), settings.movement * settings.expression, np.float32)
            local = face[:, 0].copy()
            if self._labels is not None:
                for index, share in self._labels.mouth.items():
                    face[index] *= 1 + (settings.mouth - 1) * share
                local[:] = face[:, 0]
                for upper, lower, _, _ in self._labels.eyes:
                    local[[upper, lower]] *= settings.eyes
            shares = _Shares(
                settings.movement * settings.head, face, local, bool((local == 1).all())
            )
            self._shares = settings, shares
        return self._shares[1]

    def _emphasised(self, face: Floats, settings: MotionSettings) -> Floats:
        """Lids moved further against the corners of their eye, (K, 2)."""
        if self._labels is None or settings.eyes == 1:
            return face
        face = face.copy()
        for upper, lower, outer, inner in self._labels.eyes:
            corners = (face[outer] + face[inner]) * np.float32(0.5)
            lids = face[[upper, lower]]
            face[[upper, lower]] = corners + np.float32(settings.eyes) * (lids - corners)
        return face

    def _uncrossed(self, moved: Floats, face: Floats, labels: Labels) -> Floats:
        """Lids and lips closed where gains would have them pass one another, (K, 2)."""
        out = moved
        for upper, lower in labels.gaps:
            across = self._source.value[lower] - self._source.value[upper]
            width = float(np.hypot(*across))
            if width < 1e-4:
                continue
            across = across / width
            plain = width + self._scale * float((face[lower] - face[upper]) @ across)
            gap = width + self._scale * float((moved[lower] - moved[upper]) @ across)
            missing = min(plain, 0.0) - gap
            if missing > 0:
                out = out.copy() if out is moved else out
                push = np.float32(missing / 2 / max(self._scale, 1e-3)) * across
                out[upper] -= push
                out[lower] += push
        return out


def _turned_slopes(slopes: Floats, motion: HeadMotion) -> Floats:
    """Slopes (K, 2) of a face after a motion, against the picture."""
    rows, depth = motion.rows(), motion.depth_row()
    around = rows[:, :2] + rows[None, :, 2:] * slopes[:, None, :]
    grown = depth[:2] + depth[2] * slopes
    turned = (grown[:, None, :] @ inverse_2x2(around))[:, 0]
    return np.clip(turned, -MAX_SLOPE, MAX_SLOPE)


def power(m: Floats, gains: Floats, limit: float | None = None) -> Floats:
    """Local maps (K, 2, 2) float32 with their stretches to a power and their turn times it.

    Args:
        m: M = R P, R a turn and P symmetric (the polar decomposition, in closed form).
        gains: (K,) float32; 1 gives M back, 0 the identity, or its reflection.
        limit: greatest logarithm of a stretch, reached softly; None = none.

    Returns:
        Finite maps that reflect only where M does.
    """
    a, b, c, d = m[:, 0, 0], m[:, 0, 1], m[:, 1, 0], m[:, 1, 1]
    turn = np.arctan2(c - b, a + d)
    cos, sin = np.cos(turn), np.sin(turn)
    p, q, r = cos * a + sin * c, cos * b + sin * d, cos * d - sin * b
    middle, half = (p + r) * np.float32(0.5), (p - r) * np.float32(0.5)
    off = np.hypot(half, q)
    large = _stretch(middle + off, gains, limit)
    small = _stretch(middle - off, gains, limit)
    mean = (large + small) * np.float32(0.5)
    slope = (large - small) * np.float32(0.5) / np.maximum(off, np.float32(1e-9))
    new = np.clip(
        turn * gains, -np.maximum(np.abs(turn), MAX_TURN), np.maximum(np.abs(turn), MAX_TURN)
    )
    cos, sin = np.cos(new), np.sin(new)
    p, q, r = mean + slope * half, slope * q, mean - slope * half
    out = np.empty_like(m)
    out[:, 0, 0], out[:, 0, 1] = cos * p - sin * q, cos * q - sin * r
    out[:, 1, 0], out[:, 1, 1] = sin * p + cos * q, sin * q + cos * r
    return out


def _stretch(stretch: Floats, gains: Floats, limit: float | None) -> Floats:
    """Eigenvalues of P, each to the power of its gain; the sign is kept."""
    size = np.log(np.maximum(np.abs(stretch), np.float32(1e-4)))
    most = np.maximum(np.abs(size), np.float32(log(MAX_STRETCH)))
    size = np.clip(size * gains, -most, most)
    if limit is not None:
        size = np.copysign(soft_length(np.abs(size), limit), size)
    return np.copysign(np.exp(size), stretch)
