"""Smoothing: one-euro filters over keypoints.

The one-euro filter (Casiez et al., CHI 2012) is a low-pass whose cut-off rises with speed, so that
a still face does not tremble and a fast one does not lag.
"""

from dataclasses import dataclass
from math import pi

import numpy as np

from avatar.frame import Floats
from avatar.motion.settings import SMOOTHING


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

    def at(self, strength: float) -> "Smoothing":
        """For a strength above 0 and up to 1: the cut-offs go with its inverse square, from those
        written here (at the usual strength) to a quarter; near 0 everything passes."""
        share = (SMOOTHING / strength) ** 2
        return Smoothing(
            self.still_hz * share, self.still_speed, self.per_speed * share, self.speed_hz
        )


# Units of a value are half picture widths. A brisk turn of the head moves at 1 to 3 of them a
# second and shall pass at 20 Hz and more; the detector's noise (0.005 a frame) looks like 0.1.
VALUE_SMOOTHING = Smoothing(still_hz=1.2, still_speed=0.1, per_speed=25.0, speed_hz=2.0)
# Jacobians are near 1, noisier, and change more slowly; their lag is less visible.
JACOBIAN_SMOOTHING = Smoothing(still_hz=1.2, still_speed=0.15, per_speed=8.0, speed_hz=2.0)


class OneEuro:
    """One-euro filter over (K, ...) float32 with real time stamps; one speed per keypoint.

    Attributes:
        smoothing: its settings; they may change between two samples.
    """

    def __init__(self, smoothing: Smoothing) -> None:
        self.smoothing = smoothing
        self._value: Floats | None = None
        self._velocity: Floats | None = None
        self._t_ns = 0

    def reset(self) -> None:
        """Forget the past; the next sample passes as it is."""
        self._value = None

    def __call__(self, sample: Floats, t_ns: int) -> Floats:
        """The smoothed sample, shaped like ``sample``."""
        s = self.smoothing
        dt = (t_ns - self._t_ns) * 1e-9
        self._t_ns = t_ns
        if self._value is None or self._velocity is None or dt <= 0:
            self._value, self._velocity = sample, np.zeros_like(sample)
            return sample
        velocity = (sample - self._value) * np.float32(1 / dt)
        self._velocity = self._velocity + _gain(s.speed_hz, dt) * (velocity - self._velocity)
        inner = tuple(range(1, sample.ndim))
        speed = np.sqrt(np.square(self._velocity).sum(axis=inner, keepdims=True))
        moving = np.maximum(speed - s.still_speed, 0)
        gain = _gain(s.still_hz + s.per_speed * moving, dt)
        self._value = self._value + gain * (sample - self._value)
        return self._value


def _gain(cutoff_hz: float | Floats, dt: float) -> Floats:
    """Share of the new sample in a first-order low-pass, float32."""
    return -np.expm1(np.float32(-2 * pi * dt) * np.asarray(cutoff_hz, np.float32))
