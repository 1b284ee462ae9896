"""The convolution blocks that every network here is made of (METHODS: Same, Down, Up, Res,
Hourglass).

All take and give (B, C, H, W) float tensors. Blocks with batch normalisation have ``fold()``, which
merges it into the convolution before it for inference; the arithmetic stays the same. Where FP32
meets FP16 (:mod:`avatar.model.precision`), :func:`fitted` and :func:`full` cast.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval


class ConvBlock(nn.Module):
    """Convolution, batch normalisation, ReLU: "Same" with stride 1, a stem with stride 2."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(fitted(x, self.conv.weight))))

    def fold(self) -> None:
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = fuse_conv_bn_eval(self.conv, self.norm)
            self.norm = nn.Identity()


class DownBlock(ConvBlock):
    """A ConvBlock followed by 2x2 average pooling."""

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(super().forward(x), 2)


class UpBlock(ConvBlock):
    """Nearest x2, then a ConvBlock; ``joined`` further channels (B, joined, 2H, 2W) may come in
    before the convolution."""

    def __init__(self, inputs: int, outputs: int, joined: int = 0) -> None:
        super().__init__(inputs + joined, outputs)
        self.joined = joined

    def forward(self, x: Tensor, extra: Tensor | None = None) -> Tensor:
        x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        if extra is None:
            return super().forward(x)
        # One convolution over cat([x, extra]), as two: the copy into one tensor costs more.
        weight, channels = self.conv.weight, x.shape[1]
        y = F.conv2d(fitted(x, weight), weight[:, :channels], self.conv.bias, padding=1)
        y = y + F.conv2d(fitted(extra, weight), weight[:, channels:], padding=1)
        return F.relu(self.norm(y))


class ResBlock(nn.Module):
    """x + conv(ReLU(norm(conv(ReLU(norm(x))))))."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2: nn.Module = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = fitted(x, self.conv1.weight)
        y = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(y)))

    def fold(self) -> None:
        # norm1 stands before a ReLU, so it cannot move into a convolution.
        if isinstance(self.norm2, nn.BatchNorm2d):
            self.conv1 = fuse_conv_bn_eval(self.conv1, self.norm2)
            self.norm2 = nn.Identity()


class Hourglass(nn.Module):
    """``blocks`` Down blocks, then as many Up blocks, each joined with the tensor of its size.

    The output has ``channels`` = base + inputs channels: the last join is with the input itself.
    """

    def __init__(self, inputs: int, base: int, most: int, blocks: int) -> None:
        super().__init__()
        widths = [inputs] + [min(most, base * 2 ** (i + 1)) for i in range(blocks)]
        self.down = nn.ModuleList(DownBlock(widths[i], widths[i + 1]) for i in range(blocks))
        self.up = nn.ModuleList()
        channels = widths[-1]
        for i in reversed(range(blocks)):
            outputs = min(most, base * 2**i)
            self.up.append(UpBlock(channels, outputs))
            channels = outputs + widths[i]
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:
        first: DownBlock = self.down[0]  # type: ignore[assignment]
        x = fitted(x, first.conv.weight)  # here, so that the last join finds one type
        skips = []
        for block in self.down:
            skips.append(x)
            x = block(x)
        for block in self.up:
            x = torch.cat([block(x), skips.pop()], 1)
        return x


class AntiAlias(nn.Module):
    """Gaussian blur, then every ``ratio``-th pixel from the top left (sigma = (ratio - 1) / 2).

    A picture that already has the target ``size`` passes unchanged; other sizes use their own
    kernel, so that training may feed smaller pictures.
    """

    def __init__(self, size: int, ratios: tuple[int, ...] = (2, 4, 8)) -> None:
        super().__init__()
        self.size = size
        for ratio in ratios:
            self.register_buffer(f"kernel{ratio}", gaussian_kernel(ratio), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        ratio = x.shape[-1] // self.size
        if ratio <= 1:
            return x
        kernel: Tensor = getattr(self, f"kernel{ratio}")
        channels = x.shape[1]
        blurred = F.conv2d(
            x,
            kernel.expand(channels, 1, -1, -1),
            padding=kernel.shape[-1] // 2,
            stride=ratio,
            groups=channels,
        )
        return blurred


def gaussian_kernel(ratio: int) -> Tensor:
    """The (1, 1, n, n) normalised Gaussian of AntiAlias; n = 2 round(4 sigma) + 1."""
    sigma = (ratio - 1) / 2
    half = round(4 * sigma)
    # On the CPU even while a network is built without memory (torch.device("meta")): these
    # constants are needed, and torch takes a second to prepare arange and linspace for "meta".
    axis = torch.arange(-half, half + 1, dtype=torch.float32, device="cpu")
    line = torch.exp(-(axis**2) / (2 * sigma**2))
    kernel = line[:, None] * line[None, :]
    return (kernel / kernel.sum())[None, None]


def coordinate_grid(height: int, width: int) -> Tensor:
    """(height, width, 2) float32 of (x, y), corners at exactly -1 and 1."""
    y = torch.linspace(-1, 1, height, device="cpu")  # as in gaussian_kernel
    x = torch.linspace(-1, 1, width, device="cpu")
    return torch.stack([x.expand(height, width), y[:, None].expand(height, width)], -1)


def fitted(x: Tensor, weight: Tensor) -> Tensor:
    """x as the float type of the weights that it meets next: nothing to do in FP32.

    bfloat16 is left alone: it comes from autocast, which casts by itself.
    """
    if x.dtype == weight.dtype or x.dtype == torch.bfloat16:
        return x
    return x.to(weight.dtype)


def full(x: Tensor) -> Tensor:
    """x as float32 if it is float16."""
    return x.float() if x.dtype == torch.float16 else x


def fold(module: nn.Module) -> nn.Module:
    """Merge batch normalisation into convolutions, in place, and switch to evaluation mode.

    Every block with a ``fold`` method folds itself; the output changes by rounding only.
    """
    module.eval()
    for child in list(module.modules()):
        own = getattr(child, "fold", None)
        if callable(own):
            own()
    return module
