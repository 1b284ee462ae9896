"""The report: everything that was found, as JSON with keys that stay.

format     1; changes when a key is renamed or gone, not when one is added
avatar     version of the app
can_run    whether the main job can run: an engine, face tracking and a portrait; null when not all
           of these were looked at
machine    as in the reports of avatar bench: cpu, cores, memory_gb, os, python, versions, gpu, ...
findings   a list: check (see --only), name, status (ok, warning, failed, skipped), found, cure
           (what to do, may be empty), details (figures, by check)
seconds    how long each check took
"""

from collections.abc import Mapping, Sequence
from typing import Any

from avatar import __version__
from avatar.doctor.examination import Examined
from avatar.doctor.finding import Status

FORMAT = 1


def can_run(examined: Sequence[Examined], needed: Sequence[str]) -> bool | None:
    """Whether the main job can run; None when not everything that it needs was looked at.

    Args:
        examined: what was run.
        needed: names of the checks that matter.
    """
    by_name = {each.check.name: each for each in examined}
    known = [_serves(by_name[name]) for name in needed if name in by_name]
    if False in known:
        return False
    return True if len(known) == len(needed) and None not in known else None


def _serves(each: Examined) -> bool | None:
    """Whether the main job has what it needs; None when time was over before that was known."""
    if each.complete or (each.serves and each.check.needed == "any"):
        return each.serves
    return None


def exit_code(examined: Sequence[Examined], ready: bool | None) -> int:
    """0 when the main job can run; of checks asked for by name, when nothing in them failed."""
    if ready is not None:
        return 0 if ready else 1
    failed = any(f.status is Status.FAILED for each in examined for f in each.findings)
    return 1 if failed or not all(each.complete for each in examined) else 0


def report(
    examined: Sequence[Examined], ready: bool | None, machine: Mapping[str, Any]
) -> dict[str, Any]:
    """The report, ready for JSON."""
    return {
        "format": FORMAT,
        "avatar": __version__,
        "can_run": ready,
        "machine": dict(machine),
        "findings": [
            {
                "check": each.check.name,
                "name": finding.name,
                "status": finding.status.value,
                "found": finding.found,
                "cure": finding.cure,
                "details": dict(finding.details),
            }
            for each in examined
            for finding in each.findings
        ],
        "seconds": {each.check.name: each.seconds for each in examined},
    }


def verdict(ready: bool | None) -> str:
    """The last line for people."""
    if ready is None:
        return "Only a part was looked at."
    if ready:
        return "The app can run here."
    return "The app cannot run here: see what failed above."
