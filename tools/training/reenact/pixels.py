"""Pixel losses, not in the paper: they make training on little data and compute possible."""

import torch
from torch import Tensor
from torch.nn import functional as F

EYES_AND_MOUTH = (33, 133, 362, 263, 159, 145, 386, 374, 61, 291, 13, 14)
"""Of MediaPipe's landmarks: corners and lids of the eyes, corners and inner edges of the mouth."""

OUTER_CORNERS = (33, 263)


def pyramid_distance(
    result: Tensor, target: Tensor, weight: Tensor | None = None, levels: int = 4
) -> Tensor:
    """L1 of pixels and of their gradients, mean over ``levels`` scales that halve.

    Args:
        result, target: (B, 3, H, W) in [0, 1].
        weight: (B, 1, H, W) with a mean near 1, or None.
    """
    total = result.new_zeros(())
    for level in range(levels):
        if level:
            result, target = F.avg_pool2d(result, 2), F.avg_pool2d(target, 2)
            weight = None if weight is None else F.avg_pool2d(weight, 2)
        difference = result - target
        across = (difference[..., 1:] - difference[..., :-1]).abs()
        down = (difference[..., 1:, :] - difference[..., :-1, :]).abs()
        flat = difference.abs()
        if weight is not None:
            flat, across = flat * weight, across * weight[..., 1:]
            down = down * weight[..., 1:, :]
        total = total + flat.mean() + across.mean() + down.mean()
    return total / levels


def speaking_map(places: Tensor, size: int) -> Tensor:
    """(B, 1, size, size): near 1 at eyes and mouth, near 0 far from them.

    ``places``: (B, N, 2), MediaPipe's landmarks in [-1, 1], N at least 468.
    """
    points = places[:, list(EYES_AND_MOUTH)]
    left, right = OUTER_CORNERS
    apart = (places[:, left] - places[:, right]).norm(dim=-1).clamp(min=0.05)
    reach = apart[:, None, None] * 0.16
    axis = torch.linspace(-1, 1, size, device=places.device)
    across = torch.exp(-0.5 * ((points[..., 0, None] - axis) / reach) ** 2)
    down = torch.exp(-0.5 * ((points[..., 1, None] - axis) / reach) ** 2)
    return torch.einsum("bky,bkx->byx", down, across).clamp(max=1)[:, None]


def attention_map(places: Tensor, size: int, strength: float) -> Tensor:
    """(B, 1, size, size): 1 plus ``strength`` around eyes and mouth, scaled to a mean of 1."""
    weight = 1 + strength * speaking_map(places, size)
    return weight / weight.mean((2, 3), keepdim=True)
