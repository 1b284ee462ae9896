"""The face depth network F_d (DaGAN section 3.1): RGB -> disparity.

A ResNet encoder, of basic blocks (ResNet-18) or of bottlenecks (ResNet-50), and the disparity
decoder of self-supervised depth estimation. What is used downstream is the sigmoid disparity in
(0, 1) at full scale; it is never converted to metric depth.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from avatar.model.blocks import AntiAlias, fitted, full
from avatar.model.params import ModelParams


class BasicBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut, as in ResNet-18."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.build(inputs, outputs, stride)
        self.shortcut: nn.Conv2d | None = None
        self.shortcut_norm: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.shortcut_norm = nn.BatchNorm2d(outputs)

    def build(self, inputs: int, outputs: int, stride: int) -> None:
        """Make what :meth:`body` runs."""
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1: nn.Module = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2: nn.Module = nn.BatchNorm2d(outputs)

    def body(self, x: Tensor) -> Tensor:
        """What is added to the shortcut."""
        return self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))

    def forward(self, x: Tensor) -> Tensor:
        y = self.body(x)
        if self.shortcut is not None:
            x = self.shortcut_norm(self.shortcut(x))
        return F.relu(x + y)

    def fold(self) -> None:
        if isinstance(self.norm1, nn.BatchNorm2d) and isinstance(self.norm2, nn.BatchNorm2d):
            self.conv1 = fuse_conv_bn_eval(self.conv1, self.norm1)
            self.conv2 = fuse_conv_bn_eval(self.conv2, self.norm2)
            self.norm1 = self.norm2 = nn.Identity()
        if self.shortcut is not None and isinstance(self.shortcut_norm, nn.BatchNorm2d):
            self.shortcut = fuse_conv_bn_eval(self.shortcut, self.shortcut_norm)
            self.shortcut_norm = nn.Identity()


class Bottleneck(BasicBlock):
    """1x1, 3x3 and 1x1 convolutions with a shortcut, as in ResNet-50; between the outer ones a
    quarter of the width. The 3x3 one takes the stride."""

    def build(self, inputs: int, outputs: int, stride: int) -> None:
        inside = outputs // 4
        self.conv1 = nn.Conv2d(inputs, inside, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(inside)
        self.conv2 = nn.Conv2d(inside, inside, 3, stride, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(inside)
        self.conv3 = nn.Conv2d(inside, outputs, 1, bias=False)
        self.norm3: nn.Module = nn.BatchNorm2d(outputs)

    def body(self, x: Tensor) -> Tensor:
        return self.norm3(self.conv3(F.relu(super().body(x))))

    def fold(self) -> None:
        super().fold()
        if isinstance(self.norm3, nn.BatchNorm2d):
            self.conv3 = fuse_conv_bn_eval(self.conv3, self.norm3)
            self.norm3 = nn.Identity()


class DepthEncoder(nn.Module):
    """ResNet encoder: (B, 3, S, S) in [0, 1] -> five maps from S/2 to S/32."""

    def __init__(
        self, widths: tuple[int, ...], blocks: tuple[int, ...], bottleneck: bool = False
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, widths[0], 7, 2, 3, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(widths[0])
        self.layers = nn.ModuleList()
        kind = Bottleneck if bottleneck else BasicBlock
        for i, count in enumerate(blocks):
            layer = [kind(widths[i], widths[i + 1], 1 if i == 0 else 2)]
            layer += [kind(widths[i + 1], widths[i + 1], 1) for _ in range(count - 1)]
            self.layers.append(nn.Sequential(*layer))

    def forward(self, x: Tensor) -> list[Tensor]:
        x = fitted((x - 0.45) / 0.225, self.conv.weight)
        maps = [F.relu(self.norm(self.conv(x)))]
        x = F.max_pool2d(maps[0], 3, 2, 1)
        for layer in self.layers:
            x = layer(x)
            maps.append(x)
        return maps

    def fold(self) -> None:
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = fuse_conv_bn_eval(self.conv, self.norm)
            self.norm = nn.Identity()


class ReflectConv(nn.Module):
    """3x3 convolution over a border mirrored by one pixel."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (1, 1, 1, 1), mode="reflect"))


class DepthDecoder(nn.Module):
    """Disparity decoder: the encoder's five maps -> disparity at up to four scales."""

    SCALES = 4

    def __init__(self, encoder: tuple[int, ...], widths: tuple[int, ...]) -> None:
        super().__init__()
        self.before = nn.ModuleList()
        self.after = nn.ModuleList()
        channels = encoder[-1]
        for i in reversed(range(5)):
            self.before.append(ReflectConv(channels, widths[i]))
            joined = widths[i] + (encoder[i - 1] if i else 0)
            self.after.append(ReflectConv(joined, widths[i]))
            channels = widths[i]
        self.heads = nn.ModuleList(ReflectConv(widths[s], 1) for s in range(self.SCALES))

    def forward(self, maps: list[Tensor], scales: int = 1) -> list[Tensor]:
        """Disparities (B, 1, S / 2^s, S / 2^s) in (0, 1) for s in range(scales), finest first."""
        x = maps[-1]
        found: list[Tensor] = []
        for step, (before, after) in enumerate(zip(self.before, self.after, strict=True)):
            level = 4 - step
            x = F.interpolate(F.elu(before(x)), scale_factor=2.0, mode="nearest")
            if level:
                x = torch.cat([x, maps[level - 1]], 1)
            x = F.elu(after(x))
            if level < scales:
                found.append(torch.sigmoid(full(self.heads[level](x))))
        return found[::-1]


class DepthNetwork(nn.Module):
    """F_d: (B, 3, H, W) RGB in [0, 1] -> disparity (B, 1, depth_size, depth_size) in (0, 1)."""

    def __init__(self, params: ModelParams) -> None:
        super().__init__()
        self.shrink = AntiAlias(params.depth_size)
        self.encoder = DepthEncoder(
            params.depth_encoder, params.depth_blocks, params.depth_bottleneck
        )
        self.decoder = DepthDecoder(params.depth_encoder, params.depth_decoder)

    def forward(self, rgb: Tensor) -> Tensor:
        return self.decoder(self.encoder(self.shrink(rgb)))[0]

    def pyramid(self, rgb: Tensor) -> list[Tensor]:
        """Disparities at all four scales, finest first (for training)."""
        return self.decoder(self.encoder(self.shrink(rgb)), DepthDecoder.SCALES)
