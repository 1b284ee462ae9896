"""A weak prior on the order of depths, from MediaPipe's 3-D landmarks.

Not in the papers: with it depth is no longer learnt "without 3-D labels". It says only which of two
points is nearer, by how much it leaves to the photometric error.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from tools.training.landmarks import MESH

PARTNERS = (37, 101, 151, 197, 233)
"""Steps round the mesh to the landmarks that each one is compared with: fixed, spread over the
face."""

CLEAR = 0.06
"""Least difference in z, in widths of the face, that a pair must have to count."""

MARGIN = 0.02
"""By how much the nearer one's disparity should lead, in shares of the picture's mean."""

HIDDEN = (0.03, 0.15)
"""A landmark is hidden if another lies within the first distance of it in the picture and in front
of it by more than the second, in widths of the face."""


def scaled_mesh(landmarks: Tensor) -> Tensor:
    """Landmarks (B, 478, 3) in px -> the face surface (B, 468, 3) in widths of the face."""
    mesh = landmarks[:, :MESH]
    width = (mesh[:, 454] - mesh[:, 234]).norm(dim=-1).clamp(min=1.0)
    return mesh / width[:, None, None]


def visible(landmarks: Tensor) -> Tensor:
    """Which landmarks of the surface are not behind another part of a turned head, and inside the
    picture: (B, 478, 3) px of 256 -> (B, 468) bool."""
    mesh = scaled_mesh(landmarks)
    near = torch.cdist(mesh[..., :2], mesh[..., :2]) < HIDDEN[0]
    behind = mesh[:, :, None, 2] - mesh[:, None, :, 2] > HIDDEN[1]
    places = landmarks[:, :MESH, :2]
    inside = ((places >= 0) & (places <= 256)).all(-1)
    return inside & ~(near & behind).any(2)


def at_landmarks(disparity: Tensor, landmarks: Tensor) -> Tensor:
    """Disparity (B, 1, h, w) at the face surface's landmarks, in px of 256: (B, 468).

    As MediaPipe counts, 0 and 256 are the picture's edges.
    """
    places = 2 * landmarks[:, :MESH, :2] / 256 - 1
    found = F.grid_sample(disparity, places[:, None], padding_mode="border", align_corners=False)
    return found[:, 0, 0]


def ordinal_loss(disparity: Tensor, landmarks: Tensor) -> Tensor:
    """How far pairs of landmarks are from the order of their z, a scalar; 0 where all are in it.

    Mean over pairs (of a picture, then of the batch) of max(0, margin - (d_near - d_far) / mean d).

    Args:
        disparity: (B, 1, h, w), positive.
        landmarks: (B, 478, 3) px of 256; smaller z is nearer.
    """
    z, seen = scaled_mesh(landmarks)[..., 2], visible(landmarks)
    relative = at_landmarks(disparity, landmarks) / disparity.mean((1, 2, 3))[:, None]
    total, count = z.new_zeros(len(z)), z.new_zeros(len(z))
    for step in PARTNERS:
        behind = z - z.roll(step, 1)
        counts = (behind.abs() > CLEAR) & seen & seen.roll(step, 1)
        lead = (relative.roll(step, 1) - relative) * behind.sign()
        total = total + (F.relu(MARGIN - lead) * counts).sum(1)
        count = count + counts.sum(1)
    return (total / count.clamp(min=1)).mean()
