"""VGG-19 up to relu5_1, which judges pictures in the papers of this family.

The weights are torchvision's file ``vgg19-dcbb9e9d.pth`` (ImageNet; 575 MB, of which 52 MB are
used); its SHA-256 begins with what its name ends on.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from avatar.errors import WeightsError

ADDRESS = "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth"
PREFIX = "dcbb9e9d"

WIDTHS = ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,))
"""Convolutions between two poolings; of each group the first gives the features (relu1_1, relu2_1,
relu3_1, relu4_1, relu5_1)."""

MEAN = (0.485, 0.456, 0.406)
SPREAD = (0.229, 0.224, 0.225)
"""Of ImageNet, RGB in [0, 1]."""


class Vgg19(nn.Module):
    """(B, 3, H, W) in [0, 1] -> five maps after ReLU, at 1, 1/2, 1/4, 1/8 and 1/16 of the picture,
    of 64, 128, 256, 512 and 512 channels. Frozen."""

    levels = (1.0,) * 5
    """Weights of the five distances (METHODS section 4: all equal)."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = frozen(torch.tensor(MEAN)[:, None, None])
        self.spread = frozen(torch.tensor(SPREAD)[:, None, None])
        self.groups = nn.ModuleList()
        inputs = 3
        for widths in WIDTHS:
            group = nn.ModuleList()
            for width in widths:
                group.append(nn.Conv2d(inputs, width, 3, padding=1))
                inputs = width
            self.groups.append(group)
        self.requires_grad_(False)

    def forward(self, image: Tensor) -> list[Tensor]:
        x = (image - self.mean) / self.spread
        found = []
        for number, group in enumerate(self.groups):
            assert isinstance(group, nn.ModuleList)
            if number:
                x = F.max_pool2d(x, 2)
            for place, conv in enumerate(group):
                x = F.relu(conv(x))
                if place == 0:
                    found.append(x)
                    if number == len(self.groups) - 1:
                        break
        return found

    def fill(self, tensors: Mapping[str, Tensor]) -> None:
        """Take the weights from torchvision's names ``features.0.weight`` and so on.

        Raises:
            WeightsError: a tensor is missing or has another shape.
        """
        number = 0
        for group in self.groups:
            assert isinstance(group, nn.ModuleList)
            for conv in group:
                assert isinstance(conv, nn.Conv2d) and conv.bias is not None
                for leaf, parameter in (("weight", conv.weight), ("bias", conv.bias)):
                    name = f"features.{number}.{leaf}"
                    given = tensors.get(name)
                    if given is None or given.shape != parameter.shape:
                        got = "nothing" if given is None else f"shape {tuple(given.shape)}"
                        raise WeightsError(
                            f"VGG-19 needs {name} of shape {tuple(parameter.shape)}, got {got}.",
                            hint=f"The weights are those of {ADDRESS}.",
                        )
                    with torch.no_grad():
                        parameter.copy_(given)
                number += 2  # a convolution and its ReLU
            number += 1  # the pooling


def load(path: Path) -> Vgg19:
    """The network with torchvision's weights.

    Raises:
        WeightsError: no such file, or another file.
    """
    if not path.is_file():
        raise WeightsError(
            f"The perceptual loss needs the weights of VGG-19, expected at {path}.",
            hint=f"Download {ADDRESS} (575 MB) to that place, or name another place by "
            "--set loss.perceptual_file=PATH; MobileNetV2 is the lighter substitute "
            '(loss.perceptual_backbone = "mobilenet_v2").',
        )
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if not digest.startswith(PREFIX):
        raise WeightsError(
            f"{path} is not the published file: its SHA-256 begins with {digest[:8]}, expected "
            f"{PREFIX}.",
            hint=f"Download {ADDRESS} again.",
        )
    network = Vgg19()
    network.fill(torch.load(path, map_location="cpu", mmap=True, weights_only=True))
    return network


def frozen(value: Tensor) -> nn.Parameter:
    """A constant that moves with its module. Not a buffer: those are sent round between processes
    in every step."""
    return nn.Parameter(value, requires_grad=False)
