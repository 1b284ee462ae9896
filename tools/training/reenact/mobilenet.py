"""MobileNetV2 up to stride 16, which judges pictures where VGG-19 cannot be had (METHODS section 4,
substitute features). Distances by it are not comparable with published LPIPS."""

from pathlib import Path

from torch import Tensor, nn
from torch.nn import functional as F

from avatar.errors import WeightsError
from tools.training.reenact.vgg import frozen

STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1))
"""The first five stages: expansion, channels, blocks, stride."""

USUAL = (1.6, 2.9, 2.5, 1.7, 1.8)
"""Mean absolute difference, by stage, of two frames of one clip some seconds apart: how far the
warped portrait is from its target when training starts. Mean over scales 1 to 1/8 and 74 pairs of
37 clips of faces. Distances are divided by it, so that each stage counts for the same."""


class MobileNet(nn.Module):
    """(B, 3, H, W) in [0, 1] -> five maps, after each of the five stages: at 1/2, 1/4, 1/8, 1/16
    and 1/16 of the picture, of 16, 24, 32, 64 and 96 channels. Frozen."""

    def __init__(self, path: Path, stages: int = len(STAGES)) -> None:
        """Read the first stages from ``path``: 53 folded layers ``0..52`` with ``.weight`` and
        ``.bias``.

        Raises:
            WeightsError: no such file, or layers are missing.
        """
        super().__init__()
        tensors = _read(path)
        self.stages = STAGES[:stages]
        self.levels = tuple(1 / stages / usual for usual in USUAL[:stages])
        """Weights of the distances: each counts for the same."""
        layers = 1 + sum(blocks * (3 if expand > 1 else 2) for expand, _, blocks, _ in self.stages)
        needed = [f"{i}.{leaf}" for i in range(layers) for leaf in ("weight", "bias")]
        if missing := [name for name in needed if name not in tensors]:
            raise WeightsError(
                f"{path} lacks {', '.join(missing[:3])}; expected MobileNetV2 with folded batch "
                "normalisation, layers 0 to 52."
            )
        self.weights = nn.ParameterList(
            frozen(tensors[f"{i}.weight"].float().contiguous()) for i in range(layers)
        )
        self.biases = nn.ParameterList(
            frozen(tensors[f"{i}.bias"].float().contiguous()) for i in range(layers)
        )

    def _layer(
        self, x: Tensor, i: int, stride: int = 1, groups: int = 1, act: bool = True
    ) -> Tensor:
        weight, bias = self.weights[i], self.biases[i]
        pad = weight.shape[-1] // 2
        if stride == 2:  # TensorFlow's SAME: even sizes are padded right and below only
            h, w = x.shape[-2:]
            x, pad = F.pad(x, (w % 2, 1, h % 2, 1)), 0
        x = F.conv2d(x, weight, bias, stride, pad, groups=groups)
        return F.hardtanh(x, 0.0, 6.0) if act else x

    def forward(self, image: Tensor) -> list[Tensor]:
        x = self._layer(image * 2 - 1, 0, stride=2)
        found: list[Tensor] = []
        i = 1
        for expand, _, blocks, first in self.stages:
            for block in range(blocks):
                y, stride = x, first if block == 0 else 1
                if expand > 1:
                    y = self._layer(y, i)
                    i += 1
                y = self._layer(y, i, stride, groups=y.shape[1])
                y = self._layer(y, i + 1, act=False)
                i += 2
                x = x + y if block > 0 else y
            found.append(x)
        return found


def _read(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except FileNotFoundError as error:
        raise WeightsError(
            f"The perceptual loss needs the weights of MobileNetV2, expected in {path}.",
            hint="Name another place by --set loss.perceptual_file=PATH, or do without by "
            "--set loss.perceptual=0.",
        ) from error
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path} is not a readable safetensors file: {error}.") from error
