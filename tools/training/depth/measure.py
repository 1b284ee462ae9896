"""How good a depth is, by MediaPipe's landmarks: order of the surface, nose, background.

The landmarks judge here; they do not teach. Their z is a model's guess too (a canonical face fitted
to the picture), so a correlation of 1 is not the aim, and a bump in the middle of the face already
scores high: ``centre_rank`` says how high.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from tools.training.depth.ordinal import at_landmarks
from tools.training.landmarks import disparity as landmark_disparity

GRID = 64
"""Side of the grid on which disparities are compared."""

NOSE, CHEEKS, EARS = 1, (50, 280), (234, 454)
"""MediaPipe's landmarks: tip of the nose, the cheeks' middles, the face's edges at the ears."""


class FrameDepth(NamedTuple):
    """One frame's figures; NaN where the frame cannot tell.

    Attributes:
        rank: Spearman's correlation of disparity with -z over the face; 1 is MediaPipe's order.
        centre_rank: the same of a map that only falls off from the middle of the face.
        nose: 1 if the tip of the nose is nearer than both cheeks and both ears, else 0.
        front: 1 if the face's mean disparity exceeds the background's, else 0.
        relief: from the 5th to the 95th percentile of the face's disparity, over its mean. A map
            that is all but flat can still be in the right order: then this is near 0.
    """

    rank: float
    centre_rank: float
    nose: float
    front: float
    relief: float


def spearman(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Rank correlation of two series, ties sharing their mean rank; 0 if one does not vary."""
    x, y = _ranks(a), _ranks(b)
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / scale if scale > 0 else 0.0


def _ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def measure(disparity: Tensor, landmarks: Tensor) -> list[FrameDepth]:
    """Figures of frames.

    Args:
        disparity: (B, 1, h, w), nearer is more, any scale.
        landmarks: (B, 478, 3) px of 256.
    """
    disparity, landmarks = disparity.detach().float().cpu(), landmarks.cpu()
    small = F.interpolate(disparity, size=(GRID, GRID), mode="area")[:, 0].numpy()
    target, weight = (x[:, 0].numpy() for x in landmark_disparity(landmarks, GRID))
    points = at_landmarks(disparity, landmarks).numpy()
    found = []
    for d, z, w, p in zip(small, target, weight, points, strict=True):
        face, outside = w == 1, (w > 0) & (w < 1)
        rank = centre = relief = float("nan")
        if face.sum() > 2:
            rank = spearman(d[face], z[face])
            low, high = np.percentile(d[face], (5, 95))
            relief = float((high - low) / max(float(d[face].mean()), 1e-6))
            y, x = np.nonzero(face)
            centre = spearman(-np.hypot(y - y.mean(), x - x.mean()), z[face])
        nose = float(p[NOSE] > max(p[[*CHEEKS, *EARS]]))
        known = face.any() and outside.any()
        front = float(d[face].mean() > d[outside].mean()) if known else float("nan")
        found.append(FrameDepth(rank, centre, nose, front, relief))
    return found


def summary(clips: Iterable[list[FrameDepth]]) -> dict[str, float]:
    """Means over clips of means over frames; a figure that no frame could tell is left out."""
    table = [np.array(clip, np.float64).reshape(-1, len(FrameDepth._fields)) for clip in clips]
    result = {}
    for column, name in enumerate(FrameDepth._fields):
        each = [clip[:, column][~np.isnan(clip[:, column])] for clip in table]
        each = [values for values in each if len(values)]
        if each:
            result[name] = float(np.mean([values.mean() for values in each]))
    return result


def spread(first: int, last: int, count: int) -> list[int]:
    """At most ``count`` rows, evenly over first..last - 1."""
    if last - first <= count:
        return list(range(first, last))
    return [first + int((i + 0.5) * (last - first) / count) for i in range(count)]


def picture_tensor(image: NDArray[np.uint8], side: int) -> Tensor:
    """(H, W, 3) uint8 -> (3, side, side) float32 in [0, 1], averaged down."""
    tensor = torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255
    if tensor.shape[-1] == side:
        return tensor
    return F.interpolate(tensor[None], size=(side, side), mode="area")[0]
