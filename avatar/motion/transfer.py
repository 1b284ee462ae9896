"""From what the driver does to what the portrait shall do: relative motion and smoothing.

DaGAN section 3 normalises the driving keypoints ("relative" mode) so that the driver's face shape
does not leak into the portrait. With s the portrait, d the driving frame and d0 the driver's
neutral pose, for each keypoint::

    p = p_s + a (p_d - p_d0)          J = (J_d J_d0^-1) J_s
    a = sqrt(hull area of p_s / hull area of p_d0), or 1

Before that, each driving keypoint is smoothed (avatar/motion/smoothing.py). This module knows no
engine and no picture.
"""

from math import sqrt

import numpy as np

from avatar.frame import Floats, Keypoints
from avatar.motion.gains import Gains
from avatar.motion.geometry import hull_area, inverse_2x2
from avatar.motion.labels import Labels
from avatar.motion.settings import MotionSettings
from avatar.motion.smoothing import JACOBIAN_SMOOTHING, VALUE_SMOOTHING, OneEuro

MIN_HULL_AREA = 1e-6
"""Hulls smaller than this, in squared [-1, 1] units, give no movement scale."""


class Motion:
    """Turns driving keypoints into those the portrait is rendered with.

    Args:
        settings: how; None = the usual ones.
        labels: what the model's keypoints stand for; None = unknown.

    One thread uses a Motion.
    """

    def __init__(
        self, settings: MotionSettings | None = None, labels: Labels | None = None
    ) -> None:
        self.labels = labels
        self._source: Keypoints | None = None
        self._neutral: Keypoints | None = None
        self._undo_neutral: Floats = np.empty((0, 2, 2), np.float32)
        self._source_area = self._neutral_area = 0.0
        self._gains: tuple[tuple[int, int, float], Gains] | None = None
        self._value_filter = OneEuro(VALUE_SMOOTHING)
        self._jacobian_filter = OneEuro(JACOBIAN_SMOOTHING)
        self.settings = settings or MotionSettings()

    @property
    def settings(self) -> MotionSettings:
        """How it moves the portrait; may be changed between two calls, and holds from the next."""
        return self._settings

    @settings.setter
    def settings(self, settings: MotionSettings) -> None:
        self._settings = settings
        if settings.smoothing > 0:
            self._value_filter.smoothing = VALUE_SMOOTHING.at(settings.smoothing)
            self._jacobian_filter.smoothing = JACOBIAN_SMOOTHING.at(settings.smoothing)
        else:
            self.forget_past()

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
        settings = self._settings
        if settings.relative and self._neutral is None:
            self.calibrate(driving)
        if settings.smoothing > 0:
            driving = Keypoints(
                self._value_filter(driving.value, t_ns),
                self._jacobian_filter(driving.jacobian, t_ns),
            )
        if settings.plain and not settings.relative:
            return driving
        if self._source is None or (settings.relative and self._neutral is None):
            raise RuntimeError("Motion has no portrait yet: call reset(source keypoints) first")
        if not settings.plain:
            return self._gains_for(settings, self._source)(driving, settings)
        assert self._neutral is not None
        scale = np.float32(self._scale() if settings.adapt_scale else 1.0)
        value = self._source.value + scale * (driving.value - self._neutral.value)
        jacobian = driving.jacobian @ self._undo_neutral @ self._source.jacobian
        return Keypoints(value, jacobian)

    def _gains_for(self, settings: MotionSettings, source: Keypoints) -> Gains:
        """Kept until portrait, neutral pose or kind of motion change."""
        neutral, scale = source, 1.0  # absolute: the driver moves against the portrait's own pose
        if settings.relative and self._neutral is not None:
            neutral, scale = self._neutral, self._scale() if settings.adapt_scale else 1.0
        made_for = (id(source), id(neutral), scale)
        if self._gains is None or self._gains[0] != made_for:
            known = self.labels is not None and len(self.labels.parts) == len(source.value)
            made = Gains(neutral, source, scale, self.labels if known else None)
            self._gains = made_for, made
        return self._gains[1]

    def _scale(self) -> float:
        if min(self._source_area, self._neutral_area) < MIN_HULL_AREA:
            return 1.0  # the keypoints of one face span no area
        return sqrt(self._source_area / self._neutral_area)
