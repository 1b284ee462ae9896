"""Networks with filled weights, made once for all tests of this folder."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn

from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS


def randomise(network: nn.Module) -> None:
    """Weights and statistics of a healthy size, none of them zero; the same at each call."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if name.endswith("num_batches_tracked"):
                continue
            noise = torch.randn(tensor.shape, generator=generator)
            if name.endswith("running_var"):
                tensor.copy_(0.5 + noise.abs())
            elif tensor.dim() > 1:
                tensor.copy_(noise * (2 / tensor[0].numel()) ** 0.5)
            else:
                tensor.copy_(0.2 * noise + (1.0 if name.endswith("weight") else 0.1))
        network.keypoints.jacobian.weight.mul_(0.1)
        keypoints = network.keypoints.jacobian.bias.numel() // 4
        network.keypoints.jacobian.bias.add_(torch.tensor([1.0, 0, 0, 1]).repeat(keypoints))


@pytest.fixture(scope="module")
def compact() -> Iterator[Dagan]:
    """The compact network, randomised, in evaluation mode."""
    network = Dagan(PRESETS["compact"]).eval()
    randomise(network)
    network.requires_grad_(False)
    yield network


# SPADE's layers have no widths to cut: they take seconds.
SMALL = [
    pytest.param(name, marks=pytest.mark.slow) if params.spade else name
    for name, params in PRESETS.items()
]


@pytest.fixture(scope="module", params=SMALL)
def small(request: pytest.FixtureRequest, tiny: Callable[[str], Any]) -> Dagan:
    """Every preset in turn, of a few channels, randomised, in evaluation mode."""
    network = Dagan(tiny(request.param)).eval()
    randomise(network)
    return network.requires_grad_(False)
