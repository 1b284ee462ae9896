"""Limits: how far a portrait can go before it tears, and the soft way of staying within."""

from dataclasses import dataclass
from math import tanh

import numpy as np

from avatar.frame import Floats
from avatar.motion.head import HeadMotion

KNEE = 0.6
"""Up to this share of a limit nothing is changed."""

ROOM = 0.15
"""A portrait that is itself near a limit may go this far towards it all the same, in radians."""


@dataclass(frozen=True)
class Limits:
    """Where movement ends. Angles are the portrait's own plus those it is moved by.

    The figures are those of the bundled model, looked at on both bundled portraits moved by one
    motion alone. Yaw: sound at 25 degrees, passable at 35, torn hair and a second outline at 45.
    Pitch: sound at 18, the mouth folds (up) or the face is squashed (down) at 25. Roll: sound at
    35, trails at 45. Scale: what the head uncovers stays behind as a ghost from 0.8 on; greater
    ones are sharp up to 1.6. Shift: ghosts of the hair from 0.3 sideways and 0.2 downwards on,
    upwards the neck grows too long at 0.45. Stretch: of a clip whose driver turns to 38 degrees
    and leaves the picture, frames were clear of ghosts or nearly so below 0.5, while below 0.3 the
    jaw bulges; mouths open as before.

    Attributes:
        yaw, pitch, roll: radians to either side of straight ahead.
        smaller, larger: scale of the head against the portrait's, as a logarithm.
        aside, up, down: shift of the head, in half picture widths.
        margin: of the picture that no keypoint enters, in the same unit.
        displacement: of a keypoint against the head, in the same unit. An open mouth moves a lip
            by 0.2; a hand before the face threw keypoints by 0.4.
        blind: the same where depths are unknown, since turns of the head count as displacements
            there: 35 degrees of yaw move the jaw by 0.2.
        stretch: logarithm of the greatest stretch of a keypoint's surroundings against the head.
    """

    yaw: float = 0.6
    pitch: float = 0.4
    roll: float = 0.7
    smaller: float = 0.2
    larger: float = 0.5
    aside: float = 0.28
    up: float = 0.35
    down: float = 0.2
    margin: float = 0.05
    displacement: float = 0.25
    blind: float = 0.35
    stretch: float = 0.4

    def head(
        self, motion: HeadMotion, own: HeadMotion, low: Floats, high: Floats, scale: float
    ) -> HeadMotion:
        """A motion of the driver's head that the portrait can follow.

        Args:
            motion: the driver's.
            own: the portrait's, against a face that looks straight ahead.
            low, high: (2,) float32, least and greatest coordinates of the portrait's keypoints.
            scale: what shifts are multiplied by on their way to the portrait; not 0.
        """
        edge = 1 - self.margin
        shift = [
            soft(
                motion.shift[i] * scale,
                max(least, min(-edge - float(low[i]), -ROOM)),
                min(most, max(edge - float(high[i]), ROOM)),
            )
            / scale
            for i, (least, most) in enumerate(((-self.aside, self.aside), (-self.up, self.down)))
        ]
        return HeadMotion(
            _beside(motion.roll, own.roll, self.roll),
            (
                _beside(motion.tilt[0], own.tilt[0], self.pitch),
                _beside(motion.tilt[1], own.tilt[1], self.yaw),
            ),
            soft(motion.log_scale, -self.smaller, self.larger),
            (shift[0], shift[1]),
        )

    def residual(self, moved: Floats, scale: float, *, blind: bool) -> Floats:
        """Displacements (K, 2) against the head, no longer than allowed.

        Args:
            moved: the displacements.
            scale: what they are multiplied by on their way to the portrait.
            blind: depths are unknown.
        """
        length = np.sqrt(np.square(moved).sum(axis=1, keepdims=True)) * np.float32(scale)
        short = soft_length(length, self.blind if blind else self.displacement)
        return moved * (short / np.maximum(length, np.float32(1e-9)))


def soft(value: float, least: float, most: float) -> float:
    """A number within limits on either side of 0: unchanged up to the knee, then saturating.

    Continuous with its derivative, rising everywhere, and never beyond the limits.
    """
    limit = most if value >= 0 else -least
    knee = KNEE * limit
    size = abs(value)
    if size <= knee:
        return value
    size = knee + (limit - knee) * tanh((size - knee) / (limit - knee))
    return size if value >= 0 else -size


def soft_length(length: Floats, limit: float) -> Floats:
    """The same for an array of lengths, float32."""
    knee, rest = np.float32(KNEE * limit), np.float32((1 - KNEE) * limit)
    saturated = knee + rest * np.tanh((length - knee) / rest)
    return np.where(length <= knee, length, saturated)


def _beside(moved: float, own: float, limit: float) -> float:
    """A movement from ``own`` on, the sum of both within the limit or a little room beyond."""
    return soft(moved, min(-limit - own, -ROOM), max(limit - own, ROOM))
