"""The discriminator and its losses (METHODS section 4): least squares GAN, feature matching."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from avatar.model.flow import gaussians
from tools.training.reenact.pyramid import grid_on

SLOPE = 0.2


class Block(nn.Module):
    """Convolution 4x4 without padding, instance normalisation (but in the first block), leaky ReLU,
    2x2 average pooling (but in the last block)."""

    def __init__(self, inputs: int, outputs: int, norm: bool, pool: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 4)
        self.norm = nn.InstanceNorm2d(outputs, affine=True) if norm else None
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if self.norm is not None:
            x = self.norm(x)
        x = F.leaky_relu(x, SLOPE)
        return F.avg_pool2d(x, 2) if self.pool else x


class Discriminator(nn.Module):
    """Is this patch of a picture real, given where the keypoints of the driving frame are?

    With 256x256, 15 keypoints, base 64, most 512 and 4 blocks it is the paper's: 18 channels in,
    blocks of 64, 128, 256 and 512, a map of 26x26 out.
    """

    def __init__(self, keypoints: int, base: int = 64, most: int = 512, blocks: int = 4) -> None:
        super().__init__()
        widths = [3 + keypoints] + [min(most, base * 2**i) for i in range(blocks)]
        self.blocks = nn.ModuleList(
            Block(widths[i], widths[i + 1], norm=i > 0, pool=i < blocks - 1) for i in range(blocks)
        )
        self.output = nn.Conv2d(widths[-1], 1, 1)

    def forward(self, image: Tensor, keypoints: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Judge a picture.

        Args:
            image: (B, 3, H, W) in [0, 1].
            keypoints: (B, K, 2) of the driving frame; detached here.

        Returns:
            A map (B, 1, h, w), 1 for real and 0 for made; the outputs of all blocks.
        """
        grid = grid_on(*image.shape[-2:], image.device)
        x = torch.cat([image, gaussians(keypoints.detach(), grid)], 1)
        found = []
        for block in self.blocks:
            x = block(x)
            found.append(x)
        return self.output(x), found


def smallest(blocks: int) -> int:
    """The least side of a picture, in pixels, of which ``blocks`` blocks leave 2x2: instance
    normalisation has nothing to do with one pixel."""
    side = 2
    for block in reversed(range(blocks)):
        side = (side * 2 if block < blocks - 1 else side) + 3
    return side


def generator_loss(made: Tensor) -> Tensor:
    """L_G = mean (1 - D(result))^2 (eq. 11, in least squares)."""
    return (1 - made.float()).square().mean()


def discriminator_loss(real: Tensor, made: Tensor) -> Tensor:
    """mean [(1 - D(driving))^2 + D(result)^2]."""
    return ((1 - real.float()).square() + made.float().square()).mean()


def matching_loss(real: Sequence[Tensor], made: Sequence[Tensor]) -> Tensor:
    """L_FM = sum over the blocks of mean |D_i(driving) - D_i(result)|, the real side detached."""
    terms = [(a.detach().float() - b.float()).abs().mean() for a, b in zip(real, made, strict=True)]
    return torch.stack(terms).sum()
