"""Planes: a picture as a camera gives it, and its colours by the book, without any library."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from avatar.frame import Image


@dataclass(frozen=True)
class Planes:
    """Planar YUV 4:2:0: y (H, W), u and v (H/2, W/2), uint8."""

    y: np.ndarray
    u: np.ndarray
    v: np.ndarray

    @classmethod
    def of(cls, data: bytes, width: int, height: int) -> Self:
        """From the bytes of a picture, plane after plane.

        Raises:
            ValueError: of another length.
        """
        flat = np.frombuffer(data, np.uint8)
        area = width * height
        if flat.size != area * 3 // 2:
            raise ValueError(f"got {flat.size} bytes, expected {area * 3 // 2}")
        half = (height // 2, width // 2)
        return cls(
            flat[:area].reshape(height, width),
            flat[area : area + area // 4].reshape(half),
            flat[area + area // 4 :].reshape(half),
        )

    def rgb(self) -> Image:
        """(H, W, 3) uint8 by ITU-R BT.601 in limited range, as webcams give it."""
        wide = [np.repeat(np.repeat(plane, 2, 0), 2, 1) for plane in (self.u, self.v)]
        y = (self.y.astype(np.float32) - 16) * np.float32(255 / 219)
        u, v = ((plane.astype(np.float32) - 128) * np.float32(255 / 224) for plane in wide)
        red = y + np.float32(1.402) * v
        green = y - np.float32(0.344136) * u - np.float32(0.714136) * v
        blue = y + np.float32(1.772) * u
        return np.rint(np.clip(np.stack([red, green, blue], -1), 0, 255)).astype(np.uint8)
