"""A fuzz run: damages files, has a process of its own read each, keeps those that do harm."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.fuzz import seeds
from tools.fuzz.mutate import mutated

ROOT = Path(__file__).resolve().parents[2]

WALL_S = 20.0
"""Without an answer for so long a process hangs, however busy the machine; see also
:data:`tools.fuzz.worker.CPU_S`."""

START_S = 120.0
"""For importing everything and reading the whole files."""


@dataclass
class Find:
    """A file that did harm: which seed it was made from, what happened, where it is kept."""

    seed: str
    kind: str
    what: str
    kept: Path


@dataclass
class Result:
    """What came of a run.

    Attributes:
        cases: damaged files read.
        read: those that could be read nevertheless; all others were refused with an AvatarError.
        finds: see :class:`Find`.
        whole: what was said of each whole file.
        by_seed: cases by the file they were made from.
        slowest_s: most work on one file, seconds of CPU time.
        grown_mb: most memory beyond that after warming up.
    """

    cases: int = 0
    read: int = 0
    finds: list[Find] = field(default_factory=list)
    whole: dict[str, str] = field(default_factory=dict)
    by_seed: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    grown_mb: int = 0


class Reading:
    """The process that reads; started again when a file ended it."""

    def __init__(self, whole: list[Path], folder: Path) -> None:
        self._whole = whole
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self.said: dict[str, str] = {}

    def read(self, path: Path) -> dict[str, Any]:
        """Its answer for a file; ``error`` or ``ended`` in it mean harm."""
        if self._process is None:
            self._start()
        answer = self._ask(str(path), WALL_S)
        if "ended" in answer:
            self.close()
        return answer

    def close(self) -> None:
        """End the process; idempotent."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _start(self) -> None:
        argv = [sys.executable, "-m", "tools.fuzz.worker"]
        self._process = subprocess.Popen(
            argv,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for seed in self._whole:
            with tempfile.TemporaryDirectory(dir=self._folder) as folder:
                answer = self._ask(str(shutil.copy(seed, folder)), START_S)
            if "said" not in answer:
                self.close()
                raise RuntimeError(f"the whole file {seed.name} cannot be read: {answer}")
            self.said[seed.name] = answer["said"]
        self._ask("", START_S)

    def _ask(self, line: str, within_s: float) -> dict[str, Any]:
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        late = threading.Event()

        def kill() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(within_s, kill)
        timer.start()
        try:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
            found = process.stdout.readline()
        except OSError:
            found = ""
        finally:
            timer.cancel()
            timer.join()
        if found:
            answer: dict[str, Any] = json.loads(found)
            return answer
        return {"ended": "hang" if late.is_set() else how(process.wait())}


def fuzz(
    cases: int,
    seed: int,
    keep: Path,
    *,
    seconds: float = float("inf"),
    kinds: tuple[str, ...] = (),
    tell: Callable[[Result], None] = lambda result: None,
) -> Result:
    """Read ``cases`` damaged files, or as many as fit into ``seconds``.

    Args:
        cases: how many.
        seed: of the damages; the same files for the same seed.
        keep: folder for files that do harm.
        seconds: of time.
        kinds: endings of the files to damage (".png"); all if empty.
        tell: called after every case.
    """
    result = Result()
    draw = random.Random(seed)
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="avatar-fuzz-", dir=quick_folder()) as name:
        folder = Path(name)
        (folder / "whole").mkdir()
        whole = seeds.make(folder / "whole")
        if kinds:
            whole = [path for path in whole if path.name.endswith(kinds)]
        contents = [(path.name, path.read_bytes()) for path in whole]
        reading = Reading(whole, folder)
        try:
            while result.cases < cases and time.monotonic() < end:
                number = result.cases
                file, content = contents[draw.randrange(len(contents))]
                damaged = mutated(content, f"{seed}/{number}/{file}")
                case = folder / str(number)
                case.mkdir()
                path = case / file
                path.write_bytes(damaged)
                answer = reading.read(path)
                shutil.rmtree(case)
                result.cases += 1
                result.by_seed[file] += 1
                result.read += answer.get("said") == "read"
                result.slowest_s = max(result.slowest_s, answer.get("took_s", 0.0))
                result.grown_mb = max(result.grown_mb, answer.get("grown_mb", 0))
                if "said" not in answer:
                    keep.mkdir(parents=True, exist_ok=True)
                    kept = keep / f"{seed}-{number}-{file}"
                    kept.write_bytes(damaged)
                    what = answer.get("ended") or f"{answer['error']} at {answer['where']}"
                    kind = "error" if "error" in answer else "ended"
                    result.finds.append(Find(file, kind, what, kept))
                tell(result)
        finally:
            reading.close()
        result.whole = reading.said
    return result


def quick_folder() -> Path | None:
    """A file system in memory where there is one: our writers wait for the disk at every file."""
    folder = Path("/dev/shm")
    return folder if os.access(folder, os.W_OK) else None


def how(code: int) -> str:
    """What an exit code of a process that should not have ended means."""
    if code == -signal.SIGPROF:
        return "hang: too much work"
    if code < 0:
        return f"crash: {signal.Signals(-code).name}"
    return f"exit {code}"
