"""Every preset of the official family by the same modules, at a few channels."""

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from avatar.model.blocks import coordinate_grid, fold
from avatar.model.dagan import Dagan
from avatar.model.depth import BasicBlock, Bottleneck, DepthNetwork
from avatar.model.graphs import capture, code_parts, graphs
from avatar.model.params import PRESETS
from avatar.model.upsampling import merge_upsampling


def picture(seed: int) -> Tensor:
    noise = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(seed))
    return F.interpolate(noise, size=(256, 256), mode="bicubic").clamp(0, 1)


def rendered(network: Dagan, taps: dict[str, Tensor] | None = None) -> Tensor:
    """The first picture in a pose between its own and the second's."""
    encoded = network.encode(picture(1))
    driving = network.detect(picture(2))
    value = encoded.value + 0.2 * (driving.value - encoded.value)
    affine = torch.eye(2).expand(1, network.params.num_keypoints, 2, 2)
    return network.render(encoded.code, encoded.value, value, affine, taps)


def test_every_switch_reaches_the_network(small: Dagan) -> None:
    params, generator = small.params, small.generator
    assert (small.depth is not None) is params.use_depth
    assert small.keypoints.hourglass.down[0].conv.in_channels == (
        params.keypoint_stem or (4 if params.detects_by_depth else 3)
    )
    assert (generator.attention is not None) is params.use_attention
    assert (generator.depth_encoder is not None) is params.attends_by_depth
    assert (generator.spade is not None) is params.spade
    if small.depth is not None:
        kind = Bottleneck if params.depth_bottleneck else BasicBlock
        assert {type(block) for layer in small.depth.encoder.layers for block in layer} == {kind}


def test_it_renders_folded_and_merged_too(small: Dagan) -> None:
    taps: dict[str, Tensor] = {}
    want = rendered(small, taps)
    assert want.shape == (1, 3, 256, 256) and want.min() >= 0 and want.max() <= 1
    assert want.std() > 0.01
    assert ("attention" in taps) is small.params.use_attention
    other = fold(copy.deepcopy(small))
    if other.depth is not None:
        assert not any(isinstance(module, nn.BatchNorm2d) for module in other.depth.modules())
    torch.testing.assert_close(rendered(other), want, atol=2e-3, rtol=0)
    merge_upsampling(other)
    torch.testing.assert_close(rendered(other), want, atol=2e-3, rtol=0)


def test_the_three_graphs_are_what_the_network_computes(small: Dagan) -> None:
    detect, encode, render = graphs(small)
    params = small.params
    assert ("disparity" in detect.outputs) is params.use_depth
    assert ("disparity" in encode.inputs) is params.attends_by_depth
    assert ("query" in code_parts(params)) is params.attends_by_depth
    assert ("projections" in code_parts(params)) is params.use_attention
    found = small.encode(encode.inputs["portrait"])
    for name, part in zip(encode.outputs, encode.module(*encode.inputs.values()), strict=True):
        torch.testing.assert_close(part, getattr(found.code, name))
    want = small.render(found.code, *(render.inputs[n] for n in ("source", "driving", "affine")))
    torch.testing.assert_close(render.module(*render.inputs.values()), want)


@pytest.mark.slow
def test_the_three_graphs_are_captured_whole(small: Dagan) -> None:
    for graph in graphs(small):
        program = capture(graph)
        inputs = graph.inputs.values()
        torch.testing.assert_close(program.module()(*inputs), graph.module(*inputs))


def test_depth_reaches_what_it_is_meant_for(small: Dagan) -> None:
    """Other depth moves RGB-D keypoints and the code of attention by depth, and nothing else."""
    if small.depth is None:
        pytest.skip("no depth network")
    flat = copy.deepcopy(small)
    flat.depth.decoder.heads[0].conv.weight.zero_()
    got, want = flat.encode(picture(1)), small.encode(picture(1))
    moved = (got.value - want.value).abs().max() > 1e-6
    assert moved == small.params.detects_by_depth
    if small.params.attends_by_depth:
        assert (got.code.query - want.code.query).abs().max() > 1e-6
    torch.testing.assert_close(got.code.projections, want.code.projections, atol=0, rtol=0)


def test_self_attention_is_attention_on_the_warped_features(tiny: Callable[[str], Any]) -> None:
    """W_q, W_k and W_v of M * warp(F), bias added, as one would write it."""
    torch.manual_seed(5)
    attention = Dagan(tiny("vox256-self")).generator.attention
    assert attention is not None
    attention.pool = 1
    with torch.no_grad():
        attention.gamma.fill_(0.7)
        features, visible = torch.randn(1, 16, 16, 16), torch.rand(1, 1, 16, 16)
        grid = coordinate_grid(16, 16)[None] * 0.9 + 0.02

        def moved(x: Tensor) -> Tensor:
            return F.grid_sample(x, grid, align_corners=True) * visible

        query, projections = attention.encode(features, None)
        assert query.numel() == 0
        got = attention(query, moved(projections))
        x = moved(features)
        q, k, v = (
            F.relu(conv(x)).flatten(2) for conv in (attention.query, attention.key, attention.value)
        )
        want = 0.7 * (v @ torch.softmax(q.transpose(1, 2) @ k, -1).transpose(1, 2))
    torch.testing.assert_close(got.flatten(2), want, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("row", ["vox256-fdn", "fomm256-fdn"])
def test_without_attention_the_picture_is_that_of_gamma_zero(
    row: str, tiny: Callable[[str], Any]
) -> None:
    """What ties the rows without attention to the golden numbers of those with it."""
    whole = "vox256" if row == "vox256-fdn" else "fomm256-fdn-cam"
    torch.manual_seed(6)
    full, plain = Dagan(tiny(whole)).eval(), Dagan(tiny(row)).eval()
    state = full.state_dict()
    plain.load_state_dict({name: state[name] for name in plain.state_dict()})
    assert {name.split(".")[1] for name in set(state) - set(plain.state_dict())} == {
        "attention",
        "depth_encoder",
    }
    with torch.no_grad():
        want, got = rendered(full), rendered(plain)
        full.generator.attention.gamma.fill_(0.7)
        assert (rendered(full) - want).abs().max() > 1e-5
    torch.testing.assert_close(got, want, atol=0, rtol=0)


def test_a_bottleneck_strides_in_its_3x3_convolution() -> None:
    block = Bottleneck(16, 32, 2)
    assert (block.conv1.stride, block.conv2.stride, block.conv3.stride) == ((1, 1), (2, 2), (1, 1))
    assert block.conv2.weight.shape == (8, 8, 3, 3)
    assert block(torch.rand(1, 16, 8, 8)).shape == (1, 32, 4, 4)


def test_resnet50_has_its_weights() -> None:
    """25.6 million of ImageNet's less the classifier's 2.05; blocks 3, 4, 6, 3."""
    with torch.device("meta"):
        encoder = DepthNetwork(PRESETS["vox256-depth50"]).encoder
    assert [len(layer) for layer in encoder.layers] == [3, 4, 6, 3]
    assert sum(p.numel() for p in encoder.parameters()) == 25_557_032 - 2_049_000


def test_the_rows_differ_in_nothing_but_what_they_are_named_for() -> None:
    switches = {"name", "use_depth", "keypoint_depth", "use_attention", "attention_queries"}
    base = dataclasses.asdict(PRESETS["vox256"])
    for name in ("baseline", "fdn", "cam", "self"):
        row = dataclasses.asdict(PRESETS[f"vox256-{name}"])
        assert {key for key in base if row[key] != base[key]} <= switches
    base = dataclasses.asdict(PRESETS["fomm256"])
    for name in ("fdn", "cam", "fdn-cam"):
        row = dataclasses.asdict(PRESETS[f"fomm256-{name}"])
        assert {key for key in base if row[key] != base[key]} <= switches | {"align_corners"}
