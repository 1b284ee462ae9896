"""Known holes in the pinned packages: ``python -m tools.audit``, for information.

Asks pip-audit, which asks the package index, about every version of constraints.txt and the locks.
To pip-audit a package that its list does not know is "skipped", and even if it got no answer about
any it ends with "no known vulnerabilities"; that is told apart here.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tools import lock

NONE, HOLES, NOT_ASKED = 0, 1, 2
"""Exit codes: no known hole in what was answered, some, nothing was answered."""


def pinned() -> list[str]:
    """``NAME==VERSION`` of every package that we install somewhere, each once, sorted."""
    found = {f"{name}=={version}" for name, version in lock.constraints().items()}
    for name in lock.LOCKS:
        pins = lock.parse((lock.FOLDER / f"{name}.txt").read_text())
        found |= {f"{name}=={pin.version}" for name, pin in pins.items()}
    return sorted(found)


def ask(packages: Sequence[str], seconds: float) -> tuple[dict[str, Any] | None, str]:
    """pip-audit's report, or None and why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "packages.txt"
        listed.write_text("\n".join(packages) + "\n")
        argv = [sys.executable, "-m", "pip_audit", "--requirement", str(listed), "--no-deps"]
        options = ["--disable-pip", "--format", "json", "--progress-spinner", "off"]
        try:
            done = subprocess.run(
                [*argv, *options], capture_output=True, text=True, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return None, f"no answer within {seconds:.0f} s"
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return None, (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1][:300]
    return report, ""


def lines(report: dict[str, Any]) -> tuple[int, list[str]]:
    """The exit code and what to print for a report of pip-audit."""
    packages = report["dependencies"]
    answered = [one for one in packages if "skip_reason" not in one]
    silent = [one["name"] for one in packages if "skip_reason" in one]
    if not answered:
        return NOT_ASKED, [
            f"the list of known holes gave no answer about any of {len(packages)} packages "
            "(is it within reach?): nothing was audited"
        ]
    found = []
    for one in answered:
        for hole in one["vulns"]:
            cure = ", ".join(hole["fix_versions"]) or "no version yet"
            found.append(f"{one['name']} {one['version']}: {hole['id']}, mended in {cure}")
    summary = f"{len(found)} known holes in {len(answered)} of {len(packages)} packages"
    if silent:
        summary += f"; not known to the list: {', '.join(silent)}"
    return (HOLES if found else NONE), [*found, summary]


def main(argv: Sequence[str] | None = None) -> int:
    """Audit: 0 when no hole is known, 1 when one is, 2 when nothing could be asked."""
    parser = argparse.ArgumentParser(prog="python -m tools.audit", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="at most (%(default)s)")
    args = parser.parse_args(argv)
    if find_spec("pip_audit") is None:
        print("audit: needs pip-audit (make audit installs it): nothing was audited")
        return NOT_ASKED
    report, why = ask(pinned(), args.seconds)
    if report is None:
        print(f"audit: {why}: nothing was audited")
        return NOT_ASKED
    code, said = lines(report)
    for line in said:
        print(f"audit: {line}")
    return code


if __name__ == "__main__":
    sys.exit(main())
