"""What the networks are judged by: pixels and gradients over a pyramid, and MobileNetV2 features.

MobileNetV2 stands in for the VGG-19 of the paper, whose weights are not to be had here.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FEATURES = Path(__file__).resolve().parents[2] / ".." / "shared" / "weights"
"""Where ``mobilenet_v2_imagenet.safetensors`` lies beside a checkout."""

STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2))
"""The first four stages: expansion, channels, blocks, stride."""


class MobileNetFeatures(nn.Module):
    """ImageNet MobileNetV2 up to stride 16: (B, 3, H, W) in [0, 1] -> one feature map per stage."""

    def __init__(self, path: Path) -> None:
        """Read ``path``: 53 folded layers ``0..52`` with ``.weight`` and ``.bias``."""
        from safetensors.torch import load_file

        super().__init__()
        tensors = load_file(path)
        layers = 1 + sum(blocks * (3 if expand > 1 else 2) for expand, _, blocks, _ in STAGES)
        for i in range(layers):
            self.register_buffer(f"w{i}", tensors[f"{i}.weight"].float().contiguous())
            self.register_buffer(f"b{i}", tensors[f"{i}.bias"].float().contiguous())

    def _layer(
        self, x: Tensor, i: int, stride: int = 1, groups: int = 1, act: bool = True
    ) -> Tensor:
        weight, bias = getattr(self, f"w{i}"), getattr(self, f"b{i}")
        pad = weight.shape[-1] // 2
        if stride == 2:  # TensorFlow's SAME: even sizes are padded right and below only
            x, pad = F.pad(x, (0, 1, 0, 1)), 0
        x = F.conv2d(x, weight, bias, stride, pad, groups=groups)
        return F.hardtanh(x, 0.0, 6.0) if act else x

    def forward(self, image: Tensor) -> list[Tensor]:
        """Features after each of the four stages, at 1/2, 1/4, 1/8 and 1/16 of the picture."""
        x = self._layer(image * 2 - 1, 0, stride=2)
        found: list[Tensor] = []
        i = 1
        for expand, channels, blocks, first in STAGES:
            for block in range(blocks):
                y, stride = x, first if block == 0 else 1
                if expand > 1:
                    y = self._layer(y, i)
                    i += 1
                y = self._layer(y, i, stride, groups=y.shape[1])
                y = self._layer(y, i + 1, act=False)
                i += 2
                x = x + y if stride == 1 and y.shape[1] == x.shape[1] and block > 0 else y
            assert x.shape[1] == channels
            found.append(x)
        return found


def feature_distance(features: MobileNetFeatures, result: Tensor, target: Tensor) -> Tensor:
    """Mean over the stages of the absolute difference, each relative to the target's mean size."""
    with torch.no_grad():
        wanted = features(target)
    terms = [
        (got - want).abs().mean() / (want.abs().mean() + 1e-6)
        for got, want in zip(features(result), wanted, strict=True)
    ]
    return torch.stack(terms).mean()


def pyramid_distance(
    result: Tensor, target: Tensor, weight: Tensor | None = None, levels: int = 4
) -> Tensor:
    """L1 of pixels and of their gradients on ``levels`` scales.

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
