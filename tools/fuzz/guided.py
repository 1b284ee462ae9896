"""Fuzzing led by coverage: atheris in a process of its own for each kind of file."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.fuzz import seeds
from tools.fuzz.guided_worker import COUNTED
from tools.fuzz.run import ROOT, START_S, Find, how, quick_folder

WORKER = (sys.executable, "-m", "tools.fuzz.guided_worker")

ENDINGS = 5
"""A process that was ended so often for one kind of file is not started again."""

_PLACE = re.compile(r'File ".*?([^/"]+)", line (\d+) in')

_COVERED = re.compile(r"^#\d+\s+\w+\s+cov: (\d+) ft: (\d+)", re.MULTILINE)


@dataclass
class Explored:
    """What came of one kind of file.

    Attributes:
        kind: its ending, or its name.
        cases: damaged files read.
        read: those that could be read nevertheless.
        took_s: wall clock, importing included.
        covered: branches taken by the whole files and at the end.
        slowest_s: most CPU time on one file, in seconds.
        grown_mb: most memory beyond that after warming up.
        finds: what did harm, one for each place in the code.
    """

    kind: str
    cases: int = 0
    read: int = 0
    took_s: float = 0.0
    covered: tuple[int, int] = (0, 0)
    slowest_s: float = 0.0
    grown_mb: int = 0
    finds: list[Find] = field(default_factory=list)


def explore(
    cases: int,
    seed: int,
    keep: Path,
    *,
    seconds: float = float("inf"),
    kinds: tuple[str, ...] = (),
    tell: Callable[[Explored], None] = lambda found: None,
    worker: Sequence[str] = WORKER,
) -> list[Explored]:
    """Read up to ``cases`` damaged files of each kind, each kind for ``seconds`` at most.

    Args:
        cases: how many of each kind.
        seed: of the damages; what is found also depends on the speed of the machine.
        keep: folder for files that do harm.
        seconds: for each kind.
        kinds: endings of the files to damage (".png"); all if empty.
        tell: called after every kind.
        worker: the command to start; FOLDER NAME CASES SECONDS SEED are added.
    """
    found = []
    with tempfile.TemporaryDirectory(prefix="avatar-fuzz-", dir=quick_folder()) as name:
        folder = Path(name)
        (folder / "whole").mkdir()
        whole: dict[str, list[Path]] = {}
        for path in seeds.make(folder / "whole"):
            if not kinds or path.name.endswith(kinds):
                whole.setdefault(seeds.kind(path), []).append(path)
        for kind, paths in whole.items():
            place = folder / kind.lstrip(".")
            one = _explore(kind, paths, place, (cases, seconds, seed), keep, worker)
            shutil.rmtree(place)
            tell(one)
            found.append(one)
    return found


def _explore(
    kind: str,
    whole: Sequence[Path],
    folder: Path,
    limits: tuple[int, float, int],
    keep: Path,
    worker: Sequence[str],
) -> Explored:
    """One kind of file in ``folder``, with as many processes as it takes."""
    cases, seconds, seed = limits
    result = Explored(kind)
    for name in ("seeds", "corpus"):
        (folder / name).mkdir(parents=True)
    for path in whole:
        shutil.copy(path, folder / "seeds")
    name = kind if not kind.startswith(".") else f"a{kind}"
    (folder / "counted").write_bytes(bytes(COUNTED.size))
    began = time.monotonic()
    for attempt in range(ENDINGS):
        left_s = min(seconds - (time.monotonic() - began), 10.0**6)
        if result.cases >= cases or left_s < 1:
            break
        words = (folder, name, cases - result.cases, int(left_s), seed + attempt + 1)
        code, said = _run([*worker, *map(str, words)], left_s + START_S)
        result.took_s = time.monotonic() - began
        counted = COUNTED.unpack((folder / "counted").read_bytes())
        result.cases, result.read = int(counted[0]) + len(_ended(result)), int(counted[1])
        result.slowest_s, result.grown_mb = counted[2], round(counted[3])
        covered = [int(cov) for cov, _ in _COVERED.findall(said)]
        if covered:
            result.covered = (result.covered[0] or covered[0], max(covered))
        if code == 0 and "Done " in said:  # libFuzzer's last word; it may yet hang while it exits
            break
        if not (folder / "last").exists():
            raise RuntimeError(f"fuzzing {kind} could not start: {said[-600:].strip()}")
        result.cases += 1
        result.finds.append(_kept(keep, f"{seed}-{attempt}-{name}", folder / "last", code, said))
    result.finds += _told(folder, keep, seed, attempt=ENDINGS)
    return result


def _ended(result: Explored) -> list[Find]:
    return [find for find in result.finds if find.kind == "ended"]


def _kept(keep: Path, name: str, path: Path, code: int, said: str) -> Find:
    """The file that ended a process."""
    keep.mkdir(parents=True, exist_ok=True)
    what = how(code) if code else f"hang: the process did not end{_where(said)}"
    if "Timeout (" in said:
        what = f"hang{_where(said)}"
    return Find(name.split("-", 2)[2], "ended", what, Path(shutil.copy(path, keep / name)))


def _where(said: str) -> str:
    """Where the reading thread waited, as faulthandler tells, innermost first."""
    threads = said.rpartition("Timeout (")[2].split("\n\n") if "Timeout (" in said else []
    places = [f"{file}:{line}" for file, line in _PLACE.findall(threads[-1])] if threads else []
    return f" at {' < '.join(places[:4])}" if places else ""


def _told(folder: Path, keep: Path, seed: int, attempt: int) -> list[Find]:
    """What a process told of and survived."""
    path = folder / "finds.jsonl"
    found = []
    for number, line in enumerate(path.read_text().splitlines() if path.exists() else ()):
        told = json.loads(line)
        source = Path(told["kept"])
        keep.mkdir(parents=True, exist_ok=True)
        kept = keep / f"{seed}-{attempt + number}-{source.name.split('-', 2)[2]}"
        found.append(Find(source.name, "error", told["what"], Path(shutil.copy(source, kept))))
    return found


def _run(argv: Sequence[str], within_s: float) -> tuple[int, str]:
    """A worker's exit code, 0 if it had to be killed, and what it wrote."""
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        process = subprocess.Popen(
            argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        )
        code = 0
        try:
            code = process.wait(within_s)
        except subprocess.TimeoutExpired:
            pass
        finally:
            process.kill()
            process.wait()
        said.seek(0)
        return code, said.read()
