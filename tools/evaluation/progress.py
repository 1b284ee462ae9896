"""A bar on stderr, and the report on disk every half minute, so that a crash costs little."""

import time
from pathlib import Path
from types import TracebackType

from avatar.cli.bar import Bar
from tools.evaluation.evaluation import Result
from tools.evaluation.report import Report, Setup

SAVE_EVERY_S = 30.0


class Progress:
    """Shown while it is open; ``with`` closes it."""

    def __init__(self) -> None:
        self._bar = Bar()
        self._setup: Setup | None = None
        self._file: Path | None = None
        self._saved = time.monotonic()

    def __enter__(self) -> "Progress":
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar away; idempotent."""
        self._bar.stop()

    def building(self, share: float, what: str) -> None:
        """What an engine is making before it can be opened."""
        self._bar.show(what, round(share * 100), 100)

    def saves(self, setup: Setup, file: Path | None) -> None:
        """From now on, write what is measured to ``file``, marked as incomplete."""
        self._setup, self._file = setup, file

    def measured(self, done: int, total: int, result: Result) -> None:
        """One trial more is done."""
        self._bar.show("Measuring", done, total)
        if self._setup is None or self._file is None:
            return
        if done < total and time.monotonic() - self._saved > SAVE_EVERY_S:
            partial = Result(result.outcomes, result.left_out, complete=False)
            Report(self._setup, partial).write(self._file)
            self._saved = time.monotonic()
