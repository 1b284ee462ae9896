"""The hair: what is seen behind the head, and the strands before it."""

import numpy as np

from tools.draw_portrait.body import HEAD
from tools.draw_portrait.canvas import FACTOR, Canvas, curve, mirrored
from tools.draw_portrait.palette import HAIR, HAIR_DARK, HAIR_LIGHT


def back_hair(c: Canvas) -> None:
    """What is seen of the hair behind the ears and the neck."""
    left = [(256, 64), (196, 72), (150, 108), (130, 168), (130, 240), (134, 300), (146, 352),
            (172, 384), (208, 392)]  # fmt: skip
    mask = c.shape(curve([*left, *mirrored(left[1:])]), 1.0)
    c.paint(mask, HAIR_DARK)
    c.paint(mask * c.spot(140, 290, 18, 80), HAIR_LIGHT, 0.35)


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
            c.strand(piece, rng.uniform(0.4, 1.0), colour, 0.5)  # type: ignore[arg-type]
