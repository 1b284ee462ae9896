"""Adding: several pictures brought into the library at once, with progress; it can be ended."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.errors import AvatarError, NoFaceError
from avatar.portraits.entry import Entry
from ui.bridge import Bridge
from ui.problem import Problem, problem_of

if TYPE_CHECKING:
    from avatar.portraits.library import Library

_NAMED = 3
"""So many of the files that were left out are named."""


class Adding(QObject):
    """One addition at a time; lives in the GUI thread.

    Signals:
        progress: how many pictures are done, of how many.
        added: the entries of the library afterwards, None if that failed; a Problem that sums up.
    """

    progress = pyqtSignal(int, int)
    added = pyqtSignal(object, object)

    def __init__(
        self, bridge: Bridge, shelf: "Callable[[], Library]", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._shelf = shelf
        self._cancelled = threading.Event()
        self._waiting: list[Path] = []
        self.busy = False

    def start(self, pictures: Sequence[Path]) -> None:
        """Add these; after those that are being added."""
        if self.busy:
            self._waiting += pictures
            return
        self.busy = True
        self._cancelled = cancelled = threading.Event()
        count = len(pictures)
        self.progress.emit(0, count)

        def work() -> tuple[list[Entry], int, list[tuple[Path, AvatarError]], int]:
            shelf, new, known = self._shelf(), 0, 0
            refused: list[tuple[Path, AvatarError]] = []
            for done, path in enumerate(pictures, 1):
                if cancelled.is_set() or self._bridge.closing.is_set():
                    break
                try:
                    brought = shelf.bring(path)
                except AvatarError as error:
                    refused.append((path, error))
                else:
                    if brought.refused is not None:  # the disk is full: so it is for the others
                        refused.append((path, brought.refused))
                        break
                    new, known = new + brought.new, known + (not brought.new)
                self._bridge.post(partial(self.progress.emit, done, count))
            return shelf.entries(), new, refused, known

        def done(
            found: tuple[list[Entry], int, list[tuple[Path, AvatarError]], int],
        ) -> None:
            entries, new, refused, known = found
            self._end(entries, self._summary(new, refused, known))

        self._bridge.run("adding", work, done, lambda error: self._end(None, problem_of(error)))

    def cancel(self) -> None:
        """Add no more; those that are added stay."""
        self._waiting.clear()
        self._cancelled.set()

    def _end(self, entries: list[Entry] | None, summary: Problem) -> None:
        self.busy = False
        self.progress.emit(0, 0)
        self.added.emit(entries, summary)
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.start(waiting)

    def _summary(
        self, new: int, refused: Sequence[tuple[Path, AvatarError]], known: int
    ) -> Problem:
        parts = [self.tr("Portraits added: {count}.").format(count=new)]
        if known:
            parts.append(self.tr("Already there: {count}.").format(count=known))
        hints = []
        for faceless, told in (
            (True, self.tr("No face was found in {files}.")),
            (False, self.tr("Not added: {files}.")),
        ):
            files = [path.name for path, e in refused if isinstance(e, NoFaceError) == faceless]
            if files:
                named = ", ".join(files[:_NAMED])
                if len(files) > _NAMED:
                    more = self.tr("{count} more").format(count=len(files) - _NAMED)
                    named = f"{named}, {more}"
                hints.append(told.format(files=named))
        others = [error for _, error in refused if not isinstance(error, NoFaceError)]
        if others:
            hints.append(str(others[-1]))
        kind = "warning" if refused else "info"
        return Problem(kind, " ".join(parts), " ".join(hints))
