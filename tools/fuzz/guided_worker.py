"""The process that looks for new paths by coverage: ``python -m tools.fuzz.guided_worker``.

Started by :mod:`tools.fuzz.guided`, a process for each kind of file. atheris counts which branches
a file takes in our Python, Pillow's, and some of PyTorch's and the standard library's, keeps those
that take a new one, and damages these further; half of the damage is its own, half that of
:mod:`tools.fuzz.mutate`. Compiled code (FFmpeg) is run and its crashes are found, but not counted.
"""

import faulthandler
import json
import mmap
import os
import random
import shutil
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from tools.fuzz.worker import CPU_S, limit_memory, peak_mb

COUNTED = struct.Struct("<4d")
"""Cases, those read, most CPU seconds, most MB beyond warming up: in a mapped file, which outlives
the process."""

INSTRUMENTED = ["avatar", "PIL", "safetensors", "tomllib", "zipfile"]
"""Whose branches are counted; atheris knows whole packages only."""

WALL_S = 20.0
"""A file that takes longer hangs, however busy the machine; see also CPU_S."""

LONGEST = 2**18
"""Bytes: longer files take time and no other paths."""


class Harness:
    """Reads one file after the other under limits and keeps what did harm.

    Args:
        folder: has ``counted``; gets ``last``, the file being read, ``finds.jsonl`` and ``kept``.
        name: what every file is called; it says who reads it.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._case = folder / "case"
        self._path = self._case / name
        self._last = folder / "last"
        self._finds = folder / "finds.jsonl"
        self._kept = folder / "kept"
        self._known: set[str] = set()
        with (folder / "counted").open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), COUNTED.size)
        self._before_mb = peak_mb()
        self.wall_s = WALL_S
        self.read: Callable[[Path], str] = lambda path: ""

    def warm_up(self, seeds: list[Path]) -> None:
        """Read the whole files, so that everything is imported."""
        from tools.fuzz.readers import read

        self.read = read
        for seed in seeds:
            self._lay(seed.read_bytes())
            self.read(self._path)

    def limit(self) -> None:
        """Allow this process only so much memory more."""
        self._before_mb = limit_memory()

    def __call__(self, data: bytes) -> None:
        """What atheris calls for every file."""
        self._lay(data)
        began = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, CPU_S)
        faulthandler.dump_traceback_later(self.wall_s, exit=True)  # in compiled code too
        said = ""
        try:
            said = self.read(self._path)
        except Exception as error:
            self._keep(error, data)
        finally:
            faulthandler.cancel_dump_traceback_later()
            signal.setitimer(signal.ITIMER_PROF, 0)
        cases, read, slowest_s, grown_mb = COUNTED.unpack(self._map)
        self._map[:] = COUNTED.pack(
            cases + 1,
            read + (said == "read"),
            max(slowest_s, time.process_time() - began),
            max(grown_mb, peak_mb() - self._before_mb),
        )

    def _lay(self, data: bytes) -> None:
        shutil.rmtree(self._case, ignore_errors=True)
        self._case.mkdir()
        self._path.write_bytes(data)
        self._last.write_bytes(data)  # a reader may move the other away

    def _keep(self, error: Exception, data: bytes) -> None:
        """One file for each place where something is wrong."""
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        where = " < ".join(f"{Path(at.filename).name}:{at.lineno}" for at in reversed(frames))
        what = f"{type(error).__name__}: {str(error)[:200]} at {where}"
        if (place := f"{type(error).__name__} {where}") in self._known:
            return
        self._known.add(place)
        self._kept.mkdir(exist_ok=True)
        number = len(list(self._kept.iterdir()))
        kept = self._kept / f"guided-{number}-{self._path.name}"
        kept.write_bytes(data)
        with self._finds.open("a") as file:
            print(json.dumps({"what": what, "kept": str(kept)}), file=file)


def instrument_torch() -> None:
    """Count the branches of torch.load; in all of torch it would take minutes to start."""
    import atheris
    from torch import serialization
    from torch._weights_only_unpickler import Unpickler

    for name in ("load", "_load", "_legacy_load"):
        atheris.instrument_func(getattr(serialization, name))
    atheris.instrument_func(Unpickler.load)


def main() -> None:
    """Fuzz one kind of file: FOLDER NAME CASES SECONDS SEED; ends the process."""
    folder, name, cases, seconds, seed = sys.argv[1:]
    os.environ["OMP_NUM_THREADS"] = "1"
    import atheris

    from tools.fuzz.mutate import mutated

    def damaged(data: bytes, longest: int, number: int) -> bytes:
        if random.Random(number).random() < 0.5:
            found: bytes = atheris.Mutate(data, longest)
            return found
        return mutated(data, str(number))[:longest]

    if name.endswith(".pth"):
        instrument_torch()
    harness = Harness(Path(folder), name)
    with atheris.instrument_imports(include=INSTRUMENTED):
        from avatar.privacy import no_reporting

        no_reporting()
        harness.warm_up(sorted((Path(folder) / "seeds").iterdir()))
    harness.limit()
    options = [  # atheris's time-out, which takes 0 for at once, only backs up ours
        *(
            f"-runs={cases}",
            f"-max_total_time={seconds}",
            f"-seed={seed}",
            f"-timeout={10 * WALL_S:.0f}",
        ),
        *(f"-max_len={LONGEST}", "-rss_limit_mb=0", "-detect_leaks=0", "-len_control=0"),
        *(f"-handle_{name}=0" for name in ("segv", "abrt", "bus", "fpe", "ill", "int", "term")),
        f"-artifact_prefix={folder}/",
        *(f"{folder}/corpus", f"{folder}/seeds"),
    ]
    atheris.Setup([sys.argv[0], *options], harness, custom_mutator=damaged)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
