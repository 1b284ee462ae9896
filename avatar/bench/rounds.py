"""Subjects opened and measured in turns, one active at a time."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from avatar.bench.config import BenchConfig
from avatar.bench.figures import psnr_db
from avatar.bench.measured import FEWEST
from avatar.bench.models import Model
from avatar.bench.process import WorkerProcess
from avatar.bench.row import Row
from avatar.bench.subject import MATMUL, REFERENCE, Subject
from avatar.errors import AvatarError, Cancelled

log = logging.getLogger(__name__)

Tell = Callable[[str], None]

OPEN_S = 900.0
"""Time-out of what may build or export graphs."""

BLOCK_S = (0.3, 3.0)
"""Shortest and longest block."""

MATMUL_S = 0.25

LIVE_SHARE = 0.5
"""Of the time left after opening."""

LIVE_START_S = 6.0
"""What a live run needs beside its two phases: start, warm-ups, end."""

PACED_S, FREE_S = (3.0, 10.0), (2.0, 5.0)
"""Shortest and longest phases of a live run."""


class Rounds:
    """One bench: its rows, its workers, its time.

    Args:
        config: what to measure.
        subjects: the rows, in this order.
        tell: gets sentences about what goes on.
        cancelled: asked while waiting.

    Attributes:
        rows: one for each subject.
        notes: what readers of the figures have to know.
        matmul: rates of matrix multiplication; None until measured.
    """

    def __init__(
        self,
        config: BenchConfig,
        subjects: Sequence[Subject],
        tell: Tell,
        cancelled: Callable[[], bool],
    ) -> None:
        self.rows = [Row(subject) for subject in subjects]
        self.notes: list[str] = []
        self.matmul: dict[str, Any] | None = None
        self._config = config
        self._tell = tell
        self._cancelled = cancelled
        self._deadline = monotonic() + config.seconds
        self._workers: dict[str, WorkerProcess] = {}

    def row_of(self, model: str, engine: str) -> Row | None:
        """The row of that model and engine, in the first precision measured."""
        rows = (r for r in self.rows if r.subject.model == model and r.subject.engine == engine)
        return next(rows, None)

    def all(self, folder: Path, models: Sequence[Model]) -> None:
        """Everything, in order; what fails is noted in its row.

        Raises:
            AvatarError: the material cannot be made.
            Cancelled: by the user.
        """
        self._prepare(folder, models)
        for model in models:
            if model.random:
                self.notes.append(
                    f"{model.name} is not installed: measured with random weights. Speed does not "
                    "depend on them; PSNR is between engines on the same random weights."
                )
        for row in self.rows:
            row.random = next(m.random for m in models if m.name == row.subject.model)
        if not self._config.live_only:
            self._open(folder)
            self._compare_pictures(folder)
            self._rounds()
            for row in self._alive():
                self._try(row, partial(self._memory, row))
            self.end()
        self._live()

    def end(self) -> None:
        """End every process that is left."""
        for worker in self._workers.values():
            worker.end()
        self._workers.clear()

    def _start(self, key: str, label: str) -> WorkerProcess:
        worker = WorkerProcess(
            self._cancelled, lambda text: self._tell(f"{label}: {text}"), self._config.worker
        )
        self._workers[key] = worker
        return worker

    def _prepare(self, folder: Path, models: Sequence[Model]) -> None:
        self._tell("Recording crops of the driver")
        worker = self._start("prepare", "Preparing")
        config = self._config
        worker.ask(
            "record", OPEN_S, folder=str(folder), clip=config.clip, crop=config.crop,
            models=[list(model) for model in models],
        )  # fmt: skip
        self._stop("prepare")

    def _stop(self, key: str) -> None:
        worker = self._workers.pop(key, None)
        if worker is not None:
            worker.end()

    def _ask(self, row: Row, do: str, timeout_s: float, **values: Any) -> dict[str, Any]:
        return self._workers[row.key].ask(do, timeout_s, **values)

    def _try(self, row: Row, work: Callable[[], object]) -> None:
        """Do ``work``; what goes wrong becomes the row's reason, and its process is ended."""
        try:
            work()
        except Cancelled:
            raise
        except AvatarError as error:
            row.reason = error.message
            log.info("%s: %s", row.subject.label, error)
            self._stop(row.key)

    def _alive(self) -> list[Row]:
        return [row for row in self.rows if row.key in self._workers]

    def _open(self, folder: Path) -> None:
        for row in self.rows:
            self._tell(f"{row.subject.label}: opening")
            began = monotonic()
            self._try(row, partial(self._open_row, row, folder))
            if row.built:  # once for ever: not on this bench's time
                self._deadline += monotonic() - began

    def _open_row(self, row: Row, folder: Path) -> None:
        def tell(text: str) -> None:
            row.built = True
            self._tell(f"{row.subject.label}: {text}")

        worker = WorkerProcess(self._cancelled, tell, self._config.worker)
        self._workers[row.key] = worker
        config = self._config
        answer = worker.ask(
            "open", OPEN_S, subject=row.subject.to_json(), folder=str(folder), crop=config.crop,
            clip=config.clip,
        )  # fmt: skip
        row.opened(answer)

    def _compare_pictures(self, folder: Path) -> None:
        pictures: dict[str, np.ndarray] = {}
        for row in self._alive():
            file = folder / f"{len(pictures)}.npy"
            self._try(row, partial(self._ask, row, "pictures", 300, file=str(file)))
            if not row.reason:
                pictures[row.key] = np.load(file)
        for row in self._alive():
            for against in ("eager", REFERENCE):
                other = self.row_of(row.subject.model, against)
                if other is None or other.key not in pictures:
                    continue
                if other is not row and row.subject.weights is not None:
                    row.psnr_against = against
                    row.psnr_db = psnr_db(pictures[row.key], pictures[other.key])
                break

    def _rounds(self) -> None:
        rows = self._alive()
        if not rows:
            return
        worker = self._start(MATMUL, MATMUL)
        left = self._deadline - monotonic()
        live = [row for row in rows if row.subject.engine != REFERENCE]
        share = min(LIVE_SHARE * left, len(live) * (LIVE_START_S + PACED_S[1] + FREE_S[1]))
        share = max(share, len(live) * (LIVE_START_S + PACED_S[0] + FREE_S[0]))
        end = monotonic() + max(left - share, 1.0)
        blocks = len(rows) + len(live)  # networks of all, pipelines of engines
        seconds = (end - monotonic()) / self._config.rounds / blocks - 0.05
        seconds = min(max(seconds, BLOCK_S[0]), BLOCK_S[1])
        longest = 0.0
        for number in range(self._config.rounds):
            began = monotonic()
            if number and began + longest > end:
                self.notes.append(
                    f"{number} of {self._config.rounds} rounds fitted into the time; --seconds "
                    "gives more."
                )
                break
            for row in self._alive():
                self._tell(f"round {number + 1} of {self._config.rounds}, {row.subject.label}")
                self._try(row, partial(self._turn, row, seconds))
            self._matmul(worker)
            longest = max(longest, monotonic() - began)
        self._stop(MATMUL)

    def _turn(self, row: Row, seconds: float) -> None:
        timeout_s = 120 + 10 * seconds
        row.add_networks(self._ask(row, "networks", timeout_s, seconds=seconds)["ms"])
        # Where the networks alone outlast a block, the stages around them are measured but once.
        slow = FEWEST * row.frame_ms[-1] > seconds * 1e3 and len(row.frame_ms) > 1
        if row.subject.engine != REFERENCE and not slow:
            row.add_pipeline(self._ask(row, "pipeline", timeout_s, seconds=seconds)["ms"])

    def _memory(self, row: Row) -> None:
        row.remember(self._ask(row, "memory", 30))

    def _matmul(self, worker: WorkerProcess) -> None:
        if MATMUL not in self._workers:
            return
        try:
            found = worker.ask("matmul", 120, seconds=MATMUL_S)
        except Cancelled:
            raise
        except AvatarError as error:
            self.notes.append(f"The rate of matrix multiplication is unknown: {error.message}")
            self._stop(MATMUL)
            return
        if self.matmul is None:
            self.matmul = found
        for device, rates in found.items():
            if isinstance(rates, dict):
                best = self.matmul[device]
                for precision, rate in rates.items():
                    best[precision] = round(max(rate, best[precision]), 1)

    def _live(self) -> None:
        rows = [r for r in self.rows if r.subject.engine != REFERENCE and not r.reason]
        for number, row in enumerate(rows):
            each = (self._deadline - monotonic()) / (len(rows) - number) - LIVE_START_S
            paced_s = min(max(each * 2 / 3, PACED_S[0]), PACED_S[1])
            free_s = min(max(each / 3, FREE_S[0]), FREE_S[1])
            self._tell(f"{row.subject.label}: live")
            self._try(row, partial(self._live_row, row, paced_s, free_s))
            self._stop(row.key)

    def _live_row(self, row: Row, paced_s: float, free_s: float) -> None:
        config, subject = self._config, row.subject.to_json()
        if config.live_only:  # else the engine was opened before
            self._start(row.key, row.subject.label).ask("build", OPEN_S, subject=subject)
            self._stop(row.key)
        worker = self._start(row.key, row.subject.label)
        answer = worker.ask(
            "live", 300 + 10 * (paced_s + free_s), subject=subject, paced_s=paced_s,
            free_s=free_s, crop=config.crop, clip=config.clip,
        )  # fmt: skip
        row.lived(answer, worker.started_ns, worker.ask("memory", 30)["peak_mb"])
