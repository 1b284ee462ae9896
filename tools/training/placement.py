"""Where training pictures are put: turned, zoomed, shifted, stretched, bent, mirrored.

Pictures are (H, W, 3) uint8. Every random number comes from the generator that is handed in.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Placement:
    """Where a picture is put: out(z) = in(linear z + move + bend(z)).

    z is in [-1, 1], whose ends are the picture's edges; the outside mirrors the inside. A smaller
    result is made as the networks shrink pictures (METHODS section 1, AA): a Gaussian of sigma =
    (1/s - 1)/2, then samples on the top left pixel of blocks.

    Attributes:
        linear: (2, 2) float32; move: (2,); bend: (2, n, n), x and y of a coarse grid of offsets.
    """

    linear: Floats
    move: Floats
    bend: Floats

    def image(self, picture: Bytes, size: int) -> Bytes:
        """(W, W, 3) uint8 -> (size, size, 3) uint8.

        Places are as exact as OpenCV's bilinear sampling: to 1/32 of a pixel.
        """
        import cv2

        width = picture.shape[1]
        scale = width / size
        if scale > 1:
            sigma = (scale - 1) / 2
            picture = np.asarray(
                cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), np.uint8
            )
        # Pixel i of the result lies at z = (scale i + 1/2) / (width/2) - 1: on the first pixel of
        # a block, not on its middle. In pixels of the input: x = (z + 1) width/2 - 1/2.
        first = 1 / width - 1
        half = width / 2
        shift = half * (self.linear.sum(1) * first + self.move + 1) - 0.5
        matrix = np.concatenate([self.linear * scale, shift[:, None]], 1).astype(np.float32)
        if not self.bend.any():
            if width == size and np.array_equal(matrix, np.eye(2, 3, dtype=np.float32)):
                return picture
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            placed = cv2.warpAffine(
                picture, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REFLECT
            )
            return np.asarray(placed, np.uint8)
        axis = np.arange(size, dtype=np.float32)
        across, down = (
            matrix[i, 0] * axis
            + (matrix[i, 1] * axis[:, None] + matrix[i, 2])
            + half * _enlarged(self.bend[i], width, size)
            for i in (0, 1)
        )
        linear = cv2.INTER_LINEAR
        placed = cv2.remap(picture, across, down, linear, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(placed, np.uint8)

    def points(self, points: Floats) -> Floats:
        """The same for landmarks, (N, 3) px of 256 -> (N, 3); z grows with the zoom."""
        import cv2

        outward = np.linalg.inv(self.linear.astype(np.float64)).T
        there = points[:, :2] / 128 - 1 - self.move
        found = there @ outward
        if self.bend.any():
            field = [_enlarged(bend, 64, 64) for bend in self.bend]
            for _ in range(4):  # solves for z by fixed point; the bend is gentle
                at = ((found + 1) * 32 - 0.5).astype(np.float32)
                offset = [
                    cv2.remap(
                        f,
                        at[None, :, 0],
                        at[None, :, 1],
                        cv2.INTER_LINEAR,
                        borderMode=cv2.BORDER_REPLICATE,
                    )[0]
                    for f in field
                ]
                found = (there - np.stack(offset, -1)) @ outward
        zoom = abs(np.linalg.det(self.linear.astype(np.float64))) ** -0.5
        placed = np.concatenate([(found + 1) * 128, points[:, 2:] * zoom], -1)
        return placed.astype(np.float32)


STILL = Placement(np.eye(2, dtype=np.float32), np.zeros(2, np.float32), np.zeros((2, 5, 5), "f4"))
"""Leaves a picture where it is; only its size may change."""


def placement(
    random: np.random.Generator,
    turn_deg: float,
    zoom: float,
    shift: float,
    stretch: float = 0.0,
    bend: float = 0.0,
) -> Placement:
    """A random placement: turn, zoom, shift, unequal stretch, and a gentle bend; no mirroring.

    Args:
        turn_deg: standard deviation in degrees; the others: in parts (zoom and stretch of the size,
            shift and bend of half the width).
    """
    angle, scale, aspect, shear = random.standard_normal(4) * (
        np.radians(turn_deg),
        zoom,
        stretch,
        stretch,
    )
    cos, sin = np.cos(angle) * np.exp(scale), np.sin(angle) * np.exp(scale)
    wide = np.exp(aspect)
    linear = np.array([[cos * wide, -sin * wide], [sin / wide, cos / wide]])
    linear = linear @ np.array([[1, shear], [0, 1]])
    move = random.standard_normal(2) * shift
    offsets = random.standard_normal((2, 5, 5)) * bend
    return Placement(linear.astype(np.float32), move.astype(np.float32), offsets.astype(np.float32))


def mirror(picture: Bytes, points: Floats | None) -> tuple[Bytes, Floats | None]:
    """Left and right exchanged, and landmarks (N, 3) px of 256 with them (not their names)."""
    if points is not None:
        points = points * np.array([-1, 1, 1], "f4") + np.array([256, 0, 0], "f4")
    return np.ascontiguousarray(picture[:, ::-1]), points


def _enlarged(field: Floats, width: int, size: int) -> Floats:
    """A coarse grid over the picture at the places of the result's pixels, by cubics."""
    import cv2

    step, rest = divmod(width, size)
    side = size if rest else width
    full = cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(full if rest else np.ascontiguousarray(full[::step, ::step]), np.float32)
