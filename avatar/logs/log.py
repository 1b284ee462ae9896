"""Log: the log of one command, from its start to its end."""

import contextlib
import faulthandler
import logging
from collections.abc import Callable
from pathlib import Path
from typing import IO

from avatar.logs.facts import facts
from avatar.logs.file import LogFile
from avatar.logs.folder import new_name, prune
from avatar.logs.line import OURS, Line, wanted
from avatar.logs.uncaught import caught
from avatar.logs.writer import THREAD, Writer
from avatar.places import log_dir

STOP_S = 2.0
"""How long the end may take: what waits is written."""


class Log:
    """Everything that our packages log from "info" on, warnings of others, and uncaught errors.

    A log that cannot be written is said once and stops nothing. To be used with ``with``; it puts
    back how logging was before.

    Args:
        command: which one, for the file's name.
        say: tells the user a warning.

    Attributes:
        path: the file; None where it cannot be written.
        hanging: "log" after the end if the disk did not take everything in time.
    """

    def __init__(self, command: str, say: Callable[[str], None]) -> None:
        self.path: Path | None = None
        self.hanging: list[str] = []
        self._name = new_name(command)
        self._say = say
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> "Log":
        folder = log_dir()
        path = folder / f"{self._name}.log"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            prune(folder)
            file = LogFile(path, self._refused)
        except OSError as error:
            self._refused(error)
            return self
        self.path = path
        line = Line()
        file.setFormatter(line)
        file.addFilter(wanted)
        self._undo.callback(self._clear_away, self._faults(folder))

        def head() -> list[str]:
            found = list(facts())
            file.head = f"{path.name}.1 is what came before. {line.clean('. '.join(found))}\n"
            return found

        writer = Writer(file, head)
        writer.addFilter(wanted)  # before the queue, so that nothing is left out for it
        self._undo.callback(self._stop, writer)
        self._hear(writer)
        writer.start()
        self._undo.enter_context(caught(self._say))
        return self

    def __exit__(self, *exc: object) -> None:
        self._undo.close()

    def _hear(self, writer: Writer) -> None:
        root = logging.getLogger()
        self._undo.callback(root.removeHandler, writer)
        root.addHandler(writer)
        for name in OURS:
            ours = logging.getLogger(name)
            if ours.getEffectiveLevel() > logging.INFO:
                self._undo.callback(ours.setLevel, ours.level)
                ours.setLevel(logging.INFO)
        if root.getEffectiveLevel() > logging.WARNING:
            self._undo.callback(root.setLevel, root.level)
            root.setLevel(logging.WARNING)
        self._undo.callback(logging.captureWarnings, False)
        logging.captureWarnings(True)

    def _stop(self, writer: Writer) -> None:
        if not writer.stop(STOP_S):
            self.hanging = [THREAD]
        writer.close()

    def _faults(self, folder: Path) -> IO[str] | None:
        """Where Python tells of a crash; None where somebody else is told already."""
        if faulthandler.is_enabled():
            return None
        try:
            file = (folder / f"{self._name}.fault").open("w", encoding="utf-8")
        except OSError:
            return None  # the log itself was opened a moment ago: what fails is told there
        faulthandler.enable(file)
        return file

    def _clear_away(self, faults: IO[str] | None) -> None:
        if faults is None:
            return
        faulthandler.disable()
        faults.close()
        path = Path(faults.name)
        with contextlib.suppress(OSError):
            if path.stat().st_size == 0:
                path.unlink()

    def _refused(self, error: OSError) -> None:
        where = error.filename or log_dir()
        self._say(f"the log cannot be written ({where}: {error.strerror or error})")
