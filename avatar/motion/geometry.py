"""Geometry of keypoints: hulls and 2x2 matrices, in closed form."""

import numpy as np

from avatar.frame import Floats

MIN_DETERMINANT = 1e-6
"""Determinants nearer to zero than this are moved away from it before they divide."""


def hull_area(points: Floats) -> float:
    """Area of the convex hull of (K, 2) points; 0 when they span none.

    Andrew's monotone chain (1979) and the shoelace formula, in double precision.
    """
    if not np.isfinite(points).all():
        return 0.0
    ordered = sorted((float(x), float(y)) for x, y in points)
    corners: list[tuple[float, float]] = []  # counter-clockwise
    for side in (ordered, ordered[::-1]):
        chain: list[tuple[float, float]] = []
        for point in side:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        corners += chain[:-1]
    following = corners[1:] + corners[:1]
    pairs = zip(corners, following, strict=True)
    return max(0.0, sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs) / 2)


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    """Positive where the way from ``a`` over ``b`` to ``c`` turns left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def inverse_2x2(m: Floats) -> Floats:
    """Inverses of (..., 2, 2) float32 matrices in closed form.

    Singular ones give large but finite numbers: |determinant| is kept at ``MIN_DETERMINANT`` at
    least.
    """
    a, b, c, d = m[..., 0, 0], m[..., 0, 1], m[..., 1, 0], m[..., 1, 1]
    determinant = a * d - b * c
    small = np.abs(determinant) < MIN_DETERMINANT
    guard = np.copysign(np.float32(MIN_DETERMINANT), determinant)
    adjugate = np.stack([np.stack([d, -b], -1), np.stack([-c, a], -1)], -2)
    return adjugate / np.where(small, guard, determinant)[..., None, None]
