"""Absence: the pose shown while the driver's face is away, and on the way back to a returned one.

It knows no clock: crops say how long ago the face was lost, and when they were taken.
"""

import numpy as np

from avatar.frame import Keypoints
from avatar.rest import Rest

RETURN_MS = 400.0
"""How long the way back to a returned face takes at most."""


class Absence:
    """Remembers the last pose with a face, and how far the way back is."""

    def __init__(self) -> None:
        self._pose: Keypoints | None = None  # as shown last while the face was there
        self._lost_ms = 0.0
        self._return: tuple[Keypoints, int, float] | None = None  # from, since when, how long (ms)

    @property
    def lasts(self) -> bool:
        """Whether the face was away when a pose was last asked for."""
        return self._lost_ms > 0

    def forget_pose(self) -> None:
        """The last pose with a face means nothing any more."""
        self._pose = None

    def forget(self) -> None:
        """Nor does the way back: another portrait, or other keypoints."""
        self._pose = self._return = None

    def without_face(self, lost_ms: float, rest: Rest, source: Keypoints) -> Keypoints:
        """The last pose, and where the rest state says so gently on to the portrait's own.

        Args:
            lost_ms: since the last face.
            rest: what happens to the pose.
            source: the portrait's own.
        """
        self._lost_ms = max(lost_ms, 1.0)
        if self._pose is None:
            return source
        return _between(self._pose, source, rest.eased(lost_ms))

    def with_face(self, live: Keypoints, t_ns: int, shown: Keypoints | None) -> Keypoints:
        """The driver's pose; after an absence gently on to it from the pose shown last.

        Args:
            live: the driver's pose.
            t_ns: when the picture was taken, by a monotonic clock.
            shown: last.
        """
        if self._lost_ms > 0:
            if shown is not None:
                self._return = (shown, t_ns, min(self._lost_ms, RETURN_MS))
            self._lost_ms = 0.0
        if self._return is not None:
            start, since_ns, lasts_ms = self._return
            done = (t_ns - since_ns) / 1e6 / lasts_ms
            if done < 1:
                live = _between(start, live, done)
            else:
                self._return = None
        self._pose = live
        return live


def _between(start: Keypoints, end: Keypoints, share: float) -> Keypoints:
    """From ``start`` (share <= 0) to ``end`` (share >= 1), leaving and arriving gently."""
    if share <= 0:
        return start
    if share >= 1:
        return end
    s = np.float32(share * share * (3 - 2 * share))
    return Keypoints(
        start.value + s * (end.value - start.value),
        start.jacobian + s * (end.jacobian - start.jacobian),
    )
