"""StepBar: a progress bar for work of several steps, on stderr."""

from types import TracebackType
from typing import Any


class StepBar:
    """One line for the step at hand, with the time left."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task: Any = None
        self._doing = ""

    def __enter__(self) -> "StepBar":
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def show(self, doing: str, done: int, total: int) -> None:
        """What is being done, how much of it is done, and of how much (0: nobody knows)."""
        if doing != self._doing:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task, self._doing = self._bar.add_task(doing, total=None), doing
        self._bar.update(self._task, completed=done, total=total or None)
