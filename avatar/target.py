"""TargetFinder: what portraits ask of the driver, whether their faces are known or not."""

import threading
from collections.abc import Callable

from avatar.frame import Portrait
from avatar.pose.head import head_pose
from avatar.pose.lighting import lighting
from avatar.pose.match import STRAIGHT, Target, target_of
from avatar.tracker import FaceTracker, MediaPipeTracker


class TargetFinder:
    """Looks at one portrait at a time. Its methods may be called on any thread.

    The bundled portraits are cut by known squares, others by hand: neither tells where the face is.

    Args:
        make_tracker: makes what finds faces, with the first one that must be looked for. It stays
            open: starting MediaPipe holds Python's lock for tens of milliseconds, and other threads
            draw and animate.
    """

    def __init__(self, make_tracker: Callable[[], FaceTracker] | None = None) -> None:
        self._make = make_tracker or _media_pipe
        self._tracker: FaceTracker | None = None
        self._turn = threading.Lock()

    def find(self, portrait: Portrait) -> Target:
        """What a portrait asks of the driver; slow where its face must be looked for.

        Returns:
            Someone looking straight ahead where no face is found, as in many drawings.
        """
        known = target_of(portrait)
        if known.found:
            return known
        with self._turn:
            if self._tracker is None:
                self._tracker = self._make()
            return _target(portrait, self._tracker)

    def close(self) -> None:
        """Free the tracker; idempotent. Waits for a search that runs."""
        with self._turn:
            tracker, self._tracker = self._tracker, None
            if tracker is not None:
                tracker.close()


def _media_pipe() -> FaceTracker:
    return MediaPipeTracker(static=True, max_faces=1)


def _target(portrait: Portrait, tracker: FaceTracker) -> Target:
    # In the whole picture a small face has more pixels than in the square.
    x0, y0, x1, y1 = (float(v) for v in portrait.box)
    for face in tracker.track(portrait.full):
        x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
        if x0 <= x <= x1 and y0 <= y <= y1:
            pose = head_pose(face, portrait.box)
            if pose is not None:
                return Target(pose, lighting(portrait.image, face, portrait.box))
    return STRAIGHT
