"""``avatar doctor``: whether the app can run here, and what to do where it cannot."""

import argparse
import contextlib
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avatar.cli.interrupt import interruptible
from avatar.errors import UsageError

if TYPE_CHECKING:
    from avatar.doctor.examination import Examined
    from avatar.doctor.roster import Check

WIDE = 160
"""Columns of the table where it is not printed to a terminal."""

COLOURS = {"ok": "green", "warning": "yellow", "failed": "red", "skipped": "dim"}

NAMES = (
    "settings", "places", "memory", "gpu", "weights", "face", "engines", "cameras",
    "virtual_camera", "qt",
)  # fmt: skip
"""Of the checks, so that --help needs none of them."""


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> argparse.ArgumentParser:
    """Describe ``avatar doctor``."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "doctor",
        help="find out what works here, and what to do where it does not",
        description="Run every engine on a picture, open every camera and the virtual camera, and "
        "look at weights, the window's toolkit, GPU, memory, disk and settings. Ends with 0 when "
        "the app can run here, else with 1. Nothing is sent anywhere.",
    )
    parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")
    parser.add_argument(
        "--bundle",
        type=Path,
        metavar="FILE.zip",
        help="also write a zip for an issue report: without user and host names, home folders and "
        "names of pictures",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=NAMES,
        metavar="NAME",
        help=f"only this check; can be given again ({', '.join(NAMES)})",
    )
    parser.add_argument("--model", default="compact", help="weights: name or file (%(default)s)")
    parser.add_argument(
        "--timeout",
        type=float,
        default=180.0,
        metavar="SECONDS",
        help="for everything together (%(default)g)",
    )
    return parser


def run(args: argparse.Namespace) -> int:
    """Examine and report.

    Raises:
        UsageError: no time at all.
        OutputError: the bundle cannot be written.
        Cancelled: Ctrl-C.
    """
    from avatar.bench.machine import describe
    from avatar.doctor.apart import Apart
    from avatar.doctor.bundle import bundle
    from avatar.doctor.report import can_run, exit_code, report
    from avatar.doctor.roster import roster
    from avatar.doctor.settings import settings_file
    from avatar.logs.folder import newest

    if not args.timeout > 0:
        raise UsageError(
            f"Got {args.timeout:g} seconds for everything.", hint="Give more than 0, such as 180."
        )
    checks = roster(args.model)
    needed = [check.name for check in checks if check.needed]
    chosen = [check for check in checks if not args.only or check.name in args.only]
    with _noted() as notes, interruptible() as stop:
        examined = _examined(chosen, Apart(stop.is_set, args.timeout))
        ready = can_run(examined, needed)
        made = report(examined, ready, describe())
    if args.json:
        print(json.dumps(made))
    else:
        _show(examined, ready)
    if args.bundle is not None:
        files = bundle(args.bundle, made, settings_file(), notes, newest())
        print(f"{args.bundle}: {', '.join(files)}. Look through it first.", file=sys.stderr)
    return exit_code(examined, ready)


def _examined(checks: "Sequence[Check]", apart: Any) -> "list[Examined]":
    """Run them with a progress bar on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from avatar.doctor.examination import examine

    bar = Progress(
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=len(checks))
        found = []
        for each in examine(checks, apart, lambda c: bar.update(task, description=c.doing)):
            found.append(each)
            bar.advance(task)
        return found


@contextlib.contextmanager
def _noted() -> Iterator[list[str]]:
    """What is logged meanwhile, from "info" on, whatever is shown."""
    from avatar.doctor.bundle import Notes

    notes, ours = Notes(), logging.getLogger("avatar")
    level, shown = ours.level, ours.isEnabledFor(logging.INFO)
    ours.addHandler(notes)
    ours.setLevel(min(level or logging.INFO, logging.INFO))
    ours.propagate = shown  # else it would be printed, asked for or not
    try:
        yield notes.lines
    finally:
        ours.removeHandler(notes)
        ours.setLevel(level)
        ours.propagate = True


def _show(examined: "Sequence[Examined]", ready: bool | None) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from avatar.doctor.report import verdict

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    table.add_column("what", no_wrap=True)
    table.add_column("found", overflow="fold")
    for each in examined:
        for finding in each.findings:
            status = finding.status.value
            told = Text(finding.found)
            if finding.cure:
                told.append(f"\n-> {finding.cure}", style="bold")
            table.add_row(Text(status, style=COLOURS[status]), finding.name, told)
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    console.print(table)
    console.print()
    console.print(Text(verdict(ready), style="bold"))
