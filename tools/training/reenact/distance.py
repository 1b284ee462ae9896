"""The keypoint distance loss L_D (DaGAN eq. 13): keypoints must not crowd together."""

from typing import Literal

import torch
from torch import Tensor

LEAST = 0.2
"""In [-1, 1]; 25.6 pixels of 256."""

Form = Literal["sign", "hinge"]


def distance_loss(value: Tensor, form: Form, least: float = LEAST) -> Tensor:
    """Mean over all ordered pairs i != j of keypoints (B, K, 2), K > 1.

    "sign" is the paper's 1 - sign(|p_i - p_j| - least): 2 for a pair too near, 0 else. **Its
    gradient is zero everywhere, so it trains nothing**; it is there to reproduce the paper.
    "hinge" is max(0, least - |p_i - p_j|) / least, which does push pairs apart.
    """
    k = value.shape[1]
    squared = (value[:, :, None] - value[:, None]).square().sum(-1)
    first, second = torch.triu_indices(k, k, 1, device=value.device)
    # Coinciding points have no direction to part in; the root must still have a finite slope.
    apart = (squared[:, first, second] + 1e-12).sqrt()
    if form == "sign":
        return (1 - torch.sign(apart - least)).mean()
    return (least - apart).clamp(min=0).mean() / least
