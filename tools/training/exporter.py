"""A finished run to the app's weights file: safetensors, float16, the mean of one or more runs."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from avatar.errors import UsageError

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
    stage = parse(runs[0].recipe, str(args.run)).stage
    whole = {"keypoints", "generator"} | ({"depth"} if params.use_depth else set())
    if missing := whole - {name.partition(".")[0] for name in mean}:
        raise UsageError(
            f"{args.run} trained a part of the network (stage {stage!r}); the app also needs "
            f"{' and '.join(sorted(missing))}.",
            hint=f"Train the rest from it: python -m tools.train RECIPE ... --start {args.run}",
        )
    steps = " and ".join(str(run.step) for run in runs)
    source = args.source or f"trained by tools.train, stage {stage}, {steps} steps"
    out = args.out or args.run / f"{params.name}.safetensors"
    weights.save(out, params, mean, {"licence": args.licence, "source": source}, half=True)
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB, {params.name}, {source}")
    return 0
