"""MotionSettings: how the driver's movement reaches the portrait, as the user sets it."""

from dataclasses import dataclass, fields, replace
from math import isfinite

from avatar.errors import UsageError

SMOOTHING = 0.5
"""The usual strength: what the filters of avatar/motion/smoothing.py were tuned for."""

RANGES: dict[str, tuple[float, float]] = {
    "movement": (0.0, 2.0),
    "head": (0.0, 2.0),
    "expression": (0.0, 3.0),
    "eyes": (0.0, 3.0),
    "mouth": (0.0, 3.0),
    "smoothing": (0.0, 1.0),
}
"""Least and greatest value of every setting that is a number."""


@dataclass(frozen=True, kw_only=True)
class MotionSettings:
    """What happens to the driving keypoints before the portrait is rendered with them.

    The defaults give the paper's motion transfer, smoothed, and nothing else.

    Attributes:
        relative: move the portrait by the driver's motion since the neutral pose; else take the
            driver's pose as it is.
        adapt_scale: scale the movement by the sizes of the two faces (relative only).
        movement: scale of all movement; 0 = none.
        head: gain of the head's motion as a whole: its turns, its distance, its place.
        expression: gain of what the keypoints do beside that.
        eyes, mouth: more gain for the lids, and for lips and chin, where the model's keypoints are
            known to be there (avatar/motion/labels.py).
        smoothing: strength of the smoothing over time; 0 = off.
        pose_limit: keep the pose softly within what a portrait can do.

    Raises:
        UsageError: a number out of its range (:data:`RANGES`).
    """

    relative: bool = True
    adapt_scale: bool = True
    movement: float = 1.0
    head: float = 1.0
    expression: float = 1.0
    eyes: float = 1.0
    mouth: float = 1.0
    smoothing: float = SMOOTHING
    pose_limit: bool = False

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            value = getattr(self, name)
            if not (isfinite(value) and least <= value <= most):
                raise UsageError(
                    f"Got {value:g} for {name}; expected {least:g} to {most:g}.",
                    hint=f"Choose a value in that range; {getattr(type(self), name):g} is usual.",
                )

    @property
    def plain(self) -> bool:
        """Whether the driver's motion goes to the portrait as it is, without gains and limits."""
        gains = (self.movement, self.head, self.expression, self.eyes, self.mouth)
        return not self.pose_limit and all(gain == 1 for gain in gains)

    def like(self, other: "MotionSettings", *names: str) -> "MotionSettings":
        """These settings, with those named taken from ``other``; without names, all that a preset
        sets (:data:`PRESETS`)."""
        return replace(self, **{name: getattr(other, name) for name in names or SET_BY_PRESETS})

    @property
    def preset(self) -> str:
        """The name of the preset that these settings are; empty where they are none."""
        for name, preset in PRESETS.items():
            if self == self.like(preset):
                return name
        return ""


SET_BY_PRESETS = tuple(
    f.name for f in fields(MotionSettings) if f.name not in ("relative", "adapt_scale")
)
"""What a preset sets; how driver and portrait correspond is another question."""

PRESETS: dict[str, MotionSettings] = {
    "natural": MotionSettings(),
    "calm": MotionSettings(movement=0.8, head=0.7, smoothing=0.7, pose_limit=True),
    "lively": MotionSettings(head=1.1, expression=1.4, mouth=1.2, smoothing=0.6, pose_limit=True),
    "steady": MotionSettings(head=0.4, expression=1.1, smoothing=0.8, pose_limit=True),
}
"""Settings for an occasion, by name: as it is; less of everything; more of everything; a head that
stays in its place, as behind a newsreader's desk."""
