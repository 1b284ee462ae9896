"""A feature distance in the manner of LPIPS, of an ImageNet MobileNetV2.

It is not LPIPS: that has the features of VGG or AlexNet and learned weights for their channels, so
figures are not comparable with published ones.
"""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from avatar.errors import InputError, WeightsError
from avatar.frame import Image
from tools.training.reenact.mobilenet import MobileNet

STAGES = 4


class FeatureDistance:
    """Compares pictures by the first four stages of MobileNetV2 (strides 2 to 16).

    Raises:
        InputError: the file does not hold these layers.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._features = MobileNet(path, STAGES)
        except WeightsError as error:
            raise InputError(
                f"{path} does not hold the layers of MobileNetV2: {error.message}",
                hint="Give a safetensors file with 0.weight, 0.bias, 1.weight, ... (folded).",
            ) from error

    def __call__(self, a: Image, b: Image) -> float:
        """The distance of two (H, W, 3) uint8 pictures; 0 for equal ones.

        LPIPS's form (Zhang et al., CVPR 2018, eq. 1) with all channel weights 1: the features at
        each place are scaled to length 1, their squared difference is summed over channels and
        averaged over places, and the stages are added up.
        """
        both = np.stack([a, b]).transpose(0, 3, 1, 2)
        with torch.no_grad():
            maps = self._features(torch.from_numpy(both).float() / 255)
        return float(sum(_apart(unit(stage)) for stage in maps))


def unit(features: Tensor) -> Tensor:
    """(B, C, h, w) with the channels at every place scaled to length 1."""
    return features / (features.square().sum(1, keepdim=True).sqrt() + 1e-10)


def _apart(pair: Tensor) -> float:
    return float((pair[0] - pair[1]).square().sum(0).mean())
