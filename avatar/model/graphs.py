"""The three graphs as modules with plain tensors in and out, the form that other runtimes take.

========  ==========================================  ============================================
graph     inputs                                      outputs
========  ==========================================  ============================================
detect    driving                                     value, jacobian, disparity (with depth)
encode    portrait, disparity (if depth attends)      the parts of the code, see :func:`code_parts`
render    the parts of the code, portrait where it    picture
          is used, source, driving, affine
========  ==========================================  ============================================

All are float32 and static, batch 1. ``encode`` is the generator's part alone: the portrait's own
keypoints and disparity come from ``detect``, so that no network is stored twice. With ``pixels``,
pictures are (1, H, W, 3) uint8 at the edge and conversion is part of the graph; ``portrait`` stays
float, it is made once.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from avatar.model.dagan import Dagan
from avatar.model.generator import Code
from avatar.model.params import ModelParams

NAMES = ("detect", "encode", "render")


def code_parts(params: ModelParams) -> tuple[str, ...]:
    """Parts of the code that ``encode`` computes and ``render`` takes, in this order."""
    parts = ["small", "features"]
    if params.attends_by_depth:
        parts.append("query")
    if params.use_attention:
        parts.append("projections")
    if params.warp_skips and not params.spade:
        parts.insert(0, "half")
    return tuple(parts)


def takes_portrait(params: ModelParams) -> bool:
    """Whether ``render`` takes the portrait itself too."""
    return params.spade or params.warp_skips or params.blend


class Detect(nn.Module):
    """driving -> value (1, K, 2), jacobian (1, K, 2, 2), disparity (1, 1, h, w)."""

    def __init__(self, network: Dagan, pixels: bool = False) -> None:
        super().__init__()
        self.network, self.pixels = network, pixels

    def forward(self, driving: Tensor) -> tuple[Tensor, ...]:
        found = self.network.detect(to_unit(driving) if self.pixels else driving)
        return tuple(found) if self.network.depth is not None else tuple(found[:2])


class Encode(nn.Module):
    """portrait (1, 3, H, W), disparity -> the parts of the code."""

    def __init__(self, network: Dagan) -> None:
        super().__init__()
        self.network = network

    def forward(self, portrait: Tensor, disparity: Tensor | None = None) -> tuple[Tensor, ...]:
        code = self.network.generator.encode(portrait, disparity)
        return tuple(getattr(code, part) for part in code_parts(self.network.params))


class Render(nn.Module):
    """The parts of the code, the portrait where it is used, source, driving, affine -> picture."""

    def __init__(self, network: Dagan, pixels: bool = False) -> None:
        super().__init__()
        self.network, self.pixels = network, pixels

    def forward(self, *inputs: Tensor) -> Tensor:
        params = self.network.params
        *found, source, driving, affine = inputs
        given = dict(zip(render_inputs(params), found, strict=False))
        nothing = source.new_empty(0)
        code = Code(*(given.get(part, nothing) for part in Code._fields))
        picture = self.network.render(code, source, driving, affine)
        return to_pixels(picture) if self.pixels else picture


def render_inputs(params: ModelParams) -> tuple[str, ...]:
    """Names of the inputs of ``render``, in order."""
    portrait = ("portrait",) if takes_portrait(params) else ()
    return (*code_parts(params), *portrait, "source", "driving", "affine")


class Graph(NamedTuple):
    """A graph with example inputs by name, and the names of its outputs."""

    name: str
    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: tuple[str, ...]


def graphs(network: Dagan, *, pixels: bool = False) -> Iterator[Graph]:
    """The three graphs of a network in evaluation mode, with random inputs of the right shapes."""
    params = network.params
    k, side = params.num_keypoints, params.image_size
    rng = torch.Generator().manual_seed(0)
    picture = torch.rand(1, 3, side, side, generator=rng)
    frame = to_pixels(picture) if pixels else picture
    detect, encode = Detect(network, pixels), Encode(network)
    with torch.no_grad():
        found = detect(frame)
        seen = {"portrait": picture}
        if params.attends_by_depth:
            seen["disparity"] = found[2]
        code = dict(zip(code_parts(params), encode(**seen), strict=True))
    known = {
        **code,
        "portrait": picture,
        "source": torch.rand(1, k, 2, generator=rng) - 0.5,
        "driving": torch.rand(1, k, 2, generator=rng) - 0.5,
        "affine": torch.eye(2).repeat(1, k, 1, 1),
    }
    names = ("value", "jacobian", "disparity")[: len(found)]
    yield Graph("detect", detect.eval(), {"driving": frame}, names)
    yield Graph("encode", encode.eval(), seen, code_parts(params))
    inputs = {name: known[name] for name in render_inputs(params)}
    yield Graph("render", Render(network, pixels).eval(), inputs, ("picture",))


def capture(graph: Graph) -> Any:
    """The graph as a ``torch.export.ExportedProgram``."""
    with torch.no_grad():
        return torch.export.export(graph.module, tuple(graph.inputs.values()), strict=False)


def to_unit(frame: Tensor) -> Tensor:
    """(B, H, W, 3) uint8 -> (B, 3, H, W) float32 in [0, 1]."""
    return frame.permute(0, 3, 1, 2).to(torch.float32) * (1 / 255)


def to_pixels(picture: Tensor) -> Tensor:
    """(B, 3, H, W) in [0, 1] -> (B, H, W, 3) uint8, rounded."""
    return (picture * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
