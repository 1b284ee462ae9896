"""Likeness: which driving frame's face is nearest to the portrait's, whatever its size and place.

The official demo's choice of a neutral pose: landmarks less their mean, divided by the root of the
area of their hull; the least sum of squared distances wins. The demo then animates forward and
backward from there and joins the halves. Without smoothing that equals rendering in order of time
with this pose as the neutral one; with it, only the order of time is smooth throughout.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Protocol

import numpy as np

from avatar.cropper import FaceCropper
from avatar.errors import Cancelled, SourceLost
from avatar.frame import Crop, Face, Floats, Frame
from avatar.motion.geometry import hull_area
from avatar.tracker import FaceTracker

log = logging.getLogger(__name__)


class Reel(Protocol):
    """Frames one after the other."""

    def read(self) -> Frame | None:
        """The next frame; None at the end."""
        ...


@dataclass(frozen=True)
class BestFrame:
    """The frame that fits best.

    Attributes:
        crop: its square, to be the neutral pose.
        distance: sum of squared distances of the landmarks, in squared face sizes.
    """

    crop: Crop
    distance: float


def face_shape(face: Face) -> Floats:
    """(478, 2) float32 landmarks, free of place and size; turns of the head stay in."""
    points = face.landmarks[:, :2] - face.landmarks[:, :2].mean(axis=0)
    size = np.float32(sqrt(max(hull_area(points), 1e-6)))
    result: Floats = points / size
    return result


def find_best_frame(
    reel: Reel,
    cropper: FaceCropper,
    tracker: FaceTracker,
    face: Face,
    told: Callable[[int], None] = lambda frames: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> BestFrame | None:
    """The frame whose face is most like ``face``; None if none shows one. Holds one crop at a time.

    Args:
        reel: the driving frames; read to its end, or to where it breaks off.
        cropper: cuts them as they will be cut for rendering.
        tracker: finds the face in the square where ``cropper`` does not follow faces.
        face: the portrait's.
        told: called with the number of frames seen.
        cancelled: asked between frames.

    Raises:
        Cancelled: ``cancelled`` turned true.
    """
    wanted = face_shape(face)
    best: BestFrame | None = None
    frames = 0
    while (frame := _next(reel)) is not None:
        if cancelled():
            raise Cancelled("Stopped before the first frame; nothing was written.")
        crop = cropper.crop(frame)
        seen = crop.face
        if not cropper.enabled:
            seen = next(iter(tracker.track(crop.image)), None)
        if seen is not None:
            distance = float(np.square(face_shape(seen) - wanted).sum())
            if best is None or distance < best.distance:
                best = BestFrame(crop, distance)
        frames += 1
        told(frames)
    return best


def _next(reel: Reel) -> Frame | None:
    try:
        return reel.read()
    except SourceLost as error:
        log.warning("looking for the best frame ends early: %s", error)  # rendering reports it
        return None
