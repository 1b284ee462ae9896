"""Canvas: a square to paint on with soft masks, and the curves that shapes are made of."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 512
FACTOR = 3  # painted this much larger, then averaged

Array = NDArray[np.float32]
Points = Sequence[tuple[float, float]]
Colour = tuple[float, float, float]


def curve(points: Points, *, closed: bool = True, steps: int = 24) -> Array:
    """A smooth (Catmull-Rom) curve through points given in 512-pixel coordinates: (N, 2)."""
    p = np.array(points, np.float32)
    if closed:
        p = np.concatenate([p[-1:], p, p[:2]])
    else:
        p = np.concatenate([p[:1], p, p[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False, dtype=np.float32)[:, None]
    parts = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        parts.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
        )
    return np.concatenate(parts)


def mirrored(points: Points, axis: float = 256.0) -> list[tuple[float, float]]:
    """The other half of a symmetric shape, in an order that closes it."""
    return [(2 * axis - x, y) for x, y in reversed(points)]


class Canvas:
    """A square of linear colours in [0, 1] to paint on with soft masks."""

    def __init__(self) -> None:
        self.side = SIDE * FACTOR
        self.pixels: Array = np.zeros((self.side, self.side, 3), np.float32)
        grid = (np.arange(self.side, dtype=np.float32) + 0.5) / FACTOR
        self.x, self.y = np.meshgrid(grid, grid)

    def shape(self, outline: Array, blur: float = 0.4) -> Array:
        """The inside of an outline as a mask, its edge softened over ``blur`` pixels."""
        mask = np.zeros((self.side, self.side), np.uint8)
        cv2.fillPoly(
            mask, [np.rint(outline * FACTOR * 16).astype(np.int32)], (255,), cv2.LINE_AA, 4
        )
        return self.soften(mask.astype(np.float32) / 255, blur)

    def stroke(self, line: Array, widths: Sequence[float], blur: float = 0.4) -> Array:
        """A line whose width runs through ``widths`` from its start to its end, as a mask."""
        n = len(line)
        width = np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(widths)), widths)
        step = np.gradient(line, axis=0)
        normal = np.stack([-step[:, 1], step[:, 0]], 1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-6
        half = (normal * width[:, None] / 2).astype(np.float32)
        return self.shape(np.concatenate([line + half, (line - half)[::-1]]), blur)

    def spot(self, x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Array:
        """A soft elliptic spot: 1 in the middle, 0.37 at the radii."""
        cos, sin = np.cos(turn), np.sin(turn)
        u = ((self.x - x) * cos + (self.y - y) * sin) / rx
        v = (-(self.x - x) * sin + (self.y - y) * cos) / ry
        return np.exp(-(u * u + v * v)).astype(np.float32)

    def ellipse(self, x: float, y: float, rx: float, ry: float, blur: float = 0.4) -> Array:
        """A filled ellipse."""
        a = np.linspace(0, 2 * np.pi, 90, endpoint=False)
        ring = np.stack([x + rx * np.cos(a), y + ry * np.sin(a)], 1)
        return self.shape(ring.astype(np.float32), blur)

    def soften(self, mask: Array, blur: float) -> Array:
        """Gaussian blur with a standard deviation in 512-pixel pixels."""
        if blur <= 0:
            return mask
        # a wide blur is done small: same picture, a hundredth of the work
        shrink = max(1, int(blur * FACTOR / 4))
        size = (self.side // shrink, self.side // shrink)
        small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), blur * FACTOR / shrink)
        return np.asarray(
            cv2.resize(small, (self.side, self.side), interpolation=cv2.INTER_LINEAR), np.float32
        )

    def paint(self, mask: Array, colour: Colour, strength: float = 1.0) -> None:
        """Lay a colour over what is there."""
        alpha = np.clip(mask * strength, 0, 1)[:, :, None]
        self.pixels += (np.array(colour, np.float32) - self.pixels) * alpha

    def shade(self, mask: Array, colour: Colour, strength: float) -> None:
        """Darken by multiplying with a colour."""
        alpha = np.clip(mask * strength, 0, 1)[:, :, None]
        self.pixels *= 1 + (np.array(colour, np.float32) - 1) * alpha

    def light(self, mask: Array, colour: Colour, strength: float) -> None:
        """Brighten (screen)."""
        add = np.clip(mask * strength, 0, 1)[:, :, None] * np.array(colour, np.float32)
        self.pixels += (1 - self.pixels) * add

    def strand(self, line: Array, width: float, colour: Colour, alpha: float) -> None:
        """A thin hair painted only where it is, since there are thousands of them."""
        pad = width + 2
        lo = np.maximum(((line.min(0) - pad) * FACTOR).astype(int), 0)
        hi = np.minimum(((line.max(0) + pad) * FACTOR).astype(int) + 1, self.side)
        if (hi <= lo).any():
            return
        mask = np.zeros((hi[1] - lo[1], hi[0] - lo[0]), np.uint8)
        points = np.rint((line * FACTOR - lo) * 16).astype(np.int32)
        cv2.polylines(mask, [points], False, (255,), max(1, round(width * FACTOR)), cv2.LINE_AA, 4)
        part = self.pixels[lo[1] : hi[1], lo[0] : hi[0]]
        part += (np.array(colour, np.float32) - part) * (
            mask[:, :, None].astype(np.float32) / 255 * alpha
        )
