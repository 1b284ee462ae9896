"""How a head turns, shifts and grows against how it should: the driver's motion since its neutral
frame, done by the portrait.

With relative motion the portrait should turn by what the driver turned since its neutral frame;
with absolute motion it should take the driver's own pose, so that both turns begin at the portrait.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from avatar.frame import Floats
from tools.evaluation import pose
from tools.evaluation.observer import Seen
from tools.evaluation.pose import Angles

EDGES = (0.0, 5.0, 10.0, 20.0, 30.0, 180.0)
"""Degrees that the driver turned by: frames are told apart by them."""

AXES = ("pitch", "yaw", "roll")

LEAST_ASKED = 3.0
"""Degrees of root mean square that a driver must turn by about an axis to show a gain."""


@dataclass(frozen=True)
class Turned:
    """One frame's turn as it was asked for, and as it was made: (3,) pitch, yaw, roll in
    degrees."""

    asked: Angles
    made: Angles

    @property
    def error(self) -> float:
        """The angle between both turns, in degrees."""
        return pose.angle(self.made, self.asked)

    @property
    def size(self) -> float:
        """The angle that was asked for, in degrees."""
        return pose.angle(self.asked, np.zeros(3))

    @property
    def by_axis(self) -> Angles:
        """Made beyond asked, (3,) degrees, the short way around."""
        return (self.made - self.asked + 180) % 360 - 180


@dataclass(frozen=True)
class Start:
    """Where the two motions begin.

    Attributes:
        result: what is seen in the picture that is animated.
        driver: what is seen in the driver's neutral frame; the same as ``result`` for absolute
            motion.
    """

    result: Seen
    driver: Seen

    def turned(self, saw: Seen, driver: Seen) -> Turned | None:
        """The turns of a frame; None where a pose is not known."""
        poses = (self.result.pose, self.driver.pose, saw.pose, driver.pose)
        first, neutral, now, want = poses
        if first is None or neutral is None or now is None or want is None:
            return None
        return Turned(pose.turn(want, neutral), pose.turn(now, first))

    def shifted(self, saw: Seen, driver: Seen) -> tuple[float, float] | None:
        """How far the face is from where it should be, in px, and by what share its size differs
        from what it should be; None without landmarks.

        The driver's shift counts in sizes of its face: a portrait twice as large moves twice as
        far.
        """
        points = (self.result.landmarks, self.driver.landmarks, saw.landmarks, driver.landmarks)
        first, neutral, now, want = points
        if first is None or neutral is None or now is None or want is None:
            return None
        larger = _size(first) / _size(neutral)
        asked = larger * (_centre(want) - _centre(neutral))
        off = float(np.linalg.norm(_centre(now) - _centre(first) - asked))
        grown = np.log(_size(now) / _size(first)) - np.log(_size(want) / _size(neutral))
        return off, float(np.expm1(abs(grown)))


def by_size(turns: Sequence[Turned]) -> list[dict[str, float]]:
    """The errors of frames whose driver turned by about as much; then those of all.

    Returns:
        A row for each of :data:`EDGES`' ranges that has frames: ``from`` and ``to`` in degrees,
        ``frames``, the medians ``error``, ``pitch``, ``yaw``, ``roll`` (without their sign), and
        the 90th percentile of the first, ``error_90``.
    """
    rows = []
    sizes = np.array([one.size for one in turns])
    ranges = [*zip(EDGES, EDGES[1:], strict=False), (EDGES[0], EDGES[-1])]
    for low, high in ranges:
        inside = [one for one, size in zip(turns, sizes, strict=True) if low <= size < high]
        if not inside:
            continue
        errors = np.array([one.error for one in inside])
        axes = np.median([np.abs(one.by_axis) for one in inside], axis=0)
        row = {"from": low, "to": high, "frames": float(len(inside))}
        row |= {"error": float(np.median(errors)), "error_90": float(np.percentile(errors, 90))}
        row |= {name: float(value) for name, value in zip(AXES, axes, strict=True)}
        rows.append(row)
    return rows


def gains(turns: Sequence[Turned]) -> dict[str, float]:
    """How much of what was asked is made, by axis: the slope through 0, least squares. 1 is all of
    it; an axis about which drivers hardly turn is NaN."""
    found = dict.fromkeys(AXES, nan)
    if turns:
        asked = np.array([one.asked for one in turns])
        made = np.array([one.made for one in turns])
        power = np.square(asked).mean(0)
        for i, name in enumerate(AXES):
            if power[i] >= LEAST_ASKED**2:
                found[name] = float((asked[:, i] * made[:, i]).mean() / power[i])
    return found


def _centre(landmarks: Floats) -> NDArray[np.float64]:
    return np.asarray(landmarks[:, :2].mean(0), np.float64)


def _size(landmarks: Floats) -> float:
    """Root mean square distance of the landmarks from their middle, depth among it, so that a head
    that turns keeps its size."""
    points = np.asarray(landmarks, np.float64)
    return float(np.sqrt(np.square(points - points.mean(0)).sum(1).mean()))
