"""Made-up items and footage for stage 2."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tools.training.data import Footage, in_memory
from tools.training.reenact.equivariance import draw
from tools.training.stage import Batch

SIDE = 128


class PlainBackbone(nn.Module):
    """Judges pictures by their pixels, and by twice their pixels."""

    levels = (1.0, 0.5)

    def forward(self, image: Tensor) -> list[Tensor]:
        return [image, 2 * image]


@pytest.fixture
def backbone() -> nn.Module:
    return PlainBackbone()


@pytest.fixture
def footage() -> Callable[[bool], Footage]:
    """Two clips of noise, of four and three frames, with or without landmarks."""

    def make(taught: bool) -> Footage:
        random = np.random.default_rng(0)
        images = [random.integers(0, 255, (n, 256, 256, 3), dtype=np.uint8) for n in (4, 3)]
        points = [random.uniform(60, 190, (n, 478, 3)).astype(np.float32) for n in (4, 3)]
        return in_memory(images, points if taught else None)

    return make


@pytest.fixture
def batch_of() -> Callable[[int], Batch]:
    """Two random items for so many keypoints."""

    def make(keypoints: int) -> Batch:
        torch.manual_seed(0)
        random = np.random.default_rng(0)
        draws = [draw(random), draw(random)]
        batch = {name: torch.stack([d[name] for d in draws]) for name in draws[0]}
        for name in ("source", "driving"):
            batch[name] = torch.rand(2, 3, SIDE, SIDE)
            batch[f"{name}_seen"] = torch.rand(2, 3, SIDE, SIDE)
            batch[f"{name}_landmarks"] = 60 + 130 * torch.rand(2, 478, 3)
            batch[f"{name}_value"] = torch.rand(2, keypoints, 2) - 0.5
            batch[f"{name}_jacobian"] = torch.eye(2).expand(2, keypoints, 2, 2)
        return batch

    return make
