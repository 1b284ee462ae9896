"""Draws the bundled portrait ``drawn.png``: a made-up person, nobody's likeness.

    python -m tools.draw_portrait [OUT.png]

Everything is painted in floating point as soft shapes on a large canvas and scaled down: shapes are
masks, shading is light from the upper left, and grain keeps the skin from looking like plastic.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 512
FACTOR = 3  # painted this much larger, then averaged
OUT = Path(__file__).resolve().parents[1] / "avatar/assets/portraits/drawn.png"

Array = NDArray[np.float32]
Points = Sequence[tuple[float, float]]
Colour = tuple[float, float, float]

SKIN: Colour = (0.870, 0.655, 0.545)
SKIN_DARK: Colour = (0.610, 0.370, 0.290)
SKIN_LIGHT: Colour = (0.985, 0.840, 0.745)
BLUSH: Colour = (0.860, 0.450, 0.400)
HAIR: Colour = (0.180, 0.105, 0.075)
HAIR_LIGHT: Colour = (0.430, 0.270, 0.180)
HAIR_DARK: Colour = (0.070, 0.040, 0.032)
IRIS: Colour = (0.290, 0.400, 0.330)
LIP: Colour = (0.730, 0.345, 0.335)
SHIRT: Colour = (0.180, 0.300, 0.390)
SHIRT_DARK: Colour = (0.085, 0.150, 0.210)
WALL_LIGHT: Colour = (0.790, 0.800, 0.790)
WALL_DARK: Colour = (0.520, 0.560, 0.580)


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


FACE = [(256, 92), (206, 104), (174, 146), (163, 210), (164, 262), (173, 306), (192, 346),
        (222, 376), (256, 388)]  # fmt: skip
HEAD = curve([*FACE, *mirrored(FACE[1:-1])])


def wall(c: Canvas) -> None:
    """A photographer's backdrop, lit from behind the left shoulder."""
    glow = np.exp(-(((c.x - 190) / 300) ** 2 + ((c.y - 190) / 320) ** 2)).astype(np.float32)
    c.paint(np.ones_like(c.x), WALL_DARK)
    c.paint(glow, WALL_LIGHT)


def shoulders(c: Canvas, rng: np.random.Generator) -> None:
    """Neck, pullover and collar."""
    left = [(256, 430), (214, 424), (196, 418), (150, 436), (92, 454), (52, 484), (36, 540)]
    body = c.shape(curve([*left, *mirrored(left[1:])]), 0.8)
    neck_left = [(206, 330), (207, 372), (203, 404), (190, 424), (216, 452), (256, 464)]
    neck = c.shape(curve([(256, 330), *neck_left, *mirrored(neck_left[:-1])]), 0.8)
    c.paint(body, SHIRT)
    folds = c.spot(120, 500, 30, 70, 0.5) + c.spot(390, 505, 26, 70, -0.5)
    c.shade(body * folds, (0.55, 0.6, 0.65), 0.6)
    c.light(body * c.spot(120, 452, 90, 16, -0.28), (0.6, 0.75, 0.85), 0.22)
    c.shade(body * np.clip((c.x - 290) / 190, 0, 1), (0.45, 0.5, 0.58), 0.85)
    # knitted ribs
    ribs = (0.5 + 0.5 * np.sin(c.x * 1.15 + (c.y - 420) * 0.12)).astype(np.float32)
    c.shade(body * ribs, (0.82, 0.84, 0.86), 0.5)
    c.paint(neck, SKIN)
    c.shade(neck * np.clip((c.x - 262) / 60, 0, 1), SKIN_DARK, 0.75)
    c.shade(neck * np.clip((210 - c.x) / 20 + 0.4, 0, 1), (0.8, 0.62, 0.55), 0.5)
    under = c.soften(c.shape(HEAD + np.array([7, 26], np.float32)), 9)
    c.shade(neck * under, (0.58, 0.38, 0.33), 0.9)
    tendons = c.stroke(curve([(222, 398), (236, 428), (248, 450)], closed=False), (1, 5, 1), 3)
    c.shade(neck * tendons, (0.7, 0.5, 0.45), 0.4)
    rim = curve([(192, 412), (212, 446), (256, 463), (300, 446), (320, 412)], closed=False)
    c.shade(c.stroke(rim - np.array([0, 4], np.float32), (6, 8, 8, 8, 6), 4) * neck, SKIN_DARK, 0.7)
    collar = c.stroke(rim + np.array([0, 4], np.float32), (13, 17, 18, 17, 13), 0.6)
    c.paint(collar, (0.165, 0.275, 0.36))
    ridge = (0.5 + 0.5 * np.sin(c.x * 1.9)).astype(np.float32)
    c.shade(collar * ridge, (0.7, 0.73, 0.76), 0.55)
    c.light(
        c.stroke(rim + np.array([-1, -1], np.float32), (1, 3, 3, 2, 1), 1.2), (0.6, 0.7, 0.8), 0.25
    )
    c.shade(collar * np.clip((c.x - 270) / 60, 0, 1), SHIRT_DARK, 0.5)


def back_hair(c: Canvas) -> None:
    """What is seen of the hair behind the ears and the neck."""
    left = [(256, 64), (196, 72), (150, 108), (130, 168), (130, 240), (134, 300), (146, 352),
            (172, 384), (208, 392)]  # fmt: skip
    mask = c.shape(curve([*left, *mirrored(left[1:])]), 1.0)
    c.paint(mask, HAIR_DARK)
    c.paint(mask * c.spot(140, 290, 18, 80), HAIR_LIGHT, 0.35)


def head(c: Canvas) -> None:
    """Skin with its light and shadow, before the features."""
    for side in (-1, 1):
        x = 256 + side * 97
        ear = [(x - side * 4, 236), (x + side * 8, 230), (x + side * 13, 248), (x + side * 9, 276),
               (x + side * 2, 296), (x - side * 6, 300)]  # fmt: skip
        mask = c.shape(curve(ear), 0.6)
        c.paint(mask, (0.80, 0.56, 0.46))
        c.shade(mask * c.spot(x + side * 3, 262, 5, 18), SKIN_DARK, 0.6)
        if side > 0:
            c.shade(mask, (0.72, 0.55, 0.5), 0.6)
    mask = c.shape(HEAD, 0.6)
    c.paint(mask, SKIN)
    # the form: bright forehead, cheek and nose on the left, shadow on the right and below
    c.paint(mask * np.clip((c.x - 272) / 92, 0, 1) ** 1.4, SKIN_DARK, 0.72)
    c.paint(mask * np.clip((186 - c.x) / 30, 0, 1) ** 1.3, SKIN_DARK, 0.42)
    c.shade(mask * np.clip((c.y - 338) / 56, 0, 1) ** 1.5, (0.80, 0.62, 0.55), 0.8)
    c.paint(mask * c.spot(236, 172, 52, 34), SKIN_LIGHT, 0.75)
    c.paint(mask * c.spot(202, 282, 26, 24), SKIN_LIGHT, 0.72)
    c.paint(mask * c.spot(306, 284, 18, 20), SKIN_LIGHT, 0.34)
    c.paint(mask * c.spot(250, 366, 22, 12), SKIN_LIGHT, 0.55)
    c.paint(mask * c.spot(200, 296, 24, 17), BLUSH, 0.30)
    c.paint(mask * c.spot(314, 297, 22, 17), BLUSH, 0.30)
    # temples and the hollows under the cheekbones
    c.shade(mask * c.spot(178, 330, 14, 34, -0.35), (0.78, 0.6, 0.53), 0.6)
    c.shade(mask * c.spot(334, 330, 16, 34, 0.35), (0.72, 0.54, 0.48), 0.6)


def eye(c: Canvas, x: float, side: int) -> None:
    """One eye; ``side`` is -1 on the left of the picture, 1 on the right."""
    y = 234.0
    inner, outer = x - side * 21, x + side * 23

    def p(dx: float, dy: float) -> tuple[float, float]:
        return x + side * dx, y + dy

    socket = c.spot(x - side * 2, y - 9, 30, 13, side * 0.08)
    c.shade(socket, (0.70, 0.50, 0.44), 0.55)
    c.shade(c.spot(inner - side * 2, y - 6, 10, 14), (0.66, 0.47, 0.42), 0.55)
    c.shade(c.spot(x, y + 15, 22, 6), (0.80, 0.62, 0.57), 0.45)
    upper = [p(-21, 3.5), p(-13, -6), p(-2, -10.5), p(10, -9), p(19, -3), p(23, 1.5)]
    lower = [p(14, 7), p(3, 9.5), p(-9, 8.5)]
    outline = curve([*upper, *lower])
    mask = c.shape(outline, 0.5)
    c.paint(mask, (0.90, 0.88, 0.86))
    c.shade(mask * c.spot(outer, y, 10, 12), (0.72, 0.64, 0.62), 0.6)
    c.shade(mask * c.spot(inner, y, 8, 12), (0.84, 0.62, 0.60), 0.7)
    ix, iy = x + 0.5, y - 1.2
    c.paint(mask * c.ellipse(ix, iy, 10.6, 10.6, 0.5), (0.10, 0.13, 0.12))
    c.paint(mask * c.ellipse(ix, iy, 9.6, 9.6, 0.9), IRIS)
    angle = np.arctan2(c.y - iy, c.x - ix)
    rays = (0.5 + 0.5 * np.sin(angle * 37 + 3 * np.sin(angle * 11))).astype(np.float32)
    ring = c.ellipse(ix, iy, 9.2, 9.2, 0.6)
    c.light(mask * ring * rays, (0.55, 0.62, 0.45), 0.22)
    c.light(mask * ring * c.spot(ix + 3, iy + 4, 5, 4), (0.75, 0.80, 0.55), 0.40)
    c.paint(mask * c.ellipse(ix, iy, 4.3, 4.3, 0.5), (0.02, 0.02, 0.02))
    # the lid's shadow on the ball, its edge, the lashes, the crease above
    lid = curve(upper, closed=False)
    c.shade(mask * c.stroke(lid + np.array([0, 3.5], np.float32), (5, 7, 7, 5), 1.8),
            (0.35, 0.30, 0.30), 0.75)  # fmt: skip
    c.paint(c.stroke(lid, (1.0, 3.0, 3.9, 3.9, 3.2, 0.8), 0.5), (0.09, 0.055, 0.05), 0.93)
    for k, t in enumerate(np.linspace(0.42, 0.97, 9)):
        bx, by = lid[int(t * (len(lid) - 1))]
        reach = 1.2 + 3.4 * t
        lash = curve(
            [(bx, by), (bx + side * reach * (t - 0.35), by - reach * 0.55),
             (bx + side * reach * (t - 0.1) * 1.3, by - reach)], closed=False, steps=6)  # fmt: skip
        c.paint(c.stroke(lash, (1.1, 0.7, 0.15), 0.45), (0.07, 0.045, 0.04), 0.62 - 0.03 * (k % 3))
    crease = [p(-20, -4), p(-12, -13), p(0, -17.5), p(13, -15), p(23, -6)]
    c.shade(c.stroke(curve(crease, closed=False), (0.8, 2.2, 2.6, 2.4, 0.8), 0.9),
            (0.48, 0.31, 0.27), 0.72)  # fmt: skip
    low = curve([p(22, 3), p(14, 8), p(3, 10.7), p(-9, 9.7), p(-19, 5)], closed=False)
    c.shade(c.stroke(low, (1.6, 1.5, 1.2, 1.0, 0.5), 0.6), (0.50, 0.34, 0.30), 0.75)
    c.light(c.stroke(low + np.array([0, -1.2], np.float32), (0.8, 1.0, 1.0, 0.8), 0.4),
            (0.9, 0.75, 0.7), 0.25)  # fmt: skip
    c.paint(mask * c.ellipse(inner + side * 2.2, y + 3.4, 2.6, 2.0, 0.6), (0.80, 0.52, 0.48), 0.8)
    c.light(c.ellipse(ix - 3.6, iy - 3.6, 2.3, 2.1, 0.45), (1, 1, 1), 0.95)
    c.light(c.ellipse(ix + 3.6, iy + 4.0, 1.1, 1.0, 0.4), (1, 1, 1), 0.45)


def brow(c: Canvas, side: int, rng: np.random.Generator) -> None:
    """An eyebrow of single hairs over a soft ground."""
    spine = curve(
        [
            (256 + side * dx, y)
            for dx, y in ((23, 211), (37, 205.5), (52, 202), (66, 204), (78, 212))
        ],
        closed=False,
    )
    c.paint(c.stroke(spine, (5, 7.5, 7, 5, 1.0), 1.8), HAIR, 0.66)
    for _ in range(190):
        t = rng.uniform(0.0, 0.97)
        x, y = spine[int(t * (len(spine) - 1))]
        thick = np.interp(t, (0, 0.3, 0.6, 1), (2.0, 2.9, 2.4, 0.4))
        y += rng.uniform(-thick, thick)
        lean = np.interp(t, (0, 0.35, 1), (0.45, 1.1, 1.4))
        length = rng.uniform(4, 7) * (1 - 0.35 * t)
        tip = (x + side * length * np.sin(lean), y - length * np.cos(lean) * 0.75)
        hair = np.array([(x, y), ((x + tip[0]) / 2, (y + tip[1]) / 2 - 0.4), tip], np.float32)
        stroke_over(c, hair, 0.34, HAIR_DARK if rng.random() < 0.5 else HAIR, 0.5)


def stroke_over(c: Canvas, line: Array, width: float, colour: Colour, alpha: float) -> None:
    """A thin hair painted only where it is, since there are thousands of them."""
    pad = width + 2
    lo = np.maximum(((line.min(0) - pad) * FACTOR).astype(int), 0)
    hi = np.minimum(((line.max(0) + pad) * FACTOR).astype(int) + 1, c.side)
    if (hi <= lo).any():
        return
    mask = np.zeros((hi[1] - lo[1], hi[0] - lo[0]), np.uint8)
    points = np.rint((line * FACTOR - lo) * 16).astype(np.int32)
    cv2.polylines(mask, [points], False, (255,), max(1, round(width * FACTOR)), cv2.LINE_AA, 4)
    part = c.pixels[lo[1] : hi[1], lo[0] : hi[0]]
    part += (np.array(colour, np.float32) - part) * (
        mask[:, :, None].astype(np.float32) / 255 * alpha
    )


def nose(c: Canvas) -> None:
    """A nose is mostly its shadow."""
    side_shadow = curve([(276, 216), (270, 250), (274, 280), (284, 298), (292, 296), (286, 270),
                         (282, 240)])  # fmt: skip
    c.shade(c.shape(side_shadow, 5), (0.66, 0.46, 0.40), 0.62)
    c.shade(c.spot(236, 240, 5, 26), (0.80, 0.62, 0.56), 0.45)
    c.light(c.stroke(curve([(254, 214), (253, 250), (254, 282)], closed=False), (5, 7, 10), 3.5),
            (1.0, 0.88, 0.78), 0.38)  # fmt: skip
    c.paint(c.spot(254, 290, 13, 9), SKIN_LIGHT, 0.55)
    c.light(c.spot(251, 287, 4.5, 3.5), (1, 0.95, 0.9), 0.50)
    c.shade(c.spot(256, 307, 26, 5.5), (0.62, 0.42, 0.36), 0.60)
    for side in (-1, 1):
        wing = [(256 + side * dx, y) for dx, y in ((23, 282), (28.5, 292), (27, 301), (19, 304.5))]
        c.shade(c.stroke(curve(wing, closed=False), (0.8, 2.6, 3.2, 1.0), 1.1),
                (0.48, 0.30, 0.26), 0.70)  # fmt: skip
        c.paint(c.spot(256 + side * 20, 294, 6, 7), SKIN_LIGHT if side < 0 else SKIN, 0.35)
        nostril = [(256 + side * dx, y) for dx, y in ((8, 304), (13, 300.5), (19, 302), (16, 306))]
        c.paint(c.shape(curve(nostril), 0.9), (0.22, 0.10, 0.085), 0.85)


def mouth(c: Canvas) -> None:
    """A closed, slightly smiling mouth."""
    line = curve([(213, 331), (229, 337.5), (246, 340), (256, 341.5), (266, 340), (283, 337.5),
                  (299, 330.5)], closed=False)  # fmt: skip
    top = [(299, 330.5), (283, 329), (266, 326.5), (256, 329), (246, 326.5), (229, 329),
           (213, 331)]  # fmt: skip
    upper = np.concatenate([line, curve(top, closed=False)])
    bottom = [(299, 330.5), (283, 345), (267, 352), (256, 353), (245, 352), (229, 345),
              (213, 331)]  # fmt: skip
    lower = np.concatenate([line, curve(bottom, closed=False)])
    c.shade(c.spot(256, 363, 26, 6), (0.66, 0.46, 0.40), 0.55)
    upper_mask, lower_mask = c.shape(upper, 0.8), c.shape(lower, 0.8)
    c.paint(upper_mask, LIP)
    c.shade(upper_mask, (0.80, 0.68, 0.68), 0.7)
    c.paint(lower_mask, (0.80, 0.42, 0.40))
    creases = (0.5 + 0.5 * np.sin(c.x * 1.3 + np.sin(c.x * 0.37) * 3)).astype(np.float32)
    c.shade((upper_mask + lower_mask) * creases, (0.86, 0.72, 0.72), 0.28)
    c.shade(lower_mask * np.clip((c.y - 347) / 8, 0, 1), (0.70, 0.5, 0.48), 0.6)
    c.shade((upper_mask + lower_mask) * np.clip((c.x - 262) / 40, 0, 1), (0.74, 0.62, 0.6), 0.6)
    c.light(lower_mask * c.spot(249, 345.5, 17, 3.4), (1, 0.85, 0.82), 0.42)
    c.light(c.stroke(curve([(238, 326), (247, 323.5), (256, 326.5)], closed=False), (0.6, 1.6, 0.6),
                     0.8), (1, 0.9, 0.85), 0.35)  # fmt: skip
    c.paint(c.stroke(line, (1.2, 1.7, 2.2, 1.9, 2.2, 1.7, 1.2), 0.5), (0.27, 0.085, 0.085), 0.88)
    for side in (-1, 1):
        x = 256 + side * 45
        c.shade(c.spot(x, 330, 5, 4.5), (0.55, 0.36, 0.32), 0.65)
        fold = [(256 + side * dx, y) for dx, y in ((33, 296), (46, 311), (53, 329))]
        c.shade(c.stroke(curve(fold, closed=False), (1, 4, 1), 2.6), (0.66, 0.47, 0.41), 0.48)
    c.shade(c.stroke(curve([(252, 311), (252, 322)], closed=False), (3, 4.5), 1.6),
            (0.74, 0.56, 0.5), 0.5)  # fmt: skip


def hair(c: Canvas, rng: np.random.Generator) -> None:
    """Side-parted hair, laid as thousands of strands along a few guides."""
    part = (220.0, 108.0)
    # the cap: from the parting down both sides to the ears
    left = [part, (200, 132), (182, 160), (171, 196), (167, 232), (166, 272), (170, 330),
            (174, 374), (150, 356), (133, 290), (131, 232), (134, 172), (152, 116),
            (190, 76)]  # fmt: skip
    right = [part, (254, 138), (296, 154), (326, 178), (341, 208), (346, 238), (347, 276),
             (342, 332), (337, 376), (364, 354), (380, 290), (381, 230), (378, 168), (358, 110),
             (318, 75), (268, 61), (222, 67), (204, 78)]  # fmt: skip
    for outline in (left, right):
        mask = c.shape(curve(outline), 1.0)
        shadow = c.soften(mask, 6)
        inside = c.shape(HEAD, 0.6)
        c.shade(np.roll(shadow, (5 * FACTOR, 3 * FACTOR), (0, 1)) * inside * (1 - mask),
                (0.55, 0.36, 0.31), 0.75)  # fmt: skip
        c.paint(mask, HAIR)
    guides_left = [
        [(220, 106), (197, 128), (177, 160), (168, 200), (165, 254), (169, 322), (173, 376)],
        [(219, 94), (186, 108), (160, 144), (150, 190), (149, 250), (155, 320), (163, 374)],
        [(214, 76), (172, 88), (142, 132), (133, 184), (133, 250), (136, 310), (150, 364)],
    ]
    guides_right = [
        [(220, 106), (258, 136), (300, 152), (330, 180), (344, 226), (346, 292), (338, 377)],
        [(222, 98), (268, 114), (314, 134), (344, 172), (355, 226), (356, 300), (346, 376)],
        [(223, 84), (274, 90), (330, 112), (360, 158), (368, 224), (368, 300), (355, 371)],
        [(221, 68), (280, 65), (340, 90), (372, 146), (379, 222), (379, 296), (364, 362)],
    ]
    for guides, count in ((guides_left, 900), (guides_right, 1500)):
        lines = np.stack([curve(g, closed=False, steps=10) for g in guides])
        for _ in range(count):
            at = rng.uniform(0, len(guides) - 1)
            low = min(int(at), len(guides) - 2)
            mix = np.float32(at - low)
            line = lines[low] * (1 - mix) + lines[low + 1] * mix
            line = line + rng.normal(0, 0.9, 2).astype(np.float32)
            begin = rng.integers(0, len(line) // 3)
            end = rng.integers(len(line) // 2, len(line))
            piece = line[begin:end]
            # light falls from the upper left: strands shine where they bend towards it
            middle = piece[len(piece) // 2]
            shine = 1.1 * np.exp(-(((middle[0] - 172) / 40) ** 2 + ((middle[1] - 128) / 34) ** 2))
            shine += 0.9 * np.exp(-(((middle[0] - 306) / 60) ** 2 + ((middle[1] - 118) / 22) ** 2))
            shine += 0.5 * np.exp(-(((middle[0] - 145) / 14) ** 2 + ((middle[1] - 280) / 60) ** 2))
            tone = np.clip(rng.normal(0.30, 0.22) + 0.55 * shine, 0, 1)
            dark, lit = np.array(HAIR_DARK), np.array(HAIR_LIGHT)
            colour = tuple(dark + (lit - dark) * tone)
            stroke_over(c, piece, rng.uniform(0.4, 1.0), colour, 0.5)  # type: ignore[arg-type]


def finish(c: Canvas, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Average down, then the grain and slight softness of a photograph: (512, 512, 3) uint8."""
    small = cv2.resize(c.pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    mottled = cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)).astype(np.float32), (0, 0), 2.2)
    fine = rng.normal(0, 1, (SIDE, SIDE, 1)).astype(np.float32)
    small = small * (1 + 0.035 * mottled[:, :, None]) + 0.006 * fine
    return np.asarray(np.rint(np.clip(small, 0, 1) * 255), np.uint8)


def draw() -> NDArray[np.uint8]:
    """The portrait: (512, 512, 3) uint8 RGB, the same every time."""
    rng = np.random.default_rng(7)
    c = Canvas()
    wall(c)
    back_hair(c)
    shoulders(c, rng)
    head(c)
    nose(c)
    mouth(c)
    for x, side in ((214.0, -1), (298.0, 1)):
        eye(c, x, side)
        brow(c, side, rng)
    hair(c, rng)
    return finish(c, rng)


def main(argv: Sequence[str]) -> int:
    """Write the picture."""
    out = Path(argv[0]) if argv else OUT
    cv2.imwrite(str(out), cv2.cvtColor(draw(), cv2.COLOR_RGB2BGR))
    print(f"wrote {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
