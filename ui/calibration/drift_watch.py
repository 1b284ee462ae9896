"""DriftWatch: when to offer a new calibration because the driver sits otherwise than before."""

from avatar.pose.drift import Drift, Drifted
from avatar.pose.head import HeadPose

QUIET_S = 300.0
"""At least so long passes between two offers, in seconds."""


class DriftWatch:
    """Decides whether the user is told of a drift. It knows no clock and no widget.

    Attributes:
        dismissed: the user wants no more of it in this session.
    """

    def __init__(self) -> None:
        self.dismissed = False
        self._drift: Drift | None = None
        self._neutral: HeadPose | None = None
        self._quiet_until_s = 0.0

    def begin(self) -> None:
        """A session begins: what the last one noticed or was told means nothing."""
        self.dismissed = False
        self._drift = self._neutral = None
        self._quiet_until_s = 0.0

    def look(self, now_s: float, neutral: HeadPose | None, pose: HeadPose | None) -> Drifted | None:
        """Take the newest pose; what to tell the user, if anything.

        Args:
            now_s: by any clock, in seconds.
            neutral: the pose that is neutral; None = none is, or it is not used.
            pose: the driver's; None while no face is seen.
        """
        if neutral is not self._neutral:
            self._neutral = neutral
            self._drift = None if neutral is None else Drift(neutral)
        if self._drift is None or self.dismissed:
            return None
        found = self._drift.add(now_s, pose)
        if found is None or now_s < self._quiet_until_s:
            return None
        self._quiet_until_s = now_s + QUIET_S
        self._drift.forget()
        return found
