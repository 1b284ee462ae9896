"""From what the driver does to what the portrait shall do: relative motion and smoothing.

DaGAN section 3 normalises the driving keypoints ("relative" mode) so that the driver's face shape
does not leak into the portrait. With s the portrait, d the driving frame and d0 the driver's
neutral pose, for each keypoint::

    p = p_s + a (p_d - p_d0)          J = (J_d J_d0^-1) J_s
    a = sqrt(hull area of p_s / hull area of p_d0), or 1

Before that, each driving keypoint is smoothed by a one-euro filter (Casiez et al., CHI 2012): a
low-pass whose cut-off rises with speed, so that a still face does not tremble and a fast one does
not lag. This module knows no engine and no picture.
"""

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from avatar.frame import Floats, Keypoints

MIN_DETERMINANT = 1e-6
"""Determinants nearer to zero than this are moved away from it before they divide."""

MIN_HULL_AREA = 1e-6
"""Hulls smaller than this, in squared [-1, 1] units, give no movement scale."""


class Motion:
    """Turns driving keypoints into those the portrait is rendered with.

    Args:
        relative: move the portrait by the driver's motion since the neutral pose; else take the
            driver's pose as it is.
        adapt_scale: scale the movement by the sizes of the two faces (relative mode only).
        smoothing: smooth the driving keypoints over time.

    All three can be changed at any time. One thread uses a Motion.
    """

    def __init__(
        self, relative: bool = True, adapt_scale: bool = True, smoothing: bool = True
    ) -> None:
        self.relative = relative
        self.adapt_scale = adapt_scale
        self.smoothing = smoothing
        self._source: Keypoints | None = None
        self._neutral: Keypoints | None = None
        self._undo_neutral: Floats = np.empty((0, 2, 2), np.float32)
        self._source_area = self._neutral_area = 0.0
        self._value_filter = OneEuro(VALUE_SMOOTHING)
        self._jacobian_filter = OneEuro(JACOBIAN_SMOOTHING)

    @property
    def calibrated(self) -> bool:
        """Whether it knows the driver's neutral pose."""
        return self._neutral is not None

    def reset(self, source: Keypoints) -> None:
        """Take a new portrait's keypoints; the driver's neutral pose is kept."""
        self._source = source
        self._source_area = hull_area(source.value)

    def calibrate(self, driving: Keypoints) -> None:
        """Take these driving keypoints as the driver's neutral pose."""
        self._neutral = driving
        self._neutral_area = hull_area(driving.value)
        self._undo_neutral = inverse_2x2(driving.jacobian)
        self.forget_past()

    def forget(self) -> None:
        """Forget the driver (neutral pose and past), because another one may follow."""
        self._neutral = None
        self.forget_past()

    def forget_past(self) -> None:
        """Start smoothing anew: what comes next does not continue what was."""
        self._value_filter.reset()
        self._jacobian_filter.reset()

    def __call__(self, driving: Keypoints, t_ns: int) -> Keypoints:
        """The keypoints to render with.

        Args:
            driving: as detected in the driving picture.
            t_ns: when the picture was taken, in nanoseconds; smoothing goes by it. A time that does
                not grow starts the smoothing anew.

        Raises:
            RuntimeError: relative mode without a portrait; call :meth:`reset` first.
        """
        if self.relative and self._neutral is None:
            self.calibrate(driving)
        if self.smoothing:
            driving = Keypoints(
                self._value_filter(driving.value, t_ns),
                self._jacobian_filter(driving.jacobian, t_ns),
            )
        if not self.relative:
            return driving
        if self._source is None or self._neutral is None:
            raise RuntimeError("Motion has no portrait yet: call reset(source keypoints) first")
        scale = np.float32(self._scale() if self.adapt_scale else 1.0)
        value = self._source.value + scale * (driving.value - self._neutral.value)
        jacobian = driving.jacobian @ self._undo_neutral @ self._source.jacobian
        return Keypoints(value, jacobian)

    def _scale(self) -> float:
        if min(self._source_area, self._neutral_area) < MIN_HULL_AREA:
            return 1.0  # the keypoints of one face span no area
        return sqrt(self._source_area / self._neutral_area)


def hull_area(points: Floats) -> float:
    """Area of the convex hull of (K, 2) points; 0 when they span none.

    Andrew's monotone chain (1979) and the shoelace formula, in double precision.
    """
    if not np.isfinite(points).all():
        return 0.0
    ordered = sorted((float(x), float(y)) for x, y in points)
    corners: list[tuple[float, float]] = []  # counter-clockwise
    for side in (ordered, ordered[::-1]):
        chain: list[tuple[float, float]] = []
        for point in side:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        corners += chain[:-1]
    following = corners[1:] + corners[:1]
    pairs = zip(corners, following, strict=True)
    return max(0.0, sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs) / 2)


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    """Positive where the way from ``a`` over ``b`` to ``c`` turns left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def inverse_2x2(m: Floats) -> Floats:
    """Inverses of (..., 2, 2) float32 matrices in closed form.

    Singular ones give large but finite numbers: |determinant| is kept at ``MIN_DETERMINANT`` at
    least.
    """
    a, b, c, d = m[..., 0, 0], m[..., 0, 1], m[..., 1, 0], m[..., 1, 1]
    determinant = a * d - b * c
    small = np.abs(determinant) < MIN_DETERMINANT
    guard = np.copysign(np.float32(MIN_DETERMINANT), determinant)
    adjugate = np.stack([np.stack([d, -b], -1), np.stack([-c, a], -1)], -2)
    return adjugate / np.where(small, guard, determinant)[..., None, None]


@dataclass(frozen=True)
class Smoothing:
    """Settings of a one-euro filter.

    Attributes:
        still_hz: cut-off of a keypoint at rest; lower = calmer.
        still_speed: units a second that are taken for noise and do not raise the cut-off.
        per_speed: how much the cut-off rises, in Hz, for each unit a second; higher = less lag.
        speed_hz: cut-off of the speed estimate.
    """

    still_hz: float
    still_speed: float
    per_speed: float
    speed_hz: float


# Units of a value are half picture widths. A brisk turn of the head moves at 1 to 3 of them a
# second and shall pass at 20 Hz and more; the detector's noise (0.005 a frame) looks like 0.1.
VALUE_SMOOTHING = Smoothing(still_hz=1.2, still_speed=0.1, per_speed=25.0, speed_hz=2.0)
# Jacobians are near 1, noisier, and change more slowly; their lag is less visible.
JACOBIAN_SMOOTHING = Smoothing(still_hz=1.2, still_speed=0.15, per_speed=8.0, speed_hz=2.0)


class OneEuro:
    """One-euro filter over (K, ...) float32 with real time stamps; one speed per keypoint."""

    def __init__(self, smoothing: Smoothing) -> None:
        self._s = smoothing
        self._value: Floats | None = None
        self._velocity: Floats | None = None
        self._t_ns = 0

    def reset(self) -> None:
        """Forget the past; the next sample passes as it is."""
        self._value = None

    def __call__(self, sample: Floats, t_ns: int) -> Floats:
        """The smoothed sample, shaped like ``sample``."""
        dt = (t_ns - self._t_ns) * 1e-9
        self._t_ns = t_ns
        if self._value is None or self._velocity is None or dt <= 0:
            self._value, self._velocity = sample, np.zeros_like(sample)
            return sample
        velocity = (sample - self._value) * np.float32(1 / dt)
        self._velocity = self._velocity + _gain(self._s.speed_hz, dt) * (velocity - self._velocity)
        inner = tuple(range(1, sample.ndim))
        speed = np.sqrt(np.square(self._velocity).sum(axis=inner, keepdims=True))
        moving = np.maximum(speed - self._s.still_speed, 0)
        gain = _gain(self._s.still_hz + self._s.per_speed * moving, dt)
        self._value = self._value + gain * (sample - self._value)
        return self._value


def _gain(cutoff_hz: float | Floats, dt: float) -> Floats:
    """Share of the new sample in a first-order low-pass, float32."""
    return -np.expm1(np.float32(-2 * pi * dt) * np.asarray(cutoff_hz, np.float32))
