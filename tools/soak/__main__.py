"""``python -m tools.soak``: the app under load for minutes or hours; fails on growth and hangs."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console

from avatar.arenas import limit_arenas
from avatar.config import SYNTHETIC, RunConfig
from avatar.errors import AvatarError
from tools.soak.report import Report


def main(argv: Sequence[str] | None = None) -> int:
    """Soak as asked: 0 when nothing grew or hung, 1 when something did, 2 on bad usage."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (%(default)s)")
    parser.add_argument(
        "--camera",
        default=SYNTHETIC,
        metavar="WHICH",
        help="a camera, or a face video, which is looped (the bundled driver)",
    )
    parser.add_argument("--engine", default="auto", help="engine (%(default)s)")
    parser.add_argument("--model", default="compact", help="weights (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of what is done to it (%(default)s)")
    parser.add_argument(
        "--window",
        action="store_true",
        help="with the window, and measure how long its event loop stands still",
    )
    parser.add_argument(
        "--pause",
        type=float,
        default=50.0,
        metavar="MS",
        help="longest pause of the event loop that passes (%(default)s); busy machines need more",
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON on the last line")
    args = parser.parse_args(argv)
    if not args.minutes > 0:
        parser.error(f"got {args.minutes:g} minutes, expected more than 0")
    limit_arenas()  # as in the app itself
    console = Console(stderr=True)
    try:
        report = _soak(args, console)
    except AvatarError as error:
        print(f"error: {error.message}\n  what to do: {error.hint}", file=sys.stderr)
        return error.exit_code
    report.show(console)
    if args.json:
        print(json.dumps(report.as_json()), flush=True)
    return 1 if report.troubles else 0


def _soak(args: argparse.Namespace, console: Console) -> Report:
    config = RunConfig(camera=args.camera, engine=args.engine, model=args.model)
    config = replace(config, headless=not args.window, loop=config.reads_a_file)
    with console.status("Starting ...") as status:

        def tell(seconds: float, last: str) -> None:
            status.update(f"{seconds / 60:.1f} of {args.minutes:g} minutes  {last}")

        if args.window:
            from tools.soak.window import soak

            return soak(config, args.minutes * 60, args.seed, args.pause, tell)
        from tools.soak.headless import soak as soak_headless

        return soak_headless(config, args.minutes * 60, args.seed, tell)


if __name__ == "__main__":
    sys.exit(main())
