"""The options of ``run`` and ``render`` that say how the driver's movement reaches the portrait."""

import argparse
from dataclasses import replace

from avatar.errors import UsageError
from avatar.motion.settings import PRESETS, RANGES, MotionSettings

GAINS = {
    "movement": "scale of all movement",
    "head": "gain of the head's motion as a whole",
    "expression": "gain of the expression beside that",
    "eyes": "more or less for the lids",
    "mouth": "more or less for lips and chin",
}


def add_motion_options(parser: argparse.ArgumentParser) -> None:
    """Describe them; the official demo's spellings are among them."""
    group = parser.add_argument_group(
        "motion", "Numbers are gains, 1 if not given; what a preset sets can be given beside it."
    )
    mode = group.add_mutually_exclusive_group()
    mode.add_argument(
        "--relative",
        action="store_true",
        help="move the portrait by the driver's motion since the neutral pose (default)",
    )
    mode.add_argument(
        "--absolute", action="store_true", help="move the portrait to the driver's pose"
    )
    group.add_argument(
        "--adapt-scale",
        "--adapt_scale",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="scale the movement by the sizes of the two faces (default: with --relative)",
    )
    group.add_argument(
        "--motion", choices=tuple(PRESETS), default="natural", help="a preset (%(default)s)"
    )
    for name, what in GAINS.items():
        least, most = RANGES[name]
        group.add_argument(
            f"--{name}", type=float, metavar="X", help=f"{what}, {least:g} to {most:g}"
        )
    smoothing = group.add_mutually_exclusive_group()
    usual = MotionSettings().smoothing
    smoothing.add_argument(
        "--smoothing",
        type=float,
        metavar="X",
        help=f"strength of the smoothing over time, 0 (off) to 1 (default: {usual:g})",
    )
    smoothing.add_argument(
        "--no-smoothing",
        dest="smoothing",
        action="store_const",
        const=0.0,
        help="do not smooth the movement",
    )
    group.add_argument(
        "--pose-limit",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="keep the pose within what a portrait can do",
    )


def motion_settings(args: argparse.Namespace) -> MotionSettings:
    """The settings asked for.

    Raises:
        UsageError: numbers out of range, or options that contradict each other.
    """
    if args.adapt_scale and args.absolute:
        raise UsageError(
            "The movement scale belongs to relative motion, but absolute was asked for.",
            hint="Leave out --adapt-scale or --absolute.",
        )
    asked = {"adapt_scale": args.adapt_scale, "pose_limit": args.pose_limit}
    asked |= {name: getattr(args, name) for name in RANGES}
    given = {name: value for name, value in asked.items() if value is not None}
    return replace(PRESETS[args.motion], relative=not args.absolute, **given)
