"""Which frames of a clip are kept, and how; and what such a selection of a clip is called."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace

import numpy as np

from tools.training.data.points import Points
from tools.training.data.sources import Source
from tools.training.data.store import FORMAT


@dataclass(frozen=True)
class Choice:
    """What is kept of a clip; see :class:`tools.training.data.settings.DataSettings`."""

    codec: str
    size: int
    stride: int = 1
    least_motion: float = 0.0
    longest_still: int = 1
    find: bool = False
    """Whether landmarks are found where none are stored."""


class Keeper:
    """Which frames are kept, asked in order."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._last = 0
        self._points: Points | None = None

    def wants(self, number: int) -> bool:
        """Whether the stride comes by this frame."""
        return number % self._choice.stride == 0

    def keeps(self, number: int, found: Points | None) -> bool:
        """Whether it differs enough from the last one that was kept."""
        least = self._choice.least_motion
        if found is not None and least > 0:
            if self._points is not None and number - self._last < self._choice.longest_still:
                moved = float(np.abs(found[:, :2] - self._points[:, :2]).mean())
                if moved < least:
                    return False
            self._points, self._last = found, number
        return True


def key_of(source: Source, choice: Choice) -> str:
    """The name of an entry.

    Raises:
        OSError: the clip is gone.
    """
    if source.landmarks is not None:
        choice = replace(choice, find=False)
    parts: list[object] = [FORMAT, str(source.path.resolve()), source.fps, asdict(choice)]
    files = source.files() or [source.path]
    for path in [*files, *([source.landmarks] if source.landmarks else [])]:
        stat = path.stat()
        parts.append((path.name, stat.st_size, stat.st_mtime_ns))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]
