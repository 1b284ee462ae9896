"""A finished run to the app's weights file: safetensors, float16, the mean of one or more runs."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from avatar.errors import UsageError

if TYPE_CHECKING:
    import torch

    from avatar.weights import Weights

LICENCE = "GPL-3.0-or-later"


def export(argv: Sequence[str]) -> int:
    """``python -m tools.train export``; the exit code.

    Raises:
        AvatarError: a run has no checkpoint, the runs do not match, the file cannot be written.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tools.train export",
        description="Write the averaged weights of a run as a weights file for the app.",
    )
    parser.add_argument("run", type=Path, help="the run's folder")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: RUN/PRESET.safetensors")
    parser.add_argument(
        "--mean",
        type=Path,
        nargs="+",
        default=[],
        metavar="RUN",
        help="other runs that went on from the same weights; their mean is written",
    )
    parser.add_argument(
        "--blend",
        nargs=2,
        metavar=("FILE", "SHARE"),
        help="weights that the run went on from, and their share in what is written, in [0, 1]: "
        "between the two the picture is sharper than after, and moves better than before",
    )
    parser.add_argument("--licence", default=LICENCE, help="kept in the file (default: ours)")
    parser.add_argument("--source", help="kept in the file; default: recipe and steps")
    args = parser.parse_args(argv)

    import torch

    from avatar import weights
    from tools.training import checkpoint
    from tools.training.recipe import parse

    runs = [checkpoint.load(folder) for folder in (args.run, *args.mean)]
    params = runs[0].trained.params
    for folder, run in zip(args.mean, runs[1:], strict=True):
        if run.trained.params != params or run.trained.state.keys() != runs[0].trained.state.keys():
            raise UsageError(
                f"{folder} trained another network than {args.run}: "
                f"{run.trained.params.name!r}, expected {params.name!r} with the same sizes.",
                hint="The mean is of runs of one network.",
            )
    mean = {
        name: torch.stack([run.trained.state[name].float() for run in runs]).mean(0)
        for name in runs[0].trained.state
    }
    if args.blend:
        mean = _blended(mean, weights.load(args.blend[0]), _share(args.blend[1]))
    stage = parse(runs[0].recipe, str(args.run)).stage
    whole = {"keypoints", "generator"} | ({"depth"} if params.use_depth else set())
    if missing := whole - {name.partition(".")[0] for name in mean}:
        raise UsageError(
            f"{args.run} trained a part of the network (stage {stage!r}); the app also needs "
            f"{' and '.join(sorted(missing))}.",
            hint=f"Train the rest from it: python -m tools.train RECIPE ... --start {args.run}",
        )
    steps = " and ".join(str(run.step) for run in runs)
    made = f"trained by tools.train, stage {stage}, {steps} steps"
    source = args.source or made + (f", {args.blend[1]} of {args.blend[0]}" if args.blend else "")
    out = args.out or args.run / f"{params.name}.safetensors"
    weights.save(out, params, mean, {"licence": args.licence, "source": source}, half=True)
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB, {params.name}, {source}")
    return 0


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise UsageError(f"--blend got the share {text}.", hint="It is a number in [0, 1].")
    return share


def _blended(
    trained: dict[str, "torch.Tensor"], before: "Weights", share: float
) -> dict[str, "torch.Tensor"]:
    """The mean of both networks, number by number (Wortsman et al., Robust fine-tuning, CVPR 2022).

    What only the trained one has stays as it is: it went on from there with zeros.
    """
    old = before.tensors
    other = [name for name in old if name not in trained or old[name].shape != trained[name].shape]
    if other:
        raise UsageError(
            f"{before.path} is no network that the run went on from: {other[0]} differs.",
            hint="Blend with the file that was given to --start.",
        )
    return {
        name: tensor.lerp(old[name], share) if name in old else tensor
        for name, tensor in trained.items()
    }
