"""``avatar engines``: how the networks can be run here, how fast, and which way is chosen."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from avatar.cli.interrupt import interruptible

if TYPE_CHECKING:
    from avatar.choosing.candidates import Candidate
    from avatar.choosing.choice import Chooser
    from avatar.choosing.plan import Plan
    from avatar.choosing.speeds import Speed

WIDE = 240
"""Columns of the table where it is not printed to a terminal."""


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> argparse.ArgumentParser:
    """Describe ``avatar engines``."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "engines",
        help="list the engines",
        description="List the engines (ways of running the networks), whether each can run here, "
        "how fast it was, and which one is taken by itself.",
    )
    parser.add_argument("--model", default="compact", help="weights: name or file (%(default)s)")
    parser.add_argument(
        "--measure",
        action="store_true",
        help="measure every engine, and make what takes less than a minute to make",
    )
    parser.add_argument("--json", action="store_true", help="print the table as one line of JSON")
    return parser


def run(args: argparse.Namespace) -> int:
    """List them.

    Raises:
        WeightsError: the weights are missing or damaged.
        Cancelled: measuring was interrupted.
    """
    from avatar.choosing.choice import Chooser
    from avatar.errors import EngineError
    from avatar.weights import describe

    chooser = Chooser(lambda: describe(args.model))
    failed = _measure(chooser) if args.measure else {}
    plan: Plan | None = None
    verdict = ""
    try:
        plan = chooser.plan(failed)
        verdict = _verdict(plan)
    except EngineError as error:
        verdict = f"{error.message} {error.hint}"
    candidates, speeds = chooser.candidates(), chooser.speeds()
    if args.json:
        print(json.dumps(_report(args.model, chooser, candidates, speeds, failed, plan)))
    else:
        _show(candidates, speeds, failed, plan)
        print(f"\n{args.model}, auto: {verdict}")
        if chooser.gpu is not None:
            print(f"GPU: {chooser.gpu}, driver {chooser.gpu.driver or 'does not answer'}")
    return 0


def _measure(chooser: "Chooser") -> dict[str, str]:
    """Measure with a progress bar on stderr; why some were not."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
    )
    with bar, interruptible() as stop:
        task = bar.add_task("Measuring", total=1.0)
        failed = chooser.measure_all(
            lambda share, what: bar.update(task, completed=share, description=what), stop.is_set
        )
        bar.update(task, completed=1.0, description="Measured")
    return failed


def _verdict(plan: "Plan") -> str:
    """What is taken by itself, and why, in a sentence."""
    better = "" if plan.better is None else f" {plan.better.label} is built meanwhile."
    rejected = "".join(f"\n  not {name}: {why}" for name, why in plan.rejected.items())
    if plan.taken is None:
        names = ", ".join(candidate.label for candidate in plan.contest)
        return f"the next start measures {names}, and takes the fastest.{better}{rejected}"
    return f"takes {plan.taken.label}: {plan.reason}.{better}{rejected}"


def _show(
    candidates: "list[Candidate]",
    speeds: "dict[str, Speed]",
    failed: dict[str, str],
    plan: "Plan | None",
) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title, side in (("", "left"), ("engine", "left"), ("precision", "left")):
        table.add_column(title, justify=side, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("ms a frame", justify="right", no_wrap=True)
    table.add_column("rank", justify="right", no_wrap=True)
    table.add_column("state", overflow="fold")
    for c in candidates:
        taken = plan is not None and plan.taken is not None and plan.taken.label == c.label
        speed = speeds.get(c.label)
        table.add_row(
            "*" if taken else "",
            c.name,
            c.precision,
            f"{speed.ms:.1f}" if speed is not None else "",
            str(c.rank),
            Text(_state(c, failed.get(c.label, ""))),
        )
    # Into a pipe nothing is folded to the width of a terminal that is not there.
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def _state(candidate: "Candidate", failed: str) -> str:
    text = candidate.state.value + (f": {candidate.why}" if candidate.why else "")
    if candidate.rank < 0:
        text += ", only when asked for"
    return f"{text}; {failed}" if failed else text


def _report(
    model: str,
    chooser: "Chooser",
    candidates: "list[Candidate]",
    speeds: "dict[str, Speed]",
    failed: dict[str, str],
    plan: "Plan | None",
) -> dict[str, Any]:
    taken = None if plan is None or plan.taken is None else plan.taken.label
    return {
        "model": model,
        "gpu": None
        if chooser.gpu is None
        else {"name": chooser.gpu.name, "driver": chooser.gpu.driver},
        "auto": {
            "takes": taken,
            "reason": "" if plan is None else plan.reason,
            "measures": [] if plan is None else [c.label for c in plan.contest],
            "builds": None if plan is None or plan.better is None else plan.better.label,
            "rejected": {} if plan is None else dict(plan.rejected),
        },
        "engines": [
            {
                "engine": c.name,
                "precision": c.precision,
                "label": c.label,
                "rank": c.rank,
                "state": c.state.name.lower(),
                "why": c.why,
                "failed": failed.get(c.label, ""),
                "ms": round(speeds[c.label].ms, 2) if c.label in speeds else None,
                "measured": speeds[c.label].day if c.label in speeds else None,
            }
            for c in candidates
        ],
    }
