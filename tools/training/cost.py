"""Counts multiply-accumulates of the networks: what a driving frame costs, part by part."""

import argparse
import json
from collections.abc import Callable
from typing import TypeVar

import torch
from torch.utils.flop_counter import FlopCounterMode

from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS, ModelParams

T = TypeVar("T")


def macs(net: Dagan) -> dict[str, float]:
    """MMAC of one driving frame by part: depth, keypoints, flow, render; and of the portrait.

    PyTorch counts them: convolutions and products of matrices, whoever calls them.
    """
    k, side = net.params.num_keypoints, net.params.image_size
    picture, points = torch.rand(1, 3, side, side), torch.zeros(1, k, 2)
    affine = torch.eye(2).expand(1, k, 2, 2)
    parts: dict[str, float] = {}

    def counted(name: str, part: Callable[[], T]) -> T:
        with FlopCounterMode(display=False) as counter:
            result = part()
        parts[name] = counter.get_total_flops() / 2e6
        return result

    generator, depth = net.generator, net.depth
    with torch.no_grad():
        net.eval()
        disparity = None if depth is None else counted("depth", lambda: depth(picture))
        counted("keypoints", lambda: net.keypoints(picture, disparity))
        code = counted("portrait, once", lambda: generator.encode(picture, disparity))
        counted("flow", lambda: generator.flow(code.small, points, points, affine))
        counted("render", lambda: generator(code, points, points, affine))
    parts["render"] -= parts["flow"]
    each = ("depth", "keypoints", "flow", "render")
    parts["driving frame"] = sum(parts.get(name, 0.0) for name in each)
    return parts


def main() -> None:
    """Print the cost of a preset as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="compact", choices=sorted(PRESETS))
    parser.add_argument("--params", help="ModelParams as JSON instead")
    args = parser.parse_args()
    params = ModelParams.from_json(args.params) if args.params else PRESETS[args.preset]
    net = Dagan(params)
    result = {name: round(value, 1) for name, value in macs(net).items()}
    millions = sum(p.numel() for p in net.parameters()) / 1e6
    print(json.dumps({"MMAC": result, "million parameters": round(millions, 3)}))


if __name__ == "__main__":
    main()
