"""LogFile: the file of this process; two of at most 1 MB. A disk that refuses is told once."""

import contextlib
import logging
import os
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

LARGEST = 1 << 20
"""Bytes of the file; then it becomes NAME.log.1, and a new one begins."""


class LogFile(RotatingFileHandler):
    """Used by one thread.

    Args:
        path: of the file; its folder exists.
        refused: told once why lines cannot be written, if so.

    Attributes:
        head: written at the beginning of every file but the first, which has it anyway.
        lost: lines that could not be written since the last one that could.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path, refused: Callable[[OSError], None]) -> None:
        path.touch(mode=0o600)
        super().__init__(path, maxBytes=LARGEST, encoding="utf-8", errors="backslashreplace")
        self.head = ""
        self.lost = 0
        self._refused: Callable[[OSError], None] | None = refused

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; never raises because of the disk."""
        lost = self.lost
        super().emit(record)
        if lost and self.lost == lost:
            self.lost = 0
            super().emit(_line("%d lines could not be written before this one", lost))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        """The disk refuses: begin with a fresh handle next time."""
        self.lost += 1
        error = sys.exc_info()[1]
        stream, self.stream = self.stream, None  # type: ignore[assignment]  # it is opened again
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
        if self._refused is not None and isinstance(error, OSError):
            self._refused(error)
            self._refused = None

    def doRollover(self) -> None:  # noqa: N802  # logging's name
        """Begin a new file; where the old one cannot be renamed (a reader on Windows), go on."""
        if self.stream:
            self.stream.close()
        with contextlib.suppress(OSError):
            os.replace(self.baseFilename, f"{self.baseFilename}.1")
        self.stream = self._open()
        if self.stream.tell() == 0:
            self.stream.write(self.head)

    def close(self) -> None:
        """Idempotent; a disk that is full does not keep it from closing."""
        with contextlib.suppress(OSError):
            super().close()


def _line(message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("avatar.logs", logging.WARNING, __file__, 0, message, args, None)
