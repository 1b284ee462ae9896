"""The perceptual loss L_P (DaGAN section 3.4): distances of features on several scales."""

from pathlib import Path
from typing import Literal, cast

import torch
from torch import Tensor, nn

from tools.training.reenact import vgg
from tools.training.reenact.mobilenet import MobileNet
from tools.training.reenact.pyramid import RATIOS, Pyramid

Backbone = Literal["vgg19", "mobilenet_v2"]

WEIGHTS = Path(__file__).resolve().parents[3] / ".." / "shared" / "weights"
"""Where the weights lie beside a checkout unless a recipe says otherwise."""

FILES: dict[Backbone, str] = {
    "vgg19": "vgg19-dcbb9e9d.pth",
    "mobilenet_v2": "mobilenet_v2_imagenet.safetensors",
}


class PerceptualLoss(nn.Module):
    """L_P = sum over scales s and layers l of w_l mean |N_l(AA_s(result)) - N_l(AA_s(target))|.

    The target is detached. With VGG-19 w_l is 1; with the substitute each layer is scaled to the
    same size (:data:`tools.training.reenact.mobilenet.USUAL`).
    """

    def __init__(self, backbone: nn.Module, ratios: tuple[int, ...] = RATIOS) -> None:
        """``backbone``: a frozen network that gives a list of maps and has ``levels``, as many
        weights."""
        super().__init__()
        self.backbone = backbone.requires_grad_(False)
        self.pyramid = Pyramid(ratios)
        self.levels = cast(tuple[float, ...], backbone.levels)

    def forward(self, result: Tensor, target: Tensor) -> Tensor:
        """A scalar; both pictures (B, 3, H, W) in [0, 1]."""
        total = result.new_zeros(())
        for ours, theirs in zip(self.pyramid(result), self.pyramid(target.detach()), strict=True):
            with torch.no_grad():
                wanted = self.backbone(theirs)
            for level, got, want in zip(self.levels, self.backbone(ours), wanted, strict=True):
                total = total + level * (got.float() - want.float()).abs().mean()
        return total


def load(backbone: Backbone, file: str = "") -> nn.Module:
    """A backbone by name, from ``file`` or from where the weights lie beside a checkout.

    Raises:
        WeightsError: the file is missing or another.
    """
    path = Path(file).expanduser() if file else WEIGHTS / FILES[backbone]
    return vgg.load(path) if backbone == "vgg19" else MobileNet(path)
