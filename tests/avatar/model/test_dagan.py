import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from avatar.model.blocks import AntiAlias, coordinate_grid, fold
from avatar.model.dagan import Dagan, Encoded, combine_jacobians
from avatar.model.params import PRESETS


def picture(seed: int) -> Tensor:
    noise = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(seed))
    return F.interpolate(noise, size=(256, 256), mode="bicubic").clamp(0, 1)


def motion(network: Dagan, encoded: Encoded) -> tuple[Tensor, Tensor, Tensor]:
    driving = network.detect(picture(2))
    affine = combine_jacobians(encoded.jacobian[0].numpy(), driving.jacobian[0].numpy())
    return encoded.value, driving.value, torch.from_numpy(affine).unsqueeze(0)


def test_folded_render_equals_the_unfolded_one(compact: Dagan) -> None:
    encoded = compact.encode(picture(1))
    want = compact.render(encoded.code, *motion(compact, encoded))
    folded = fold(copy.deepcopy(compact))
    ours = folded.encode(picture(1))
    got = folded.render(ours.code, *motion(compact, encoded))
    assert not any(isinstance(m, nn.BatchNorm2d) for m in folded.depth.modules())
    assert 0 < (got - want).abs().max() < 1e-4


def test_cached_projections_equal_attention_on_the_warped_features(compact: Dagan) -> None:
    """W (M * warp(F)) + b is what the paper writes; we warp W F and add b last."""
    attention = compact.generator.attention
    features = torch.randn(1, 48, 32, 32)
    depth_features = torch.randn(1, 32, 32, 32)
    grid = coordinate_grid(32, 32)[None] * 0.9 + 0.02
    visible = torch.rand(1, 1, 32, 32)
    attention_full = copy.deepcopy(attention)
    attention_full.pool = 1
    query, projections = attention_full.encode(features, depth_features)

    def moved(x: Tensor) -> Tensor:
        return F.grid_sample(x, grid, align_corners=True) * visible

    got = attention_full(query, moved(projections))
    k = F.relu(attention.key(moved(features))).flatten(2)
    v = F.relu(attention.value(moved(features))).flatten(2)
    weights = torch.softmax(query.transpose(1, 2) @ k, -1)
    want = attention.gamma * (v @ weights.transpose(1, 2)).reshape(features.shape)
    torch.testing.assert_close(got, want, atol=1e-4, rtol=1e-4)


def test_every_map_on_the_way_can_be_tapped(compact: Dagan) -> None:
    taps: dict[str, Tensor] = {}
    encoded = compact.encode(picture(1))
    out = compact.render(encoded.code, *motion(compact, encoded), taps)
    assert out.shape == (1, 3, 256, 256)
    assert out.min() >= 0 and out.max() <= 1
    assert taps["flow"].shape == (1, 64, 64, 2)
    assert taps["mask"].shape == (1, 21, 64, 64)
    torch.testing.assert_close(taps["mask"].sum(1), torch.ones(1, 64, 64))
    assert taps["attention"].shape == (1, 1024, 1024)
    assert taps["blend"].shape == (1, 1, 256, 256)


def test_depth_and_attention_change_the_result(compact: Dagan) -> None:
    encoded = compact.encode(picture(1))
    args = motion(compact, encoded)
    want = compact.render(encoded.code, *args)
    off = copy.deepcopy(compact)
    off.generator.attention.gamma.zero_()
    assert (off.render(encoded.code, *args) - want).abs().max() > 1e-4
    flat = compact.keypoints(picture(2), torch.zeros(1, 1, 128, 128))
    assert (flat[0] - args[1]).abs().max() > 1e-4


def test_identity_motion_copies_the_portrait_where_the_blend_trusts_it(compact: Dagan) -> None:
    """With align_corners the identity grid is an exact copy, at every resolution."""
    grid = coordinate_grid(64, 64)[None]
    source = picture(3)
    torch.testing.assert_close(compact.generator.warp(source, grid), source, atol=1e-4, rtol=0)


@pytest.mark.parametrize("size", [128, 256])
def test_the_networks_take_the_sizes_they_are_trained_at(compact: Dagan, size: int) -> None:
    encoded = compact.encode(F.interpolate(picture(1), size=(size, size)))
    assert compact.render(encoded.code, *motion(compact, encoded)).shape == (1, 3, size, size)


def test_networks_without_depth_and_attention() -> None:
    from dataclasses import replace

    plain = replace(PRESETS["compact"], use_depth=False, use_attention=False)
    network = Dagan(plain).eval()
    with torch.no_grad():
        encoded = network.encode(picture(1))
        out = network.render(encoded.code, *motion(network, encoded))
    assert out.shape == (1, 3, 256, 256)
    assert network.depth is None
    assert not any("attention" in name for name in network.state_dict())


def test_antialias_is_a_blur_that_keeps_flat_areas() -> None:
    shrink = AntiAlias(64)
    out = shrink(torch.full((1, 3, 256, 256), 0.7))
    assert out.shape == (1, 3, 64, 64)
    torch.testing.assert_close(out[..., 4:-4, 4:-4], torch.full((1, 3, 56, 56), 0.7))
    small = torch.rand(1, 3, 64, 64)
    assert shrink(small) is small


def test_combining_with_a_singular_jacobian_stays_finite() -> None:
    eye = np.tile(np.eye(2, dtype=np.float32), (3, 1, 1))
    assert np.isfinite(combine_jacobians(eye, np.zeros_like(eye))).all()
    turn = np.array([[[0, -1], [1, 0]]], np.float32)
    np.testing.assert_allclose(combine_jacobians(turn, turn), np.eye(2)[None], atol=1e-6)


def test_the_compact_model_keeps_its_budget() -> None:
    """At most 1.6 GMAC a driving frame: detect and render, the portrait encoded once."""
    from torch.utils.flop_counter import FlopCounterMode

    network = Dagan(PRESETS["compact"]).eval()
    with torch.no_grad():
        encoded = network.encode(picture(1))
        arguments = motion(network, encoded)
        with FlopCounterMode(display=False) as counter:
            network.detect(picture(2))
            network.render(encoded.code, *arguments)
    assert 1.0e9 < counter.get_total_flops() / 2 <= 1.6e9


def test_motion_features_begin_by_changing_nothing() -> None:
    """So that training goes on from weights that do not have them."""
    without = Dagan(replace(PRESETS["compact"], motion_features=False)).eval()
    with_them = Dagan(PRESETS["compact"]).eval()
    unknown = with_them.load_state_dict(without.state_dict(), strict=False)
    assert unknown.missing_keys == ["generator.motion.weight", "generator.motion.bias"]
    results = []
    with torch.no_grad():
        for network in (without, with_them):
            encoded = network.encode(picture(1))
            results.append(network.render(encoded.code, *motion(network, encoded)))
    torch.testing.assert_close(results[1], results[0], rtol=0, atol=0)
