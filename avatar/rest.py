"""Rest: what the outputs show when nobody drives the portrait."""

from dataclasses import dataclass
from math import isfinite

from avatar.errors import UsageError

HOLD, NEUTRAL, SLATE = "hold", "neutral", "slate"

MODES = (HOLD, NEUTRAL, SLATE)
"""Every mode, the mildest first."""

LONGEST_S = 600.0
"""The most that a delay may be."""


@dataclass(frozen=True, kw_only=True)
class Rest:
    """The rest state: after the face was lost, and as far as it goes also when the camera is lost,
    another engine is opened or an engine hangs.

    Attributes:
        mode: "hold" keeps the last pose, "neutral" eases to the portrait's own pose, "slate" shows
            the slate in every output.
        after_s: seconds from the last face (or the last picture) until that happens; the last pose
            is held until then.
        ease_s: seconds the way to the neutral pose takes.

    Raises:
        UsageError: an unknown mode, or a time that makes no sense.
    """

    mode: str = NEUTRAL
    after_s: float = 2.0
    ease_s: float = 1.0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise UsageError(
                f"Got {self.mode!r} as the rest state; expected one of {', '.join(MODES)}.",
                hint="Use --rest neutral.",
            )
        for what, time_s in (("delay", self.after_s), ("way", self.ease_s)):
            if not (isfinite(time_s) and 0 <= time_s <= LONGEST_S):
                raise UsageError(
                    f"Got a {what} of {time_s:g} s to the rest state; "
                    f"expected 0 to {LONGEST_S:g} s.",
                    hint="Use --rest-after 2.",
                )

    def eased(self, lost_ms: float) -> float:
        """How far the pose is on its way to neutral, in [0, 1], ``lost_ms`` after the last face."""
        if self.mode != NEUTRAL:
            return 0.0
        late_ms = lost_ms - self.after_s * 1e3
        if late_ms <= 0:
            return 0.0
        return 1.0 if late_ms >= self.ease_s * 1e3 else late_ms / (self.ease_s * 1e3)

    def covers(self, lost_ms: float) -> bool:
        """Whether the slate is due ``lost_ms`` after the last face."""
        return self.mode == SLATE and lost_ms >= self.after_s * 1e3
