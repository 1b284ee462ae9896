"""The sink that goes nowhere: it counts frames and measures their age, for benches and tests."""

import time
from collections import deque

from avatar.frame import Frame

_REMEMBERED = 100_000
"""Ages kept, about an hour at 30 frames per second, so that a soak test does not grow."""


class NullSink:
    """Counts frames and forgets them.

    Attributes:
        frames: frames written so far.
        ages_ms: age in milliseconds of each frame when it arrived, the newest 100,000.
        last: the newest frame; None before the first.
        is_open: True between ``open`` and ``close``.
    """

    def __init__(self, name: str = "null", queue: int = 1) -> None:
        self.name = name
        self.queue = queue
        self.frames = 0
        self.ages_ms: deque[float] = deque(maxlen=_REMEMBERED)
        self.last: Frame | None = None
        self.is_open = False

    def open(self) -> None:
        """Nothing to open; start to count."""
        self.is_open = True

    def write(self, frame: Frame) -> None:
        """Count the frame and note its age now."""
        self.ages_ms.append((time.monotonic_ns() - frame.t_ns) / 1e6)
        self.frames += 1
        self.last = frame

    def close(self) -> None:
        """Nothing to free; what was counted stays readable."""
        self.is_open = False
