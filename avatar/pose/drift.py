"""Drift: noticing that the driver no longer sits as when the neutral pose was taken.

A seat or camera that was moved shifts every later pose. Talking, looking around and leaning forward
for a moment do not count: the head must have rested in one other place all the time, and never
where the neutral pose is.
"""

from collections import deque
from dataclasses import dataclass
from math import log

import numpy as np

from avatar.pose.head import HeadPose

WINDOW_S = 20.0
"""How long the head must have rested elsewhere."""

_MEASURES = ("yaw", "pitch", "roll", "x", "y", "size")
_LIMITS = np.array([11.0, 10.0, 8.0, 0.08, 0.08, log(1.15)])
"""How far each may be from the neutral pose: degrees, parts of the square's side, log of the size.
In 158 clips of people who talk to a camera, about nine tenths rest nearer than this to the first
pose in which they look straight ahead."""

_STILL = _LIMITS * 0.9  # a head that moves by less per second rests
_STEADY = 0.6  # the middle half of the resting poses reaches this many limits to either side
_LEAST_STILL_S = 6.0  # so much of the window the head must have rested
_LEAST_SPAN = 0.8  # of the window that must be covered by what was seen
_HOME = 0.1  # resting near the neutral pose for more than this share means: it still is one
_GAP_S = 1.0  # poses further apart tell no speed


@dataclass(frozen=True)
class Drifted:
    """How the driver sits now, seen from the neutral pose.

    Attributes:
        pose: the median of the resting poses.
        worst: what has changed most: "yaw", "pitch", "roll", "x", "y" or "size".
        amount: of that change, in limits; above 1.
    """

    pose: HeadPose
    worst: str
    amount: float


class Drift:
    """Watches the poses of one driver against one neutral pose, a few times a second.

    Args:
        neutral: the pose that is neutral.
        window_s: how long the head must have rested elsewhere.
    """

    def __init__(self, neutral: HeadPose, window_s: float = WINDOW_S) -> None:
        self._neutral = _vector(neutral)
        self._window_s = window_s
        self._seen: deque[tuple[float, np.ndarray, bool]] = deque()  # time, measures, resting
        self._eyes = (neutral.eyes, neutral.mouth)

    def add(self, t_s: float, pose: HeadPose | None) -> Drifted | None:
        """Take a pose; what has drifted, if it has.

        Args:
            t_s: when, in seconds of any clock; one that goes back starts anew.
            pose: None while no face is seen.
        """
        if self._seen and t_s <= self._seen[-1][0]:
            if t_s < self._seen[-1][0]:
                self._seen.clear()
            return None
        if pose is None:
            return None
        now = _vector(pose)
        resting = False
        if self._seen:
            before_s, before, _ = self._seen[-1]
            gap_s = t_s - before_s
            resting = gap_s <= _GAP_S and bool((np.abs(now - before) <= _STILL * gap_s).all())
        self._seen.append((t_s, now, resting))
        while t_s - self._seen[0][0] > self._window_s:
            self._seen.popleft()
        return self._judge()

    def forget(self) -> None:
        """Begin anew with the same neutral pose."""
        self._seen.clear()

    def _judge(self) -> Drifted | None:
        span_s = self._seen[-1][0] - self._seen[0][0]
        if span_s < _LEAST_SPAN * self._window_s:
            return None
        poses = np.array([measures for _, measures, resting in self._seen if resting])
        if len(poses) * span_s < _LEAST_STILL_S * len(self._seen):
            return None
        off = np.abs(poses - self._neutral) / _LIMITS
        if (off.max(axis=1) < 1).mean() > _HOME:
            return None
        median = np.median(poses, axis=0)
        amounts = np.abs(median - self._neutral) / _LIMITS
        worst = int(amounts.argmax())
        if amounts[worst] <= 1:
            return None
        low, high = np.percentile(poses[:, worst], (25, 75))
        if (high - low) / 2 > _STEADY * _LIMITS[worst]:
            return None
        half = len(poses) // 2  # it was so in the first half of the time as well as in the second
        for part in (poses[:half], poses[half:]):
            change = (np.median(part[:, worst]) - self._neutral[worst]) / _LIMITS[worst]
            if abs(change) <= 1 or change * (median[worst] - self._neutral[worst]) < 0:
                return None
        return Drifted(self._pose(median), _MEASURES[worst], float(amounts[worst]))

    def _pose(self, measures: np.ndarray) -> HeadPose:
        yaw, pitch, roll, x, y, size = (float(number) for number in measures)
        eyes, mouth = self._eyes
        return HeadPose(yaw, pitch, roll, x, y, float(np.exp(size)), eyes, mouth)


def _vector(pose: HeadPose) -> np.ndarray:
    return np.array([pose.yaw, pose.pitch, pose.roll, pose.x, pose.y, log(max(pose.size, 1e-3))])
