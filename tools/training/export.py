"""Turns checkpoints into the weights file that is shipped: their mean, safetensors, float16."""

import argparse
from pathlib import Path

import torch

from avatar import weights
from tools.training import schedule

LICENCE = "GPL-3.0-or-later"
SOURCE = "trained from scratch by tools/training on public research clips; see compact.md"


def main() -> None:
    """Write avatar/assets/compact.safetensors, or another file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--checkpoint", type=Path, nargs="+", required=True, help="several of one run are averaged"
    )
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    nets = [schedule.load(path) for path in args.checkpoint]
    net, states = nets[0], [net.state_dict() for net in nets]
    mean = {key: torch.stack([s[key].float() for s in states]).mean(0) for key in states[0]}
    extra = {"licence": LICENCE, "source": SOURCE}
    weights.save(args.out, net.params, mean, extra, half=True)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
