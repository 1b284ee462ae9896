"""The report: figures with what they were made by and of, as one JSON object."""

import json
import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from avatar.errors import OutputError
from tools.evaluation.bootstrap import Estimate, estimate
from tools.evaluation.evaluation import Result
from tools.evaluation.halves import HALVES, half_of
from tools.evaluation.methods import Method
from tools.evaluation.metrics import METRICS
from tools.evaluation.scorers import Scorer
from tools.evaluation.turns import Turned, by_size, gains

FORMAT = "avatar-evaluation-1"


@dataclass(frozen=True)
class Setup:
    """How the figures were made, as far as it is known before the first.

    Attributes:
        settings: the command's options and what they led to (model files with their SHA-256,
            engine, versions), for people.
        methods: in the order of the table.
        chosen: the metrics.
        absent: why the others were not measured, by name.
        scorers: the networks that judged.
        halves: tell the figures of even-numbered and of odd-numbered people apart too.
    """

    settings: Mapping[str, Any]
    methods: Sequence[Method]
    chosen: Sequence[str]
    absent: Mapping[str, str]
    scorers: Sequence[Scorer]
    halves: bool = False


@dataclass(frozen=True)
class Report:
    """A setup and what came of it."""

    setup: Setup
    result: Result

    def table(self) -> dict[str, dict[str, Estimate]]:
        """Estimates by method's name and metric; a metric without a single figure is missing."""
        rows: dict[str, dict[str, Estimate]] = {}
        for method in self.setup.methods:
            rows[method.name] = row = {}
            figures = [(t, o[method.name].figures()) for t, o in self.result.outcomes]
            for name in self.setup.chosen:
                found = [(f[name], trial.people) for trial, f in figures if name in f]
                if found:
                    values, people = [v for v, _ in found], [p for _, p in found]
                    row[name] = estimate(values, people, median=METRICS[name].median)
        return rows

    def by_half(self) -> dict[str, "Report"]:
        """A report on each of :data:`HALVES` that has trials; none unless they are wanted.

        Raises:
            InputError: a person has no number.
        """
        if not self.setup.halves:
            return {}
        found: dict[str, Report] = {}
        halves = [half_of(trial.people) for trial, _ in self.result.outcomes]
        for half in HALVES:
            both = zip(halves, self.result.outcomes, strict=True)
            if outcomes := [outcome for of, outcome in both if of == half]:
                found[half] = Report(self.setup, Result(outcomes, [], self.result.complete))
        return found

    def turns(self, method: str) -> list[Turned]:
        """How the head turned in every frame of a method in which poses are known."""
        return [
            turned
            for _, outcomes in self.result.outcomes
            for turned in outcomes[method].turns
            if turned is not None
        ]

    def to_json(self) -> dict[str, Any]:
        """The whole report; figures rounded to 6 digits, NaN as null.

        Raises:
            InputError: halves are wanted, and a person has no number.
        """
        return {
            "format": FORMAT,
            "complete": self.result.complete,
            "settings": dict(self.setup.settings),
            "scorers": [asdict(scorer) for scorer in self.setup.scorers],
            "metrics": {
                name: {
                    "title": METRICS[name].title,
                    "unit": METRICS[name].unit,
                    "better": METRICS[name].better,
                    "definition": METRICS[name].definition,
                }
                for name in self.setup.chosen
            },
            "not_measured": dict(self.setup.absent),
            "left_out": [asdict(one) for one in self.result.left_out],
            "methods": self._methods(),
            **{half: {"methods": report._methods()} for half, report in self.by_half().items()},
            "trials": [
                {
                    "name": trial.name,
                    "people": list(trial.people),
                    "portrait": [trial.portrait.clip.name, trial.portrait.index],
                    "driver": trial.driving[0].clip.name,
                    "frames": [shot.index for shot in trial.driving],
                    "figures": {
                        name: {
                            "mean": _rounded(outcome.figures()),
                            "frames": [_rounded(frame) for frame in outcome.frames],
                            "turns": [_pair(turned) for turned in outcome.turns],
                        }
                        for name, outcome in outcomes.items()
                    },
                }
                for trial, outcomes in self.result.outcomes
            ],
        }

    def _methods(self) -> list[dict[str, Any]]:
        table = self.table()
        told = []
        for method in self.setup.methods:
            figures = {k: _rounded(asdict(e)) for k, e in table[method.name].items()}
            one = {"name": method.name, "kind": method.kind, "about": method.about}
            told.append({**one, "figures": figures, **self._of_turns(method.name)})
        return told

    def _of_turns(self, method: str) -> dict[str, Any]:
        turns = self.turns(method)
        if not turns or "turn_error" not in self.setup.chosen:
            return {}
        rows = [_rounded(row) for row in by_size(turns)]
        return {"turns_by_size": rows, "turn_gains": _rounded(gains(turns))}

    def write(self, path: Path) -> None:
        """Write it as JSON, whole or not at all.

        Raises:
            OutputError: it cannot be written.
            InputError: as for :meth:`to_json`.
        """
        text = json.dumps(self.to_json(), ensure_ascii=False, allow_nan=False, indent=1)
        write_text(path, text + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8, whole or not at all; an older one is replaced.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            os.chmod(temporary, 0o644)  # mkstemp makes it private
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror}.",
            hint="Check that the folder exists, is writable and has space.",
        ) from error


def _pair(turned: Turned | None) -> dict[str, list[float]] | None:
    """Pitch, yaw and roll as asked and as made, in degrees to two digits."""
    if turned is None:
        return None
    return {
        "asked": [round(float(value), 2) for value in turned.asked],
        "made": [round(float(value), 2) for value in turned.made],
    }


def _rounded(figures: Mapping[str, float | int]) -> dict[str, float | int | None]:
    return {
        name: round(value, 6) if math.isfinite(value) else None for name, value in figures.items()
    }
