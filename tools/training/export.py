"""Turns a checkpoint into the weights file that is shipped: safetensors, float16."""

import argparse
from pathlib import Path

from avatar import weights
from tools.training import schedule

LICENCE = "GPL-3.0-or-later"
SOURCE = "trained from scratch by tools/training on public research clips; see compact.md"


def main() -> None:
    """Write avatar/assets/compact.safetensors, or another file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    net = schedule.load(args.checkpoint)
    extra = {"licence": LICENCE, "source": SOURCE}
    weights.save(args.out, net.params, net.state_dict(), extra, half=True)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
