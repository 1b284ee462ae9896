"""Maps as pictures: depth, flow, occlusion and attention, in the colours of the field's figures.

Everything here is NumPy and OpenCV, (h, w, 3) uint8 RGB, and lies as the networks see it; pictures
are flipped where they are painted. Only a flow's colours mean directions, and have to know.
"""

from functools import cache

import cv2
import numpy as np

from avatar.frame import Floats, Image

FULL_FLOW = 0.16
"""Displacement in [-1, 1] units that is drawn in full colour: 8 % of the picture's width."""

DEPTH_SIZE = 384
"""Side of a depth picture: maps are enlarged before they are coloured, so that no colours mix."""

STEPS = 14
"""How many steps of depth the contour lines mark off."""

GOLDEN_TURN = 0.61803


@cache
def depth_colours() -> Image:
    """(256, 3) uint8 from far (dark) to near (bright): magma, perceptually uniform."""
    return _colours(cv2.COLORMAP_MAGMA)


@cache
def heat_colours() -> Image:
    """(256, 3) uint8 from little (dark) to much (bright): inferno, perceptually uniform."""
    return _colours(cv2.COLORMAP_INFERNO)


@cache
def occlusion_colours() -> Image:
    """(256, 3) uint8 from hidden (dark blue) to visible (yellow): cividis, perceptually uniform."""
    return _colours(cv2.COLORMAP_CIVIDIS)


def depth_picture(depth: Floats, ends: tuple[float, float], *, contours: bool = True) -> Image:
    """(h, w) disparity as (384, 384, 3): near is bright.

    Args:
        depth: disparity, larger is nearer.
        ends: what is darkest and what is brightest.
        contours: draw fine lines where the depth passes a step, as on a map of mountains.
    """
    low, high = ends
    size = (DEPTH_SIZE, DEPTH_SIZE)
    share = cv2.resize(depth, size, interpolation=cv2.INTER_CUBIC)
    share = np.clip((share - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    picture = depth_colours()[_bytes(share)]
    if not contours:
        return picture
    smooth = cv2.GaussianBlur(share, (0, 0), 3.0) * np.float32(STEPS)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = np.maximum(cv2.magnitude(across, down), np.float32(1e-3))
    away = np.abs(smooth - np.rint(smooth)) / slope  # pixels to the nearest line
    # Where it is flat there is no line to be seen, only the noise of the map.
    ink = np.clip(1.6 - away, 0, 1) * np.clip(slope * 30 - 0.5, 0, 1) * np.float32(0.30)
    return _scaled_by(picture, 1 - ink)


def flow_picture(flow: Floats, *, mirrored: bool = False) -> Image:
    """(h, w, 2) sampling positions as (256, 256, 3): where things moved, as in :func:`wheel`.

    Args:
        flow: where in the portrait, in [-1, 1], each place of the result comes from.
        mirrored: the picture will be flipped, so that left is right.
    """
    h, w = flow.shape[:2]
    x, y = np.linspace(-1, 1, w, dtype=np.float32), np.linspace(-1, 1, h, dtype=np.float32)
    moved = np.stack(np.meshgrid(x, y), -1) - flow  # from there to here
    moved = cv2.resize(moved, (256, 256), interpolation=cv2.INTER_LINEAR) / np.float32(FULL_FLOW)
    return flow_colours(-moved[..., 0] if mirrored else moved[..., 0], moved[..., 1])


def flow_colours(right: Floats, down: Floats) -> Image:
    """The colour of a movement, given in shares of :data:`FULL_FLOW`: its direction is the hue
    (right is red), its length the saturation; what stands still is white."""
    hue = np.degrees(np.arctan2(down, right)) % 360
    length = np.clip(np.hypot(right, down), 0, 1)
    hsv = np.stack([hue, length, np.ones_like(length)], -1).astype(np.float32)
    return _bytes(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))


@cache
def wheel(side: int) -> Image:
    """(side, side, 3): the colours of all movements; its rim is :data:`FULL_FLOW`."""
    axis = (np.arange(side, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / side) - 1
    right, down = np.meshgrid(axis, axis)
    return flow_colours(right, down)


def occlusion_picture(occlusion: Floats) -> Image:
    """(1, h, w) in [0, 1] as (256, 256, 3): dark where the portrait shows nothing of it."""
    shown = cv2.resize(occlusion[0], (256, 256), interpolation=cv2.INTER_LINEAR)
    return occlusion_colours()[_bytes(np.clip(shown, 0, 1))]


def heat_top(heat: Floats) -> float:
    """What is drawn brightest of a heat map in multiples of the average: nearly its maximum, so
    that one hot place does not hide all others, and at least 2."""
    return max(2.0, float(np.percentile(heat, 98)))


def heat_picture(portrait: Image, heat: Floats, top: float) -> Image:
    """Heat (h, w) over a darkened portrait (H, W, 3): nothing at the average, 1, and below."""
    size = (portrait.shape[1], portrait.shape[0])
    large = cv2.resize(heat, size, interpolation=cv2.INTER_CUBIC)
    glow = np.clip((large - 1) * np.float32(1 / (top - 1)), 0, 1)
    cover = np.minimum(glow * np.float32(2.5), np.float32(0.88))[..., None]
    dark = portrait * np.float32(0.45)
    mixed = dark + cover * (heat_colours()[_bytes(glow)] - dark)
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def keypoint_colour(number: int) -> tuple[int, int, int]:
    """The colour of a keypoint, RGB: the same in every picture, unlike that of its neighbours."""
    hsv = np.array([[[number * GOLDEN_TURN % 1 * 360, 0.72, 1.0]]], np.float32)
    r, g, b = _bytes(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))[0, 0].tolist()
    return r, g, b


def _bytes(share: np.ndarray) -> Image:
    """Shares of 255, rounded."""
    return np.rint(share * np.float32(255)).astype(np.uint8)


def _scaled_by(picture: Image, factor: Floats) -> Image:
    result: Image = np.rint(picture * factor[..., None]).astype(np.uint8)
    return result


def _colours(colormap: int) -> Image:
    ramp = np.arange(256, dtype=np.uint8)[None]
    rgb: Image = np.ascontiguousarray(cv2.applyColorMap(ramp, colormap)[0, :, ::-1], np.uint8)
    return rgb
