"""Patches: eight colours in two rows, each its own, so that a picture turned over in any way shows.

All of them can be carried by limited-range YUV; every corner of the colour cube comes near.
"""

import numpy as np

from avatar.frame import CROP_SIZE, Image

COLOURS = (
    ((235, 235, 235), (200, 30, 30), (30, 180, 40), (30, 40, 210)),
    ((20, 20, 20), (220, 200, 30), (30, 190, 200), (190, 40, 180)),
)
"""Rows from the top, colours from the left, RGB."""

WITHIN = 3
"""Of 255: what rounding to YUV and back may change."""

WAYS = ("upright", "mirrored", "upside down", "turned")
"""How they may lie, best first."""


def picture() -> Image:
    """(256, 256, 3) uint8 RGB."""
    made = np.array(COLOURS, np.uint8)
    tall, wide = CROP_SIZE // made.shape[0], CROP_SIZE // made.shape[1]
    return np.ascontiguousarray(made.repeat(tall, 0).repeat(wide, 1))


def square(image: Image) -> Image:
    """The middle square of a wide picture: what is between the bars."""
    height, width = image.shape[:2]
    side, left = min(width, height), max(0, (width - height) // 2)
    return image[:side, left : left + side]


def bars(image: Image) -> Image:
    """What is left and right of the middle square, two pixels beside it left out."""
    height, width = image.shape[:2]
    left = (width - height) // 2
    return np.concatenate([image[:, : left - 2], image[:, width - left + 2 :]], 1)


def seen(image: Image) -> np.ndarray:
    """Mean colours of the middles of the patches in a square picture, (2, 4, 3) float."""
    rows, columns = len(COLOURS), len(COLOURS[0])
    tall, wide = image.shape[0] // rows, image.shape[1] // columns
    found = np.empty((rows, columns, 3))
    for row in range(rows):
        for column in range(columns):
            top, left = row * tall + tall // 4, column * wide + wide // 4
            patch = image[top : top + tall // 2, left : left + wide // 2]
            found[row, column] = patch.reshape(-1, 3).mean(0)
    return found


def error(image: Image) -> np.ndarray:
    """The farthest channel of each patch from its colour, (2, 4), in levels of 255."""
    wanted = np.array(COLOURS, np.float64)
    return np.asarray(np.abs(seen(image) - wanted).max(-1))


def orientation(image: Image) -> str:
    """ "upright", "mirrored", "upside down", "turned", or "unlike" the patches."""
    found, wanted = seen(image), np.array(COLOURS, np.float64)
    turned = (wanted, wanted[:, ::-1], wanted[::-1], wanted[::-1, ::-1])
    ways = dict(zip(WAYS, turned, strict=True))
    errors = {name: np.abs(found - way).max() for name, way in ways.items()}
    best = min(errors, key=lambda name: errors[name])
    return best if errors[best] < 40 else "unlike"
