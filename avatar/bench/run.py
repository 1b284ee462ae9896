"""Running the bench, from what is asked for to the report."""

import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from avatar.bench import machine
from avatar.bench.config import BenchConfig
from avatar.bench.figures import spread
from avatar.bench.models import Model, find
from avatar.bench.rounds import Rounds, Tell
from avatar.bench.subject import REFERENCE, Subject, wanted_engines
from avatar.engine import engines
from avatar.errors import Cancelled

__all__ = ["BenchConfig", "bench"]

WIDE = 0.2
"""Spread of a subject's rounds from which the machine is not called quiet."""


def bench(config: BenchConfig, tell: Tell, cancelled: Callable[[], bool]) -> dict[str, Any]:
    """The report: machine, results, notes; ``"complete": False`` when it was cancelled.

    Raises:
        AvatarError: nothing can be measured: unknown engine or model, unusable clip.
    """
    subjects, models = _subjects(config)
    about = machine.describe()
    run = Rounds(config, subjects, tell, cancelled)
    complete = True
    try:
        with tempfile.TemporaryDirectory(prefix="avatar-bench-") as folder:
            run.all(Path(folder), models)
    except Cancelled:
        complete = False
    finally:
        run.end()
    about["matmul"] = run.matmul
    notes = [*machine.warnings(about), *run.notes]
    rows = [row.to_json(run.row_of(row.subject.model, REFERENCE), run.matmul) for row in run.rows]
    wide = [row.subject.label for row in run.rows if spread(row.frame_ms) > WIDE]
    if wide:
        notes.append(
            f"The rounds of {', '.join(wide)} differ by more than {WIDE:.0%}: the machine is not "
            "quiet."
        )
    return {"machine": about, "results": rows, "notes": notes, "complete": complete}


def _subjects(config: BenchConfig) -> tuple[list[Subject], list[Model]]:
    found = engines()
    chosen = wanted_engines(config.engines, found)
    fakes = {name for name, engine in found.items() if engine.rank < 0}  # they need no weights
    models = [find(name) for name in dict.fromkeys(config.models)]
    subjects = []
    for model in models:
        needed = config.reference and any(name not in fakes for name, _ in chosen)
        if needed and not config.live_only and find_spec("torch"):
            subjects.append(Subject(model.name, model.weights, REFERENCE, "fp32"))
        for name, precision in chosen:
            weights = None if name in fakes else model.weights
            subjects.append(Subject(model.name, weights, name, precision))
    return subjects, models
