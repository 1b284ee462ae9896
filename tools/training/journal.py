"""What a run tells: a progress bar, a line a report, ``log.jsonl``, TensorBoard, contact sheets.

A journal that cannot be written (full disk, missing package) warns once and lets the run go on.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

LINES = "log.jsonl"
BOARD = "log"
SHEET = "shown.png"


class Journal:
    """The journal of a run.

    Args:
        folder: the run's.
        step: steps done so far; what an interrupted run noted beyond is dropped.
        steps: in all.
        every: steps between reports.
    """

    def __init__(self, folder: Path, step: int, steps: int, every: int) -> None:
        self._folder, self._steps, self._every = folder, steps, every
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._began = self._reported = time.monotonic()
        self._begun = self._at = step
        self._broken: set[str] = set()
        self._bar: Any = None
        self._task: Any = None
        self._board = self._open_board(step)
        self._guarded(LINES, lambda: _cut(folder / LINES, step))

    def __enter__(self) -> "Journal":
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            self._bar = Progress(
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.description}"),
                console=Console(stderr=True),
            )
            self._task = self._bar.add_task("", total=self._steps, completed=self._at)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        if self._board is not None:
            self._guarded(BOARD, self._board.close)

    def note(self, line: str) -> None:
        """A line for people."""
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def step(self, step: int, figures: Mapping[str, float], now: Mapping[str, float]) -> None:
        """One step is done.

        Args:
            step: steps done.
            figures: whose mean over steps is reported, "generator/perceptual".
            now: reported as they are, "rate/generator".
        """
        for name, value in figures.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
            self._counts[name] = self._counts.get(name, 0) + 1
        if self._bar is not None:
            self._bar.update(self._task, completed=step, description=self._pace(step))
        if step % self._every == 0 or step == self._steps:
            self._report(step, now)

    def validation(self, step: int, figures: Mapping[str, float]) -> None:
        """Figures on people that are not trained on."""
        self.note(f"step {step}, validation: {_listed(figures)}")
        self._line({"step": step, "validation": dict(figures)})
        self._scalars(step, {f"validation/{name}": value for name, value in figures.items()})

    def sheet(self, step: int, picture: NDArray[np.uint8]) -> None:
        """A contact sheet (H, W, 3) RGB; the newest is also a file of its own."""
        from PIL import Image

        self._guarded(SHEET, lambda: Image.fromarray(picture).save(self._folder / SHEET))
        if self._board is not None:
            board = self._board
            self._guarded(BOARD, lambda: board.add_image("shown", picture, step, dataformats="HWC"))

    def _report(self, step: int, now: Mapping[str, float]) -> None:
        means = {name: total / self._counts[name] for name, total in self._sums.items()}
        took = time.monotonic() - self._reported
        speed = (step - self._at) / took if took > 0 else 0.0
        self.note(f"step {step}, {self._pace(step)}: {_listed(means)}")
        shared = {**now, "speed/steps_per_s": speed}
        self._line({"step": step, "time": round(time.time(), 1), "terms": means, **shared})
        self._scalars(step, {**means, **shared})
        self._sums, self._counts = {}, {}
        self._reported, self._at = time.monotonic(), step

    def _pace(self, step: int) -> str:
        """Steps a second since the command began, and the time left at that."""
        done, took = step - self._begun, time.monotonic() - self._began
        if not done or took <= 0:
            return ""
        left = int((self._steps - step) * took / done)
        speed = f"{done / took:.2f} steps/s" if done > took else f"{took / done:.2f} s/step"
        return f"{speed}, {left // 3600}:{left // 60 % 60:02}:{left % 60:02} left"

    def _line(self, entry: Mapping[str, Any]) -> None:
        def write() -> None:
            with (self._folder / LINES).open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(entry) + "\n")

        self._guarded(LINES, write)

    def _scalars(self, step: int, figures: Mapping[str, float]) -> None:
        board = self._board
        if board is None:
            return

        def write() -> None:
            for name, value in figures.items():
                board.add_scalar(name, value, step)
            board.flush()

        self._guarded(BOARD, write)

    def _open_board(self, step: int) -> Any:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            self.note(
                f'No TensorBoard here (pip install -e ".[train]"); curves are in {LINES} all the '
                "same."
            )
            return None
        try:
            return SummaryWriter(str(self._folder / BOARD), purge_step=step + 1)
        except OSError as error:
            log.warning("%s is not written: %s", self._folder / BOARD, error)
            return None

    def _guarded(self, what: str, write: Callable[[], Any]) -> None:
        """Write unless that failed before; a failure is said once."""
        if what in self._broken:
            return
        try:
            write()
        except OSError as error:
            self._broken.add(what)
            log.warning(
                "%s is not written any more: %s. The training goes on.",
                self._folder / what,
                error.strerror or error,
            )


def _listed(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in figures.items())


def _cut(path: Path, step: int) -> None:
    """Keep the lines up to a step, whole ones only."""
    if not path.exists():
        return
    kept = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:  # the process was killed while it wrote
            continue
        if isinstance(entry, dict) and entry.get("step", 0) <= step:
            kept.append(line + "\n")
    part = path.with_name(f"{path.name}.part")
    part.write_text("".join(kept), encoding="utf-8")
    os.replace(part, path)
