"""Pictures at several sizes: the anti-aliased pyramid that the perceptual loss compares on."""

from collections.abc import Iterator

from torch import Tensor, nn
from torch.nn import functional as F

from avatar.model.blocks import gaussian_kernel

RATIOS = (1, 2, 4, 8)
"""Scales 1, 1/2, 1/4 and 1/8."""


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
