"""The test pattern, and what became of it on its way through a virtual camera."""

import numpy as np

from avatar.frame import Image

COLOURS = (
    (235, 235, 235), (220, 200, 30), (30, 200, 210), (40, 180, 60),
    (190, 50, 190), (200, 40, 40), (40, 60, 200), (16, 16, 16),
)  # fmt: skip
"""Bars from left to right in the upper half; the lower half is a staircase from dark to bright."""

WITHIN = 40
"""Of 255: what YUV, its range and compression may change in the middle of a bar."""


def pattern(width: int, height: int) -> Image:
    """(height, width, 3) uint8 RGB."""
    made = np.empty((height, width, 3), np.uint8)
    count = len(COLOURS)
    bars = np.arange(width) * count // width
    made[: height // 2] = np.array(COLOURS, np.uint8)[bars]
    made[height // 2 :] = (16 + bars * (219 // (count - 1)))[None, :, None].astype(np.uint8)
    return made


def verdict(seen: Image) -> str:
    """What a picture that was read back is: "same", "mirrored", "upside down", "red and blue
    exchanged", or "another picture". Its size does not matter."""
    wanted = _middles(pattern(256, 64))
    found = _middles(seen)
    turned = {
        "same": wanted,
        "mirrored": wanted[:, ::-1],
        "upside down": wanted[::-1],
        "red and blue exchanged": wanted[..., ::-1],
    }
    for name, expected in turned.items():
        if np.abs(found - expected).max() <= WITHIN:
            return name
    return "another picture"


def _middles(image: Image) -> np.ndarray:
    """Mean colour round the middle of each bar, (2, 8, 3) float."""
    height, width = image.shape[:2]
    rows, columns = (0.25, 0.75), (np.arange(len(COLOURS)) + 0.5) / len(COLOURS)
    dy, dx = max(1, height // 16), max(1, width // 64)
    found = []
    for row in rows:
        y = int(row * height)
        line = []
        for column in columns:
            x = int(column * width)
            part = image[max(0, y - dy) : y + dy, max(0, x - dx) : x + dx]
            line.append(part.reshape(-1, 3).astype(np.float64).mean(0))
        found.append(line)
    return np.array(found)
