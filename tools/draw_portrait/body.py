"""The backdrop, the shoulders and the head without its features."""

import numpy as np

from tools.draw_portrait.canvas import Canvas, curve, mirrored
from tools.draw_portrait.palette import (
    BLUSH,
    SHIRT,
    SHIRT_DARK,
    SKIN,
    SKIN_DARK,
    SKIN_LIGHT,
    WALL_DARK,
    WALL_LIGHT,
)

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
