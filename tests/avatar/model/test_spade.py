"""The SPADE decoder as a setting of the generator; tests/tools/test_golden.py has its numbers."""

import dataclasses

import pytest
import torch

from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS
from avatar.model.spade import SpadeBlock, SpadeDecoder, SpadeNorm


def test_the_guide_sets_scale_and_shift() -> None:
    norm = SpadeNorm(2, 3, hidden=4)
    with torch.no_grad():
        for part in (norm.gamma, norm.beta):
            part.weight.zero_()
        norm.gamma.bias.copy_(torch.tensor([1.0, 0.0]))
        norm.beta.bias.copy_(torch.tensor([0.0, 5.0]))
    x = torch.randn(1, 2, 16, 16, generator=torch.Generator().manual_seed(1))
    y = norm(x, torch.rand(1, 3, 64, 64))
    assert y.std((2, 3), correction=0)[0].tolist() == pytest.approx([2.0, 1.0], rel=1e-3)
    assert y.mean((2, 3))[0].tolist() == pytest.approx([0.0, 5.0], abs=1e-5)


def test_only_a_change_of_width_has_a_shortcut() -> None:
    assert SpadeBlock(8, 8, 7).shortcut is None
    assert SpadeBlock(8, 4, 7).shortcut is not None


def test_the_decoder_quadruples_the_side() -> None:
    decoder = SpadeDecoder(16)
    assert decoder(torch.rand(1, 16, 8, 8), torch.rand(1, 3, 32, 32)).shape == (1, 3, 32, 32)


def test_it_is_a_setting_of_the_generator() -> None:
    params = dataclasses.replace(PRESETS["compact"], name="x", spade=True)
    network = Dagan(params).eval()
    names = set(network.state_dict())
    assert any(name.startswith("generator.spade.") for name in names)
    assert not any(name.startswith(("generator.bottleneck", "generator.up1")) for name in names)
    with torch.no_grad():
        code = network.encode(torch.rand(1, 3, 256, 256))
        affine = torch.eye(2).expand(1, params.num_keypoints, 2, 2)
        picture = network.render(code.code, code.value, code.value, affine)
    assert picture.shape == (1, 3, 256, 256)
    assert picture.min() >= 0 and picture.max() <= 1
