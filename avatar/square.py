"""Squares in a picture: where a head belongs in one, and cutting it out."""

import math
from dataclasses import dataclass

import numpy as np

from avatar.frame import CROP_SIZE, Face, Floats, Image

# Where a face sits in the crops the networks are trained on. Measured over 158 clips (about 109
# people) as the median over each clip of the bounding box of the 468 mesh landmarks, then the
# median over the clips (5th, 25th, 75th, 95th percentile of the clips), in parts of the side:
#   centre x 0.500 (0.445, 0.492, 0.507, 0.534)     centre y 0.588 (0.387, 0.537, 0.598, 0.621)
#   longer side of the face box 0.586 (0.430, 0.539, 0.588, 0.658); height 0.585, width 0.476
FACE_CENTRE_Y = 0.588
FACE_SIDE = 0.586

MIN_SIDE = 32.0  # pixels; anything smaller is noise
_SHIFT_INSIDE = 0.12  # a box that sticks out of the picture moves in by at most this part of it


@dataclass(frozen=True, slots=True)
class Square:
    """A square in a picture: centre and side in pixels."""

    x: float
    y: float
    side: float

    @property
    def box(self) -> Floats:
        """(4,) float32 xyxy px."""
        half = self.side / 2
        return np.array([self.x - half, self.y - half, self.x + half, self.y + half], np.float32)


def head_square(face: Face, width: int, height: int) -> Square:
    """The head-and-shoulders square around a face, as in the training data.

    It is moved inwards by at most an eighth where it reaches outside the ``width`` x ``height`` px
    picture, since invented edges look worse than a face a little off its place.
    """
    x0, y0, x1, y1 = (float(v) for v in face.box)
    side = max(MIN_SIDE, max(x1 - x0, y1 - y0) / FACE_SIDE)
    x = _inwards((x0 + x1) / 2, side, width)
    y = _inwards((y0 + y1) / 2 - (FACE_CENTRE_Y - 0.5) * side, side, height)
    return Square(x, y, side)


def centre_square(width: int, height: int) -> Square:
    """The largest square in the middle of a picture."""
    return Square(width / 2, height / 2, float(min(width, height)))


def cut(image: Image, square: Square, size: int = CROP_SIZE) -> Image:
    """Cut a square out and scale it to (``size``, ``size``, 3) uint8, a new array.

    Positions are exact to the sub-pixel, so that a slowly moving box does not tremble. Outside the
    picture its edge pixels are repeated.
    """
    import cv2

    height, width = image.shape[:2]
    left, top, side = square.x - square.side / 2, square.y - square.side / 2, square.side
    shrink = max(1, int(side / size))
    if shrink > 1:
        # linear sampling of more than two pixels per pixel aliases: average whole pixels first
        x0, y0 = max(0, int(left) - shrink), max(0, int(top) - shrink)
        x1 = min(width, math.ceil(left + side) + shrink)
        y1 = min(height, math.ceil(top + side) + shrink)
        if x1 > x0 and y1 > y0:
            w, h = max(1, (x1 - x0) // shrink), max(1, (y1 - y0) // shrink)
            part = image[y0 : y0 + min(y1 - y0, h * shrink), x0 : x0 + min(x1 - x0, w * shrink)]
            left, top, side = (left - x0) / shrink, (top - y0) / shrink, side / shrink
            image = cv2.resize(part, (w, h), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    scale = side / size
    # pixel centres: output i shows the input at left + (i + 0.5) * scale - 0.5
    matrix = np.array(
        [[scale, 0.0, left + 0.5 * scale - 0.5], [0.0, scale, top + 0.5 * scale - 0.5]], np.float64
    )
    result: Image = cv2.warpAffine(  # type: ignore[assignment]
        image,
        matrix,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return result


def _inwards(centre: float, side: float, length: int) -> float:
    low, high = side / 2 - centre, centre + side / 2 - length  # how far it sticks out on either end
    if low > 0 and high > 0:
        return centre
    limit = _SHIFT_INSIDE * side
    if low > 0:
        return centre + min(low, limit, max(0.0, -high))
    if high > 0:
        return centre - min(high, limit, max(0.0, -low))
    return centre
