"""Picture quality, measured: ``python -m tools.evaluate --data FOLDER [--mode self]``

Animates clips by themselves or by each other and compares the results with what they should be, by
the papers' metrics and by our own, beside baselines and ceilings. The table goes to the terminal,
everything to ``--json FILE``, and frames with their depth, flow and attention to ``--html FOLDER``.

Ctrl-C ends it early; what is measured until then is reported and marked as incomplete. The exit
code is 0; 1 when something had to be left out; 2 when nothing could be measured; 130 when
interrupted.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from avatar.errors import AvatarError, Cancelled, InputError, UsageError
from tools.evaluation import metrics, page
from tools.evaluation.evaluation import Evaluation, Result
from tools.evaluation.exhibit import Exhibitor, exhibits
from tools.evaluation.gallery import order_of
from tools.evaluation.halves import half_of
from tools.evaluation.methods import (
    Animated,
    CopyDriver,
    CopyPortrait,
    Method,
    SimilarityMoved,
    SmallDriver,
    Warped,
)
from tools.evaluation.models import CHOICES, models
from tools.evaluation.options import MOTION, parser
from tools.evaluation.planning import Plan, Wishes, plan
from tools.evaluation.progress import Progress
from tools.evaluation.rendered import Rendered
from tools.evaluation.report import Report, Setup
from tools.evaluation.scorers import open_scorers
from tools.evaluation.scoring import Scoring
from tools.evaluation.settings import settings


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; the exit code."""
    from avatar.privacy import no_reporting

    no_reporting()
    try:
        return run(parser().parse_args(argv))
    except AvatarError as error:
        print(f"error: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  what to do: {error.hint}", file=sys.stderr)
        return error.exit_code


def run(args: argparse.Namespace) -> int:
    """Measure what the options say; the exit code.

    Raises:
        AvatarError: nothing could be measured, or a result could not be written.
    """
    from rich.console import Console

    from avatar.cli.interrupt import interruptible
    from tools.evaluation.table import rich_table, turn_table

    _check_outputs(args)
    planned = plan(
        Wishes(
            data=args.data,
            split=args.split,
            mode=args.mode,
            pair_list=args.list,
            pairs=args.pairs,
            every=args.every,
            frames=args.frames,
            limit=args.limit,
            seed=args.seed,
        )
    )
    if args.halves:
        for trial in planned.trials:
            half_of(trial.people)  # a name without a number is refused before hours of measuring
    given = {
        metrics.EMBEDDING: args.embedding,
        metrics.LANDMARKER: args.landmarker,
        metrics.FEATURES: args.features,
    }
    dense = args.every == 1 and planned.longest > 2
    with ExitStack() as stack, interruptible() as stop:
        scorers = open_scorers(args.metrics, given, same=planned.same, dense=dense)
        stack.callback(scorers.close)
        progress = stack.enter_context(Progress())
        ours = list(models(args.model, args.engine, CHOICES[args.depth], CHOICES[args.attention]))
        for model in ours:
            model.puppet.build(progress.building)
            stack.enter_context(model.puppet)
        methods = _methods(ours, _given(args, planned), alone=args.alone)
        used = settings(vars(args), planned, ours[0].puppet)
        setup = Setup(
            used, methods, scorers.chosen, scorers.absent, scorers.used, halves=args.halves
        )
        scoring = Scoring(scorers.chosen, scorers.features)
        evaluation = Evaluation(methods, scorers.observer, scoring, MOTION[args.motion])
        progress.saves(setup, args.json)
        result = evaluation.run(planned.trials, stop.is_set, progress.measured)
        result.left_out[:0] = planned.left_out
        _check_result(result)
        report = Report(setup, result)
        if args.json is not None:
            report.write(args.json)
        progress.stop()
        console = Console()
        console.print(rich_table(report, console.width))
        for half, part in report.by_half().items():
            console.print(rich_table(part, console.width, half))
        if "turn_error" in scorers.chosen and report.turns(ours[0].name):
            console.print(turn_table(report))
        if args.html is not None:
            order = order_of(scorers.chosen)
            exhibitor = Exhibitor(methods, ours[0].puppet, scorers.observer)
            shown = exhibits(report, exhibitor, evaluation, order, args.show)
            print(f"page: {page.write(args.html, report, shown, order)}")
    for one in result.left_out:
        print(f"left out: {one.what}: {one.why}", file=sys.stderr)
    if not result.complete:
        print("interrupted: the figures are of fewer trials than asked for", file=sys.stderr)
        return 130
    return 1 if result.left_out else 0


def _check_outputs(args: argparse.Namespace) -> None:
    if args.html is not None:
        page.check_folder(args.html)
    if args.json is not None and not args.json.parent.is_dir():
        raise UsageError(
            f"{args.json} cannot be written: there is no folder {args.json.parent}.",
            hint="Make it first.",
        )


def _check_result(result: Result) -> None:
    if result.outcomes:
        return
    if not result.complete:
        raise Cancelled("Interrupted before the first trial was measured.")
    first = result.left_out[0]
    raise InputError(
        f"None of {len(result.left_out)} trials could be measured. {first.what}: {first.why}"
    )


def _given(args: argparse.Namespace, planned: Plan) -> list[Rendered]:
    if args.results and (args.mode != "self" or args.list is not None):
        raise UsageError("--results goes with --mode self only.", hint="Leave one of them out.")
    found = []
    for spec in args.results:
        name, equals, folder = spec.partition("=")
        if not equals or not name or not folder:
            raise UsageError(f"--results {spec}: expected NAME=FOLDER.")
        one = Rendered(name, Path(folder), [trial.driving[0].clip for trial in planned.trials])
        if args.limit is None and args.split is None:
            planned.left_out.extend(one.left_out)
        found.append(one)
    return found


def _methods(ours: Sequence[Animated], given: Sequence[Rendered], *, alone: bool) -> list[Method]:
    first = ours[0].puppet
    found: list[Method] = [*ours, *given]
    if not alone:
        found += [CopyPortrait(), SimilarityMoved(first)]
        found += [Warped(first)] if "flow" in first.shown else []
        found += [SmallDriver(), CopyDriver()]
    names = [method.name for method in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"Two methods are called {', '.join(twice)}.", hint="Rename one.")
    return found


if __name__ == "__main__":
    sys.exit(main())
