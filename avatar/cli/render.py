"""``avatar render``: animate a portrait by a video, into a video with its sound."""

import argparse
import sys
from fractions import Fraction
from pathlib import Path

from avatar.cli.bar import Bar
from avatar.cli.interrupt import interruptible
from avatar.cli.motion import add_motion_options, motion_settings


def add_parser(
    subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> argparse.ArgumentParser:
    """Add ``render``; the official demo's spellings are aliases."""
    parser = subparsers.add_parser("render", help="animate a portrait by a video, into a video")
    parser.add_argument(
        "--portrait",
        "--source_image",
        type=Path,
        required=True,
        metavar="PICTURE",
        help="the picture to animate, or a folder of them",
    )
    parser.add_argument(
        "--driving",
        "--driving_video",
        type=Path,
        required=True,
        metavar="VIDEO",
        help="the video whose motion and sound it takes; also a GIF, a folder of pictures, a "
        "pattern such as frames/%%05d.png, or a folder of videos",
    )
    parser.add_argument(
        "-o",
        "--output",
        "--result_video",
        type=Path,
        required=True,
        metavar="VIDEO",
        help="the video to write: .mp4, .mov, .mkv, .gif, or a pattern such as "
        "out/%%05d.png; an older one is replaced once this one is complete. A folder for many",
    )
    parser.add_argument(
        "--find-best-frame",
        "--find_best_frame",
        dest="best_frame",
        action="store_true",
        help="take the driving frame whose face is most like the portrait for the neutral pose, "
        "not the first with a face; reads the video twice",
    )
    parser.add_argument(
        "--side-by-side",
        action="store_true",
        help="show the portrait, the driver's square and its depth beside the result",
    )
    parser.add_argument(
        "--paste-back",
        action="store_true",
        help="show the portrait's whole picture, its face animated",
    )
    parser.add_argument(
        "--fps",
        type=float,
        metavar="N",
        help="pictures per second of a folder of pictures (default: 25)",
    )
    parser.add_argument(
        "--start", metavar="TIME", help="begin the video there: seconds or m:ss (default: 0)"
    )
    parser.add_argument("--end", metavar="TIME", help="end it there (default: its end)")
    parser.add_argument(
        "--no-crop",
        dest="crop",
        action="store_false",
        help="take portrait and video as they are: squares cropped to the head already",
    )
    parser.add_argument(
        "--model", default="compact", metavar="NAME", help="weights (default: compact)"
    )
    parser.add_argument(
        "--engine",
        default="auto",
        metavar="NAME[:PRECISION]",
        help="what runs them, such as ov (avatar engines lists them); default: auto, the fastest "
        "of full precision",
    )
    add_motion_options(parser)
    return parser


def run(args: argparse.Namespace) -> int:
    """Render one pair or many; returns the exit code."""
    from avatar.offline.batch import is_batch
    from avatar.offline.excerpt import Excerpt, parse_time
    from avatar.offline.order import RenderConfig
    from avatar.offline.render import render

    config = RenderConfig(
        portrait=args.portrait,
        driving=args.driving,
        output=args.output,
        model=args.model,
        engine=args.engine,
        motion=motion_settings(args),
        crop=args.crop,
        fps=args.fps,
        best_frame=args.best_frame,
        paste_back=args.paste_back,
        side_by_side=args.side_by_side,
        excerpt=Excerpt(
            Fraction(0) if args.start is None else parse_time(args.start),
            None if args.end is None else parse_time(args.end),
        ),
    )
    if is_batch(config.portrait, config.driving):
        from avatar.cli.batch import run_batch

        return run_batch(config)
    with Bar() as bar, interruptible() as stop:
        report = render(config, bar.show, stop.is_set)
    for warning in report.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if report.neutral is not None:
        print(f"neutral pose: frame {report.neutral} of {args.driving}")
    print(
        f"{report.output}: {report.frames} frames in {report.seconds:.1f} s "
        f"({report.fps:.1f} fps), sound {report.sound}, "
        f"engine {report.engine} ({report.reason})"
    )
    return 0
