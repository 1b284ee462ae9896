"""Every gate, one command: ``python -m tools.check``. Continuous integration runs the same.

Prints a line per gate with its time, goes on after a failure, and exits 1 if any gate failed. A
gate that passes is silent but for its line; pytest always shows what it is doing.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("avatar", "engines", "ui")
LEFT_OUT = "avatar/assets/docs/"
"""Pictures of the README: in the repository, not in the wheel."""
GRAPHS = "avatar/assets/compact.graphs"
"""What an installation without PyTorch runs."""

Check = Callable[[], str]
"""A gate's work: returns the complaints to print, empty when it passes."""


@dataclass(frozen=True)
class Gate:
    """One named check."""

    name: str
    check: Check


def command(*argv: str, shown: bool = False) -> Check:
    """A gate that runs a command in the repository root; ``shown`` lets its output through."""

    def check() -> str:
        if shown:
            code = subprocess.run(argv, cwd=ROOT).returncode
            return f"exit code {code}" if code else ""
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)
        output = f"{done.stdout}{done.stderr}".strip()
        return (output or f"exit code {done.returncode}") if done.returncode else ""

    return check


def expected_files(root: Path) -> set[str]:
    """What the wheel must hold: every file of the packages, as posix paths relative to ``root``."""
    found = set()
    for package in PACKAGES:
        for path in (root / package).rglob("*"):
            name = path.relative_to(root).as_posix()
            if not path.is_file() or "__pycache__" in path.parts or path.suffix == ".tmp":
                continue
            if not name.startswith(LEFT_OUT):
                found.add(name)
    return found


def wheel_problems(names: Iterable[str], expected: set[str]) -> list[str]:
    """What is wrong with a wheel that holds ``names``, one sentence each."""
    held = {name for name in names if ".dist-info/" not in name and not name.endswith("/")}
    problems = [f"missing from the wheel: {name}" for name in sorted(expected - held)]
    problems += [f"should not be in the wheel: {name}" for name in sorted(held - expected)]
    problems += [
        f"the wheel holds nothing of {package}/"
        for package in (*PACKAGES, "avatar/assets", GRAPHS)
        if not any(name.startswith(f"{package}/") for name in held)
    ]
    return problems


def check_wheel() -> str:
    """Build the wheel without the network and compare it with the packages on disk."""
    with tempfile.TemporaryDirectory() as folder:
        build = command(
            *(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
        )
        if failure := build():
            return failure
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return "\n".join(wheel_problems(archive.namelist(), expected_files(ROOT)))


def gates() -> list[Gate]:
    """All gates, the quick ones first."""
    python = sys.executable
    linter = "from importlinter.cli import lint_imports as lint"
    imports = f"{linter}; raise SystemExit(lint(no_logo=True))"
    return [
        Gate("lint", command(python, "-m", "ruff", "check", "--output-format", "concise", ".")),
        Gate(
            "format",
            command(python, "-m", "ruff", "format", "--check", "--output-format", "concise", "."),
        ),
        Gate("types", command(python, "-m", "mypy")),
        Gate("imports", command(python, "-c", imports)),
        Gate("wheel", check_wheel),
        Gate("tests", command(python, "-m", "pytest", "-q", shown=True)),
    ]


def run(chosen: Sequence[Gate]) -> list[str]:
    """Run the gates in order, printing as they end; returns the names of those that failed."""
    failed = []
    for gate in chosen:
        start = time.monotonic()
        complaints = gate.check()
        took_s = time.monotonic() - start
        verdict = "FAILED" if complaints else "ok"
        print(f"{gate.name:<8} {verdict:<6} {took_s:6.1f} s", flush=True)
        if complaints:
            failed.append(gate.name)
            print(complaints, flush=True)
    return failed


def main(argv: Sequence[str] | None = None, all_gates: Sequence[Gate] | None = None) -> int:
    """Run the gates asked for; returns 1 if any failed."""
    all_gates = gates() if all_gates is None else all_gates
    parser = argparse.ArgumentParser(prog="python -m tools.check", description=__doc__)
    parser.add_argument("--only", choices=[gate.name for gate in all_gates], action="append")
    parser.add_argument("--no-tests", action="store_true", help="every gate but the tests")
    args = parser.parse_args(argv)
    chosen = [
        gate
        for gate in all_gates
        if (not args.only or gate.name in args.only)
        and not (args.no_tests and gate.name == "tests")
    ]
    if not chosen:
        parser.error("nothing is left to run")
    failed = run(chosen)
    print(f"failed: {', '.join(failed)}" if failed else f"all {len(chosen)} gates passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
