"""The discriminator against the official one, and its losses on constants."""

import numpy as np
import pytest
import torch

from tools.fill import fill_tensor
from tools.training.reenact.discriminator import (
    Discriminator,
    discriminator_loss,
    generator_loss,
    matching_loss,
    smallest,
)

GOLDEN = ("golden", "case_2.npz")


def test_it_is_the_official_network(shared) -> None:
    import json

    case = np.load(shared.joinpath(*GOLDEN))
    shapes = {
        name: tuple(shape)
        for name, shape, _ in json.loads(
            (shared / "golden" / "keys_discriminator.json").read_text()
        )
    }
    network = Discriminator(15)
    state = {}
    for name, shape in shapes.items():
        own = name.replace("discs.1.down_blocks.", "blocks.").replace("discs.1.conv.", "output.")
        filled = fill_tensor("discriminator", name, shape, shapes, 2)
        state[own] = torch.from_numpy(np.asarray(filled, np.float32))
    network.load_state_dict(state)
    image = torch.from_numpy(case["source_u8"]).permute(2, 0, 1)[None].float() / 255
    keypoints = torch.from_numpy(case["kp_source_value"])
    with torch.no_grad():
        judged, inside = network(image, keypoints)
    assert judged.shape == (1, 1, 26, 26)
    assert np.abs(judged.numpy() - case["disc_map"]).max() < 1e-3
    for i, features in enumerate(inside):
        mean_std = case[f"disc_feat{i}_mean_std"]
        flat = features[0].flatten(1)
        assert np.abs(flat.mean(1).numpy() - mean_std[0]).max() < 1e-3
        assert np.abs(flat.std(1, correction=0).numpy() - mean_std[1]).max() < 1e-3


def test_sizes_by_settings() -> None:
    network = Discriminator(5, base=4, most=8, blocks=3)
    judged, inside = network(torch.rand(2, 3, 64, 64), torch.zeros(2, 5, 2))
    # 64 -> 61 -> 30 -> 27 -> 13 -> 10
    assert judged.shape == (2, 1, 10, 10)
    assert [tuple(x.shape[1:]) for x in inside] == [(4, 30, 30), (8, 13, 13), (8, 10, 10)]
    assert [block.norm is not None for block in network.blocks] == [False, True, True]


@pytest.mark.parametrize("blocks", [2, 3, 4])
def test_the_smallest_picture(blocks: int) -> None:
    network, side = Discriminator(2, base=2, blocks=blocks), smallest(blocks)
    judged, _ = network(torch.rand(1, 3, side, side), torch.zeros(1, 2, 2))
    assert judged.shape == (1, 1, 2, 2)
    with pytest.raises(ValueError, match="more than 1 spatial element"):
        network(torch.rand(1, 3, side - 1, side - 1), torch.zeros(1, 2, 2))


def test_keypoints_are_detached() -> None:
    keypoints = torch.zeros(1, 2, 2, requires_grad=True)
    judged, _ = Discriminator(2, base=2, blocks=2)(torch.rand(1, 3, 32, 32), keypoints)
    judged.sum().backward()
    assert keypoints.grad is None


def test_least_squares_on_constants() -> None:
    ones = torch.ones(2, 1, 3, 3)
    assert generator_loss(ones) == 0
    assert generator_loss(0.5 * ones) == 0.25
    assert discriminator_loss(ones, 0 * ones) == 0
    assert discriminator_loss(0 * ones, ones) == 2
    assert discriminator_loss(0.5 * ones, 0.2 * ones).item() == pytest.approx(0.25 + 0.04)


def test_feature_matching_on_constants() -> None:
    real = [torch.full((1, 2, 2, 2), 1.0, requires_grad=True), torch.full((1, 4, 1, 1), 3.0)]
    made = [torch.full((1, 2, 2, 2), 0.5, requires_grad=True), torch.full((1, 4, 1, 1), 5.0)]
    loss = matching_loss(real, made)
    assert loss.item() == pytest.approx(0.5 + 2.0)
    loss.backward()
    assert real[0].grad is None
    assert torch.allclose(made[0].grad, torch.full((1, 2, 2, 2), -1 / 8))
