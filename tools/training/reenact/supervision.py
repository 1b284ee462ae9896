"""What landmarks teach, where the footage has them; not in the paper, which needs none.

With it training gets along with little data: keypoints need not be found, and the flow inside the
face need not be guessed from colours.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

MESH = 468
"""The first landmarks of MediaPipe's 478 lie on the face; the last ten are the irises."""

LEFT_EAR, RIGHT_EAR = 234, 454
"""Landmarks at either end of the face's width."""

NEAR = 0.07
"""How close, as a share of the face's width, another point must be to hide one."""
DEEPER = 0.1
"""How much deeper, as a share of the face's width, a point must lie to be hidden."""


def places(landmarks: Tensor, align_corners: bool) -> Tensor:
    """The face surface in the coordinates that pictures are sampled by.

    (B, 478, 3) px of a 256-wide picture, 0 its left edge -> (B, 468, 2) in [-1, 1]. With
    ``align_corners`` -1 and 1 are the centres of the outer pixels, else the edges of the picture.
    """
    points = landmarks[:, :MESH, :2]
    return (points - 0.5) / 127.5 - 1 if align_corners else points / 128 - 1


def visible(landmarks: Tensor) -> Tensor:
    """(B, 468) bool: points inside the picture that no other point of the face lies in front of.

    ``landmarks``: (B, 478, 3) px of 256; nearer is less.
    """
    points = landmarks[:, :MESH]
    width = (points[:, LEFT_EAR] - points[:, RIGHT_EAR]).norm(dim=-1).clamp(min=1.0)
    near = torch.cdist(points[..., :2], points[..., :2]) < NEAR * width[:, None, None]
    nearest = torch.where(near, points[:, None, :, 2], torch.inf).amin(-1)
    in_front = points[..., 2] - nearest < DEEPER * width[:, None]
    inside = ((points[..., :2] >= 0) & (points[..., :2] <= 256)).all(-1)
    return in_front & inside


def flow_loss(flow: Tensor, source: Tensor, driving: Tensor, align_corners: bool) -> Tensor:
    """Where the driving frame shows a landmark, the flow must lead to it in the portrait.

    Mean L1 in [-1, 1] units over the points that both pictures show, mean over the batch.

    Args:
        flow: (B, h, w, 2), "flow" of the generator's taps.
        source, driving: landmarks (B, 478, 3) px of 256.
    """
    seen = (visible(source) & visible(driving)).float()
    at, wanted = places(driving, align_corners), places(source, align_corners)
    found = F.grid_sample(
        flow.permute(0, 3, 1, 2),
        at[:, :, None],
        padding_mode="border",
        align_corners=align_corners,
    )
    apart = (found[..., 0].transpose(1, 2) - wanted).abs().mean(-1)
    return ((apart * seen).sum(1) / seen.sum(1).clamp(min=1)).mean()
