"""Match: how near the driver is to the portrait in pose, size, expression and light, and what would
help most.

The neutral pose should be the portrait's own pose: in relative motion (avatar/motion/transfer.py)
the two are taken for the same, so a difference stays in every frame that follows.
"""

from dataclasses import dataclass, replace
from enum import Enum
from math import log

from avatar.frame import Crop, Portrait
from avatar.pose.head import FRONTAL, HeadPose, head_pose
from avatar.pose.lighting import Lighting, lighting

GOOD = 80.0
"""From this score on the driver may calibrate."""

FAIR = 55.0
"""Below this score the result would be visibly off."""


class Part(Enum):
    """What is compared."""

    POSE = "pose"
    SIZE = "size"
    EXPRESSION = "expression"
    LIGHT = "light"


class Hint(Enum):
    """What the driver can do. Left and right are the driver's own; the value is plain English."""

    NONE = "Good match"
    TURN_LEFT = "Turn a little to your left"
    TURN_RIGHT = "Turn a little to your right"
    LOOK_UP = "Raise your chin a little"
    LOOK_DOWN = "Lower your chin a little"
    TILT_LEFT = "Tilt your head a little to your left"
    TILT_RIGHT = "Tilt your head a little to your right"
    CLOSER = "Come closer"
    BACK = "Move back a little"
    OPEN_EYES = "Open your eyes"
    CLOSE_EYES = "Close your eyes a little"
    OPEN_MOUTH = "Open your mouth a little"
    CLOSE_MOUTH = "Close your mouth"
    LIGHT_LEFT = "More light from your left"
    LIGHT_RIGHT = "More light from your right"
    MORE_LIGHT = "More light on your face"
    LESS_LIGHT = "Less light on your face"
    SOFTER_LIGHT = "Softer light, less from one spot"


@dataclass(frozen=True)
class Target:
    """What the driver should look like.

    Attributes:
        pose: of the portrait's head.
        light: on it; None = is not compared.
        found: whether a face was found in the portrait; else it is taken to look straight ahead.
    """

    pose: HeadPose
    light: Lighting | None = None
    found: bool = True

    def mirrored(self) -> "Target":
        """What the driver should look like to a portrait that moves like a mirror image."""
        return replace(
            self,
            pose=self.pose.mirrored(),
            light=None if self.light is None else self.light.mirrored(),
        )


STRAIGHT = Target(FRONTAL, found=False)
"""For portraits in which no face was found: straight ahead."""


@dataclass(frozen=True)
class Match:
    """How near the driver is.

    Attributes:
        score: 0 (another pose altogether) to 100.
        parts: 0 to 1 for each part that was compared.
        worst: the part that costs most; None when nothing costs anything to speak of.
        hint: what to do about it.
        pose: the driver's.
    """

    score: float
    parts: dict[Part, float]
    worst: Part | None
    hint: Hint
    pose: HeadPose


# From where on a difference costs something, and from where on it costs all the part can cost.
_ANGLE = (3.0, 32.0)  # degrees; landmarks tremble by one, two strangers' faces differ by several
_SIZE = (log(1.06), log(2.0))
_PIXELS = (96.0, 32.0)  # height of the face; under 96 the networks see an enlarged picture
_EYES = (0.25, 1.0)  # in parts of the portrait's; people's eyes differ by a fifth
_MOUTH = (0.015, 0.12)  # in parts of the face's height
_SIDE = (0.12, 0.7)
_CONTRAST = (0.08, 0.5)
_STOPS = (1.0, 3.0)  # halvings of the brightness: skin differs by one, so that much is free
_LEAST_LEVEL = 0.08  # of the brightness: a face this dark is noise, whoever's it is

# What is left of the score where a part is as bad as can be. Wrong light moves no keypoint far.
_FLOOR = {Part.POSE: 0.0, Part.SIZE: 0.4, Part.EXPRESSION: 0.3, Part.LIGHT: 0.7}
_NO_MATTER = 0.97  # a factor nearer to one than this asks for no hint


def target_of(portrait: Portrait) -> Target:
    """What a portrait asks of the driver, by the face that was found in it."""
    if portrait.face is None:
        return STRAIGHT
    pose = head_pose(portrait.face, portrait.box)
    if pose is None:
        return STRAIGHT
    return Target(pose, lighting(portrait.image, portrait.face, portrait.box))


def match_crop(crop: Crop, target: Target) -> Match | None:
    """How near the driver of a crop is; None where no face is seen. About 0.2 ms.

    Args:
        crop: as it was cut, not mirrored.
        target: mirrored already where the portrait moves like a mirror image.
    """
    if crop.face is None or crop.held:
        return None
    pose = head_pose(crop.face, crop.box)
    if pose is None:
        return None
    light = None if target.light is None else lighting(crop.image, crop.face, crop.box)
    return match(pose, light, target)


def match(pose: HeadPose, light: Lighting | None, target: Target) -> Match:
    """How near a driver is to a target; without a light on either side, light is not compared."""
    found = {
        Part.POSE: (_fall(pose.angle_to(target.pose), *_ANGLE), _pose_hint(pose, target.pose)),
        Part.SIZE: _size(pose, target.pose),
        Part.EXPRESSION: _expression(pose, target.pose),
    }
    if light is not None and target.light is not None:
        found[Part.LIGHT] = _light(light, target.light)
    score, worst, hint, least = 100.0, None, Hint.NONE, _NO_MATTER
    for part, (share, remedy) in found.items():
        factor = _FLOOR[part] + (1 - _FLOOR[part]) * share
        score *= factor
        if factor < least:
            worst, hint, least = part, remedy, factor
    return Match(score, {part: share for part, (share, _) in found.items()}, worst, hint, pose)


def _pose_hint(pose: HeadPose, wanted: HeadPose) -> Hint:
    turn, nod, tilt = wanted.yaw - pose.yaw, wanted.pitch - pose.pitch, wanted.roll - pose.roll
    most = max(abs(turn), abs(nod), abs(tilt))
    if most == abs(turn):
        return Hint.TURN_LEFT if turn > 0 else Hint.TURN_RIGHT
    if most == abs(nod):
        return Hint.LOOK_UP if nod > 0 else Hint.LOOK_DOWN
    return Hint.TILT_LEFT if tilt > 0 else Hint.TILT_RIGHT


def _size(pose: HeadPose, wanted: HeadPose) -> tuple[float, Hint]:
    ratio = log(max(pose.size, 1e-3) / max(wanted.size, 1e-3))
    fits = _fall(abs(ratio), *_SIZE)
    sharp = _fall(-pose.pixels, -_PIXELS[0], -_PIXELS[1])
    return min(fits, sharp), Hint.CLOSER if ratio < 0 or sharp < fits else Hint.BACK


def _expression(pose: HeadPose, wanted: HeadPose) -> tuple[float, Hint]:
    lids = (pose.eyes - wanted.eyes) / max(wanted.eyes, 0.1)
    lips = pose.mouth - wanted.mouth
    eyes, mouth = _fall(abs(lids), *_EYES), _fall(abs(lips), *_MOUTH)
    if eyes < mouth:
        return eyes, Hint.OPEN_EYES if lids < 0 else Hint.CLOSE_EYES
    return mouth, Hint.OPEN_MOUTH if lips < 0 else Hint.CLOSE_MOUTH


def _light(light: Lighting, wanted: Lighting) -> tuple[float, Hint]:
    lack = wanted.side - light.side
    stops = log(max(wanted.level, 1e-3) / max(light.level, 1e-3)) / log(2)
    candidates = [
        (_fall(abs(lack), *_SIDE), Hint.LIGHT_LEFT if lack > 0 else Hint.LIGHT_RIGHT),
        (_fall(light.contrast - wanted.contrast, *_CONTRAST), Hint.SOFTER_LIGHT),
        (_fall(abs(stops), *_STOPS), Hint.MORE_LIGHT if stops > 0 else Hint.LESS_LIGHT),
        (_fall(-light.level, -2 * _LEAST_LEVEL, -_LEAST_LEVEL), Hint.MORE_LIGHT),
    ]
    return min(candidates, key=lambda candidate: candidate[0])


def _fall(difference: float, free: float, limit: float) -> float:
    """1 up to ``free``, then straight down to 0 at ``limit``."""
    return min(1.0, max(0.0, 1 - (difference - free) / (limit - free)))
