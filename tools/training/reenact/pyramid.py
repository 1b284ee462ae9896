"""Pictures at several sizes: the anti-aliased pyramid that the perceptual loss compares on; and
grids of coordinates."""

from collections.abc import Iterator
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from avatar.model.blocks import coordinate_grid, gaussian_kernel

RATIOS = (1, 2, 4, 8)
"""Scales 1, 1/2, 1/4 and 1/8."""


@lru_cache(maxsize=16)
def grid_on(height: int, width: int, device: torch.device) -> Tensor:
    """(height, width, 2), see :func:`avatar.model.blocks.coordinate_grid`; made once for a device,
    which would otherwise wait for it in every step. Not to be written to."""
    return coordinate_grid(height, width).to(device)


class Pyramid(nn.Module):
    """AA_s of METHODS section 1 for each ratio 1/s: Gaussian blur with sigma = (ratio - 1) / 2 over
    zeros outside, then every ratio-th pixel from the top left."""

    def __init__(self, ratios: tuple[int, ...] = RATIOS) -> None:
        super().__init__()
        self.ratios = ratios
        self.kernels = nn.ParameterDict(
            {
                str(ratio): nn.Parameter(gaussian_kernel(ratio), requires_grad=False)
                for ratio in ratios
                if ratio > 1
            }
        )  # parameters and not buffers: those are sent round between processes in every step

    def forward(self, x: Tensor) -> Iterator[Tensor]:
        """(B, C, H, W) -> (B, C, ceil(H / ratio), ceil(W / ratio)) for each ratio."""
        channels = x.shape[1]
        for ratio in self.ratios:
            if ratio == 1:
                yield x
                continue
            kernel = self.kernels[str(ratio)]
            yield F.conv2d(
                x,
                kernel.expand(channels, 1, -1, -1),
                padding=kernel.shape[-1] // 2,
                stride=ratio,
                groups=channels,
            )
