"""Depth, motion and camera together, from noise, on scenes whose depth is known."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS
from tools.training.depth.phase import DepthPhase
from tools.training.depth.pose import PoseNetwork
from tools.training.depth.reconstruction import Triplet
from tools.training.depth.settings import LossSettings

MOVES = ((1, 0.03), (-1, -0.03), (1.5, 0.05), (-1.5, 0.02), (0.5, -0.05), (2, 0.02))


@pytest.mark.slow
def test_shape_is_learnt_from_motion_alone(moving: Callable[[float, float], Any]) -> None:
    scenes = [moving(*move) for move in MOVES]
    depth = torch.cat([scene.depth for scene in scenes])
    batch = {n: torch.cat([getattr(s.frames, n) for s in scenes]) for n in Triplet._fields}
    batch |= {f"{name}_seen": frames for name, frames in batch.items()}
    torch.manual_seed(0)
    params = replace(PRESETS["compact"], depth_size=64, use_attention=False)
    network = Dagan(params).depth
    assert network is not None
    phase = DepthPhase(network, PoseNetwork(params), LossSettings(scales=2)).train()
    optimiser = torch.optim.Adam(phase.parameters(), 2e-3)
    for _ in range(60):
        terms, _ = phase(batch)
        loss = terms["photometric"] + terms["smoothness"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    found = network(batch["target"]).detach().flatten()
    assert float(torch.corrcoef(torch.stack([found, 1 / depth.flatten()]))[0, 1]) > 0.7
