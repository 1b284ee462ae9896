"""Made-up items and footage for stage 2."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tools.training.reenact.equivariance import draw
from tools.training.stage import Batch

SIDE = 128


class PlainBackbone(nn.Module):
    """Judges pictures by their pixels, and by twice their pixels."""

    levels = (1.0, 0.5)

    def forward(self, image: Tensor) -> list[Tensor]:
        return [image, 2 * image]


class MadeUpFootage:
    """Two clips of noise, of four and three frames, with or without landmarks."""

    def __init__(self, taught: bool, side: int = 256) -> None:
        random = np.random.default_rng(0)
        self.images = random.integers(0, 255, (7, side, side, 3), dtype=np.uint8)
        self.points = random.uniform(60, 190, (7, 478, 3)).astype(np.float32)
        self.taught = taught
        self.clip = np.array([0, 0, 0, 0, 1, 1, 1], np.int32)

    def __len__(self) -> int:
        return 7

    def image(self, row: int) -> np.ndarray:
        return self.images[row]

    def landmarks(self, row: int) -> np.ndarray | None:
        return self.points[row] if self.taught else None

    def spans(self) -> Iterator[tuple[int, int]]:
        yield from ((0, 4), (4, 7))


@pytest.fixture
def backbone() -> nn.Module:
    return PlainBackbone()


@pytest.fixture
def footage() -> Callable[[bool], MadeUpFootage]:
    return MadeUpFootage


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
