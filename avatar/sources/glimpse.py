"""Glimpse: one small picture of a camera, to choose it by."""

import logging
from collections.abc import Callable
from time import monotonic

import numpy as np

from avatar.errors import SourceLost
from avatar.frame import Image
from avatar.sources.base import Source

log = logging.getLogger(__name__)

SIDE = 192
"""The longer side of the picture, in pixels."""

_SETTLE_S = 0.6  # the first pictures of most cameras are dark: exposure is still being found


def glimpse(source: Source, clock: Callable[[], float] = monotonic) -> Image:
    """Open a source, look at it for a moment, close it.

    Args:
        source: not open.
        clock: seconds, monotonic.

    Returns:
        (H, W, 3) uint8 RGB, its longer side :data:`SIDE` pixels.

    Raises:
        SourceError: it cannot be opened, or gives no picture.
    """
    import cv2

    try:
        source.open()
        frame, until = source.read(), clock() + _SETTLE_S
        while frame is not None and clock() < until:
            frame = source.read() or frame
    finally:
        source.close()
    if frame is None:
        raise SourceLost(f"{source.name} gave no picture.")
    height, width = frame.image.shape[:2]
    scale = SIDE / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), np.uint8)
