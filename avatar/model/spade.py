"""The SPADE decoder: not in the paper, but what the authors' published checkpoint decodes with.

Semantic image synthesis with spatially-adaptive normalisation (Park et al., CVPR 2019), guided by
the warped and occluded portrait itself and a few channels of the features. The published layers are
spectrally normalised; :mod:`avatar.convert` divides by the norm once, so here they are plain.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from avatar.model.blocks import fitted

SLOPE = 0.2
"""Of the leaky ReLUs."""


class SpadeNorm(nn.Module):
    """Instance normalisation whose scale and shift are maps made from a guide picture."""

    def __init__(self, channels: int, guides: int, hidden: int = 128) -> None:
        super().__init__()
        self.shared = nn.Conv2d(guides, hidden, 3, padding=1)
        self.gamma = nn.Conv2d(hidden, channels, 3, padding=1)
        self.beta = nn.Conv2d(hidden, channels, 3, padding=1)

    def forward(self, x: Tensor, guide: Tensor) -> Tensor:
        """(B, C, h, w) and a guide (B, G, H, W) of any size -> (B, C, h, w)."""
        if guide.shape[-2:] != x.shape[-2:]:
            guide = F.interpolate(guide, size=x.shape[-2:], mode="nearest")
        hidden = F.relu(self.shared(guide))
        return F.instance_norm(x) * (1 + self.gamma(hidden)) + self.beta(hidden)


class SpadeBlock(nn.Module):
    """Residual: SpadeNorm, leaky ReLU, convolution, twice; a 1x1 shortcut where widths differ."""

    def __init__(self, inputs: int, outputs: int, guides: int) -> None:
        super().__init__()
        middle = min(inputs, outputs)
        self.norm1 = SpadeNorm(inputs, guides)
        self.conv1 = nn.Conv2d(inputs, middle, 3, padding=1)
        self.norm2 = SpadeNorm(middle, guides)
        self.conv2 = nn.Conv2d(middle, outputs, 3, padding=1)
        self.shortcut_norm: SpadeNorm | None = None
        self.shortcut: nn.Conv2d | None = None
        if inputs != outputs:
            self.shortcut_norm = SpadeNorm(inputs, guides)
            self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor, guide: Tensor) -> Tensor:
        y = self.conv1(F.leaky_relu(self.norm1(x, guide), SLOPE))
        y = self.conv2(F.leaky_relu(self.norm2(y, guide), SLOPE))
        if self.shortcut is not None and self.shortcut_norm is not None:
            x = self.shortcut(self.shortcut_norm(x, guide))
        return x + y


class SpadeDecoder(nn.Module):
    """Three blocks at quarter resolution, then one at half and one at full."""

    COMPRESSED = 4
    """Channels of the features that join the picture in the guide."""

    def __init__(self, features: int) -> None:
        super().__init__()
        guides = self.COMPRESSED + 3
        wide = 2 * features
        self.compress = nn.Conv2d(features, self.COMPRESSED, 3, padding=1)
        self.enter = nn.Conv2d(features, wide, 3, padding=1)
        self.middle = nn.ModuleList(SpadeBlock(wide, wide, guides) for _ in range(3))
        self.up1 = SpadeBlock(wide, features, guides)
        self.up2 = SpadeBlock(features, features // 4, guides)
        self.output = nn.Conv2d(features // 4, 3, 3, padding=1)

    def forward(self, features: Tensor, picture: Tensor) -> Tensor:
        """Logits of the picture.

        Args:
            features: (B, C, H/4, W/4), after the attention.
            picture: (B, 3, H, W), the portrait warped and occluded at full resolution.
        """
        features = fitted(features, self.enter.weight)
        picture = fitted(picture, self.enter.weight)
        compressed = F.interpolate(self.compress(features), size=picture.shape[-2:], mode="nearest")
        guide = torch.cat([compressed, picture], 1)
        x = self.enter(features)
        for block in self.middle:
            x = block(x, guide)
        x = self.up1(F.interpolate(x, scale_factor=2.0, mode="nearest"), guide)
        x = self.up2(F.interpolate(x, scale_factor=2.0, mode="nearest"), guide)
        return self.output(F.leaky_relu(x, SLOPE))
