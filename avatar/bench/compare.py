"""Comparing a report with an older one."""

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from avatar.bench.machine import differences
from avatar.errors import InputError

FIGURES: dict[str, tuple[str, ...]] = {
    "fps": ("fps",),
    "pipeline fps": ("pipeline_fps",),
    "x reference": ("ratio_to_reference",),
    "PSNR dB": ("psnr_db",),
    "frame age p50": ("frame_age_ms", "p50"),
    "frame age p95": ("frame_age_ms", "p95"),
    "start s": ("startup_s",),
    "memory MB": ("peak_rss_mb",),
}
"""What is compared: by its name for people, where it stands in a result."""

LARGEST = 64 * 2**20
"""Bytes; a report has some thousand."""


def read_report(path: Path) -> dict[str, Any]:
    """A report as ``--out`` or ``--json`` wrote it; of saved output, the last line.

    Raises:
        InputError: it cannot be read, or is no report of the bench.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} is too large for a report of the bench.", hint=_HINT)
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InputError(
            f"The report {path} cannot be read: {error.strerror}.", hint="Check the path."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text, expected a report in JSON.", hint=_HINT) from error
    return parse_report(text, str(path))


_HINT = "Give a file that avatar bench --out wrote, or its --json output."


def parse_report(text: str, name: str) -> dict[str, Any]:
    """A report from its text, checked as far as comparing needs it.

    Raises:
        InputError: it is none.
    """
    report: Any = None
    for part in (text, text[text.rfind("\n") + 1 :]):
        try:
            report = json.loads(part)
            break
        except (ValueError, RecursionError):
            continue
    if report is None:
        raise InputError(f"{name} is no JSON: it is damaged, or something else.", hint=_HINT)
    if (
        not isinstance(report, dict)
        or not isinstance(report.get("machine"), dict)
        or not isinstance(report.get("results"), list)
    ):
        raise InputError(
            f"{name} is JSON, but no report of the bench: it needs machine and results.",
            hint=_HINT,
        )
    for place, result in enumerate(report["results"]):
        names = ("model", "engine", "precision")
        if not isinstance(result, dict) or not all(isinstance(result.get(n), str) for n in names):
            raise InputError(
                f"{name}: result {place + 1} does not say its model, engine and precision.",
                hint=_HINT,
            )
    return report


def compare(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Figures that both have, as {"model", "engine", "figure", "old", "new", "ratio"}; and notes:
    how the machines differ, and what only one of them has."""
    notes = [
        f"The machines differ, so ratios tell little of the code ({difference})."
        if difference.split(":")[0] in ("cpu", "cores", "os", "gpu")
        else f"Another version: {difference}."
        for difference in differences(old["machine"], new["machine"])
    ]
    before = {_key(result): result for result in old["results"]}
    rows: list[dict[str, Any]] = []
    for result in new["results"]:
        model, engine, precision = _key(result)
        past = before.pop((model, engine, precision), None)
        label = f"{engine}:{precision}" if precision else engine
        if past is None:
            notes.append(f"{model} {label} is not in the old report.")
            continue
        for figure, where in FIGURES.items():
            a, b = _figure(past, where), _figure(result, where)
            if a is not None and b is not None:
                ratio = b / a if a else None
                ratio = ratio if ratio is not None and isfinite(ratio) else None
                rows.append(
                    {"model": model, "engine": label, "figure": figure, "old": a, "new": b,
                     "ratio": ratio}
                )  # fmt: skip
    notes += [f"{model} {engine}:{p} is only in the old report." for model, engine, p in before]
    return rows, notes


def _key(result: Mapping[str, Any]) -> tuple[str, str, str]:
    return result["model"], result["engine"], result["precision"]


def _figure(result: Any, where: Sequence[str]) -> float | None:
    for name in where:
        result = result.get(name) if isinstance(result, dict) else None
    if isinstance(result, bool) or not isinstance(result, (int, float)):
        return None
    try:
        return float(result) if isfinite(result) else None
    except OverflowError:
        return None
