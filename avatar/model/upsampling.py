"""Merging the nearest x2 of an Up block into its convolution, for runtimes on CPUs.

A 3x3 convolution over a picture doubled by nearest neighbours sees every source pixel up to three
times. Summed beforehand, its weights are those of one transposed 4x4 convolution of stride 2: four
multiplications per output and input channel instead of nine, and the doubled picture is never
stored. The arithmetic is equal but for rounding, borders included.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from avatar.model.blocks import UpBlock, fitted


class MergedUpBlock(nn.Module):
    """What a folded :class:`~avatar.model.blocks.UpBlock` computes, by a transposed convolution."""

    def __init__(self, block: UpBlock) -> None:
        super().__init__()
        if not isinstance(block.norm, nn.Identity):
            raise ValueError("fold the batch normalisation of an Up block before merging it")
        weight = block.conv.weight.detach()
        channels = weight.shape[1] - block.joined
        self.weight = nn.Parameter(transposed(weight[:, :channels]), requires_grad=False)
        self.bias = block.conv.bias
        self.extra_weight = nn.Parameter(weight[:, channels:].clone(), requires_grad=False)

    def forward(self, x: Tensor, extra: Tensor | None = None) -> Tensor:
        y = F.conv_transpose2d(fitted(x, self.weight), self.weight, self.bias, stride=2, padding=1)
        if extra is not None:
            y = y + F.conv2d(fitted(extra, self.extra_weight), self.extra_weight, padding=1)
        return F.relu(y)


def transposed(weight: Tensor) -> Tensor:
    """(O, I, 3, 3) of the convolution after nearest x2 -> (I, O, 4, 4) of the transposed one."""
    for axis in (2, 3):
        left, middle, right = weight.unbind(axis)
        weight = torch.stack([right, middle + right, left + middle, left], axis)
    return weight.transpose(0, 1).contiguous()


def merge_upsampling(network: nn.Module) -> nn.Module:
    """Merge every Up block of a folded network, in place; it can only be evaluated from then on."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, UpBlock):
                setattr(parent, name, MergedUpBlock(child).eval())
    return network
