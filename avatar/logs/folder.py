"""The folder of log files: what they are called, which is the newest, which have to go.

A start has up to three files: NAME.log, NAME.log.1 (what came before, once NAME.log was full) and
NAME.fault (what Python says when the process crashes; only where it did).
"""

import contextlib
import os
import re
import sys
from datetime import datetime
from pathlib import Path

from avatar.places import log_dir

KEPT = 8
"""Starts whose files are kept."""

_NAME = re.compile(r"avatar-\d{8}-\d{6}-[a-z]+-(\d+)")
_ENDINGS = (".1", ".log", ".fault")  # the oldest first


def new_name(command: str) -> str:
    """The name of this process's files, without an ending; names sort by time."""
    return f"avatar-{datetime.now():%Y%m%d-%H%M%S}-{command}-{os.getpid()}"


def starts(folder: Path | None = None) -> list[list[Path]]:
    """The files of every start, the oldest start first, in it the oldest file first."""
    found: dict[str, list[Path]] = {}
    with contextlib.suppress(OSError):  # no folder, no logs
        for path in (folder or log_dir()).iterdir():
            if match := _NAME.match(path.name):
                found.setdefault(match.group(0), []).append(path)
    return [sorted(found[name], key=_age) for name in sorted(found)]


def newest(count: int = 3) -> list[Path]:
    """The files of the newest ``count`` starts, the oldest first; empty ones are left out."""
    files = [path for start in starts()[-count:] for path in start]
    return [path for path in files if _size(path)]


def prune(folder: Path, keep: int = KEPT) -> None:
    """Delete the files of all starts but the newest ``keep``; those of running processes stay."""
    for files in starts(folder)[:-keep]:
        match = _NAME.match(files[0].name)
        if match and _runs(int(match.group(1))):
            continue
        for path in files:
            with contextlib.suppress(OSError):  # Windows: it is open; else: it is gone
                path.unlink()


def _age(path: Path) -> int:
    return _ENDINGS.index(path.suffix) if path.suffix in _ENDINGS else len(_ENDINGS)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _runs(pid: int) -> bool:
    """Whether there is such a process; False on Windows, where an open file cannot be deleted."""
    if sys.platform == "win32":
        return False  # os.kill(pid, 0) would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True
