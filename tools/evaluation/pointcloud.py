"""A picture as points in space by its depth map, seen from several sides (the paper's Figure 9)."""

import numpy as np

from avatar.frame import CROP_SIZE, Floats, Image
from tools.evaluation.puppet import enlarge

YAWS = (-40.0, -15.0, 15.0, 40.0)
RELIEF = 0.5
"""How far the nearest point stands out before the farthest, in picture widths."""

FINE = 2
"""Points per pixel in each direction, so that no gaps open when the cloud turns."""

ZOOM = 0.72
"""So much smaller is the cloud drawn, so that it stays in the picture when it turns."""

BACKGROUND = 24


def views(image: Image, disparity: Floats, yaws: tuple[float, ...] = YAWS) -> Image:
    """The cloud from several sides, beside each other: (256, 256 len(yaws), 3) uint8.

    Disparity is drawn as relief, scaled to its own range; it is never metric depth.

    Args:
        image: (256, 256, 3) uint8.
        disparity: (h, w), larger is nearer.
        yaws: in degrees, to which side the cloud is turned.
    """
    import cv2

    side = CROP_SIZE * FINE
    relief = enlarge(np.ascontiguousarray(disparity, np.float32), side, side, align_corners=False)
    low, high = float(relief.min()), float(relief.max())
    z = (relief - low) / max(high - low, 1e-6) - 0.5
    axis = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5
    x, y = np.meshgrid(axis, axis)
    finer = cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR)
    colours = np.asarray(finer, np.uint8)
    points = np.stack([x, y, z * RELIEF], -1).reshape(-1, 3)
    return np.concatenate([_view(points, colours.reshape(-1, 3), yaw) for yaw in yaws], axis=1)


def _view(points: Floats, colours: Image, yaw: float) -> Image:
    """Parallel projection after a turn around the vertical; the nearest point of a pixel wins."""
    turn = np.radians(yaw)
    x = (points[:, 0] * np.cos(turn) + points[:, 2] * np.sin(turn)) * ZOOM
    z = points[:, 2] * np.cos(turn) - points[:, 0] * np.sin(turn)
    columns = np.round((x + 0.5) * CROP_SIZE - 0.5).astype(np.int64)
    rows = np.round((points[:, 1] * ZOOM + 0.5) * CROP_SIZE - 0.5).astype(np.int64)
    inside = (columns >= 0) & (columns < CROP_SIZE) & (rows >= 0) & (rows < CROP_SIZE)
    far_to_near = np.argsort(z[inside], kind="stable")
    picture = np.full((CROP_SIZE, CROP_SIZE, 3), BACKGROUND, np.uint8)
    # Assigned in this order, the last of several values for one pixel stays: the nearest.
    picture[rows[inside][far_to_near], columns[inside][far_to_near]] = colours[inside][far_to_near]
    return picture
