"""The features: eyes, brows, nose and mouth."""

import numpy as np

from tools.draw_portrait.canvas import Canvas, curve
from tools.draw_portrait.palette import HAIR, HAIR_DARK, IRIS, LIP, SKIN, SKIN_LIGHT


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
        c.strand(hair, 0.34, HAIR_DARK if rng.random() < 0.5 else HAIR, 0.5)


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
