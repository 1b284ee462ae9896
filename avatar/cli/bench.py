"""``avatar bench``: how fast each engine is on this machine, from the camera to the sink."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avatar.cli.interrupt import interruptible
from avatar.errors import OutputError

if TYPE_CHECKING:
    from rich.console import Console

QUICK_ROUNDS, QUICK_S = 3, 40.0

NARROW = 80
"""Columns of a report that goes to no terminal, and the fewest of one that does."""


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> argparse.ArgumentParser:
    """Describe the options of ``avatar bench``."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "bench",
        help="measure latency, speed and memory of the engines",
        description="Measure the engines on this machine: time of every stage, frames per second, "
        "age of frames at the sink of a live session, start-up, memory, and PSNR against the eager "
        "engine. Each runs in a process of its own; they take turns, so that a busy machine slows "
        "all alike. Two minutes by default.",
    )
    parser.add_argument(
        "--engine", action="append", default=[], metavar="NAME[:PRECISION]",
        help="only this engine; may be repeated (default: every one that can run here)",
    )  # fmt: skip
    parser.add_argument(
        "--model", action="append", default=[], metavar="NAME",
        help="weights: name, file or preset; may be repeated (default: compact). A preset that is "
        "not installed is measured with random weights",
    )  # fmt: skip
    parser.add_argument("--rounds", type=int, metavar="N", help="turns of each engine")
    parser.add_argument("--seconds", type=float, metavar="S", help="time for the whole bench")
    parser.add_argument("--quick", action="store_true", help="less exact, in a third of the time")
    parser.add_argument("--live", action="store_true", help="only the live sessions")
    parser.add_argument("--clip", metavar="VIDEO", help="what drives (default: the bundled driver)")
    parser.add_argument(
        "--no-crop", dest="crop", action="store_false",
        help="take the centre square of the driving picture, follow no face",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the report as the last line")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the report as JSON")
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="beside an older report")
    return parser


def run(args: argparse.Namespace) -> int:
    """Measure and print; the exit code: 0 done, 1 nothing could be measured, 130 interrupted.

    Raises:
        AvatarError: options, models or files that cannot be used.
    """
    from rich.console import Console

    from avatar.bench import report as reports
    from avatar.bench.compare import compare, read_report
    from avatar.bench.run import BenchConfig, bench
    from avatar.output import check_output

    # Options that contradict each other are refused before anything is measured.
    config = BenchConfig(
        models=args.model or ("compact",),
        engines=args.engine,
        rounds=_given(args.rounds, QUICK_ROUNDS if args.quick else BenchConfig.rounds),
        seconds=_given(args.seconds, QUICK_S if args.quick else BenchConfig.seconds),
        live_only=args.live,
        crop=args.crop,
        clip=args.clip,
    )
    old = None if args.compare is None else read_report(args.compare)
    if args.out is not None:
        check_output(args.out, suffixes=(".json",))
    with interruptible() as interrupted, Console(stderr=True).status("Starting") as status:
        report = bench(config, lambda text: status.update(_short(text)), interrupted.is_set)
    if old is not None:
        rows, notes = compare(old, report)
        report["comparison"] = rows
        report["notes"] += notes
    console = _console()
    reports.show(report, console)
    if old is not None and report["comparison"]:
        console.print(reports.comparison(report["comparison"]))
    line = json.dumps(report, allow_nan=False)
    if args.out is not None:
        _write(args.out, line)
    if args.json:
        print(line, flush=True)
    if not report["complete"]:
        return 130
    return 0 if any(not row["reason"] for row in report["results"]) else 1


def _given(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value


def _console() -> "Console":
    """Where the report goes: as wide as the terminal, else NARROW."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal or console.width < NARROW:
        console = Console(highlight=False, width=NARROW)
    return console


def _short(text: str) -> str:
    """What fits beside the spinner; square brackets are no markup."""
    from rich.markup import escape

    return escape(text if len(text) <= NARROW - 4 else text[: NARROW - 7] + "...")


def _write(path: Path, line: str) -> None:
    """Write the report, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(line + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(
            f"The report cannot be written to {path}: {error.strerror or error}.",
            hint="Give --out another place.",
        ) from error
