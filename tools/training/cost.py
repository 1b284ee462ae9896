"""Counts multiply-accumulates of the networks: what a driving frame costs, part by part."""

import argparse
import json

import torch
from torch import Tensor, nn

from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS, ModelParams


def macs(net: Dagan) -> dict[str, float]:
    """MMAC of one driving frame by part: depth, keypoints, flow, render; and of the portrait."""
    counted = [0.0]

    def count(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        assert isinstance(module, nn.Conv2d)
        counted[0] += output.numel() * module.weight[0].numel() / 1e6

    hooks = [m.register_forward_hook(count) for m in net.modules() if isinstance(m, nn.Conv2d)]
    k, side = net.params.num_keypoints, net.params.image_size
    picture, points = torch.rand(1, 3, side, side), torch.zeros(1, k, 2)
    affine = torch.eye(2).expand(1, k, 2, 2)
    parts: dict[str, float] = {}

    def take(name: str) -> None:
        parts[name] = counted[0]
        counted[0] = 0.0

    with torch.no_grad():
        net.eval()
        disparity = net.depth(picture) if net.depth is not None else None
        take("depth")
        net.keypoints(picture, disparity)
        take("keypoints")
        code = net.generator.encode(picture, disparity)
        take("portrait, once")
        net.generator.flow(code.small, points, points, affine)
        take("flow")
        net.generator(code, points, points, affine)
        take("render")
    parts["render"] -= parts["flow"]
    if net.params.use_attention:
        tokens, channels = code.projections[0, 0].numel(), net.params.attention_channels
        parts["render"] += tokens * tokens * (channels + code.features.shape[1]) / 1e6
    parts["driving frame"] = sum(parts[p] for p in ("depth", "keypoints", "flow", "render"))
    for hook in hooks:
        hook.remove()
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
