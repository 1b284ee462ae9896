"""Maps drawn as pictures: depth, flow, occlusion, keypoints, attention, errors.

Results are (256, 256, 3) uint8 RGB.
"""

import numpy as np
from numpy.typing import NDArray

from avatar.frame import CROP_SIZE, Floats, Image
from tools.evaluation.puppet import enlarge, to_pixels

LARGEST_FLOW = 0.5
"""Displacement, in [-1, 1] units, that is drawn in full colour."""

GOLDEN_TURN = 0.61803


def grey(values: Floats, low: float | None = None, high: float | None = None) -> Image:
    """(h, w) drawn from black to white between two values; None: those of the map."""
    return np.repeat(_scaled(values, low, high)[..., None], 3, axis=-1)


def depth(disparity: Floats) -> Image:
    """(h, w) disparity: near is bright, far is dark, scaled to the map's own range."""
    return coloured(disparity, None, None, _colormap("MAGMA"))


def coloured(values: Floats, low: float | None, high: float | None, colormap: int) -> Image:
    """(h, w) drawn in one of OpenCV's colour scales."""
    import cv2

    bgr = cv2.applyColorMap(_scaled(values, low, high), colormap)
    return np.ascontiguousarray(bgr[..., ::-1]).astype(np.uint8, copy=False)


def flow(field: Floats) -> Image:
    """(h, w, 2) sampling positions in [-1, 1]: the direction from which a place is fetched as
    colour, the distance as strength; white stands still (the colour wheel of optical flow)."""
    import cv2

    h, w = field.shape[:2]
    still = np.stack(np.meshgrid(np.linspace(-1, 1, w), np.linspace(-1, 1, h)), -1)
    apart = enlarge((field - still).astype(np.float32), CROP_SIZE, CROP_SIZE, align_corners=True)
    angle = np.degrees(np.arctan2(apart[..., 1], apart[..., 0])) % 360
    strength = np.clip(np.linalg.norm(apart, axis=-1) / LARGEST_FLOW, 0, 1)
    hsv = np.stack([angle, strength, np.ones_like(strength)], -1).astype(np.float32)
    rgb = np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))
    return np.rint(rgb * 255).astype(np.uint8)


def error(a: Image, b: Image) -> Image:
    """Where two pictures differ: mean absolute difference, bright from 0.25 on."""
    apart = np.abs(a.astype(np.int16) - b).mean(-1).astype(np.float32) / 255
    return coloured(apart, 0.0, 0.25, _colormap("INFERNO"))


def keypoints(image: Image, value: Floats) -> Image:
    """Keypoints (K, 2) in [-1, 1] as coloured discs, each its own colour, over a picture."""
    import cv2

    drawn = image.copy()
    for i, (x, y) in enumerate(to_pixels(value)):
        centre = round(float(np.clip(x, -999, 999)) * 16), round(float(np.clip(y, -999, 999)) * 16)
        cv2.circle(drawn, centre, 4 * 16, (0, 0, 0), -1, cv2.LINE_AA, shift=4)
        cv2.circle(drawn, centre, 3 * 16, colour(i), -1, cv2.LINE_AA, shift=4)
    return drawn


def attention(image: Image, weights: Floats, query: int) -> Image:
    """Where one query looks: its row of the (n, n) weights over a darkened picture, the query
    itself circled.

    The grid is square and covers the picture; weights are scaled to the row's largest.
    """
    import cv2

    side = round(weights.shape[0] ** 0.5)
    row = np.ascontiguousarray(weights[query].reshape(side, side), np.float32)
    heat = coloured(row, 0.0, float(row.max()) or 1.0, _colormap("INFERNO"))
    mixed = cv2.addWeighted(np.asarray(image), 0.35, heat, 0.65, 0)
    x, y = (int((i + 0.5) * CROP_SIZE / side) for i in (query % side, query // side))
    cv2.circle(mixed, (x, y), 6, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.circle(mixed, (x, y), 6, (90, 230, 255), 2, cv2.LINE_AA)
    return np.asarray(mixed, np.uint8)


def query_at(x: float, y: float, weights: Floats) -> int:
    """The query of the (n, n) weights at a place in pixels of the picture."""
    side = round(weights.shape[0] ** 0.5)
    column, row = (int(np.clip(v * side / CROP_SIZE, 0, side - 1)) for v in (x, y))
    return row * side + column


def colour(i: int) -> tuple[int, int, int]:
    """The ``i``-th of endless colours that differ well, RGB."""
    import colorsys

    r, g, b = colorsys.hsv_to_rgb(i * GOLDEN_TURN % 1, 0.75, 1.0)
    return round(r * 255), round(g * 255), round(b * 255)


def _scaled(values: Floats, low: float | None, high: float | None) -> NDArray[np.uint8]:
    low = float(values.min()) if low is None else low
    high = float(values.max()) if high is None else high
    values = enlarge(
        np.ascontiguousarray(values, np.float32), CROP_SIZE, CROP_SIZE, align_corners=False
    )
    share = (values - low) / max(high - low, 1e-6)
    return (np.clip(share, 0, 1) * 255).astype(np.uint8)


def _colormap(name: str) -> int:
    import cv2

    return int(getattr(cv2, f"COLORMAP_{name}"))
