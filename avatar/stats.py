"""Counters that never grow: rates, percentiles, and the figures of a session.

Each Series and Rate has one writing thread; anybody may read them at any time.
"""

import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

import numpy as np

PERCENTILES = (50, 95, 99)


class Series:
    """The newest values of a figure, for percentiles. Bounded memory.

    Args:
        size: how many values are kept; 8192 are 2 minutes at 60 frames a second.
    """

    def __init__(self, size: int = 8192) -> None:
        self._values = np.empty(size, np.float32)
        self._count = 0

    def add(self, value: float) -> None:
        """Take a value."""
        self._values[self._count % len(self._values)] = value
        self._count += 1

    def percentiles(self) -> dict[str, float]:
        """``{"p50": ..., "p95": ..., "p99": ...}`` of the values kept; empty before the first."""
        return _percentiles(self._values[: min(self._count, len(self._values))])


def _percentiles(values: np.ndarray) -> dict[str, float]:
    if not len(values):
        return {}
    found = np.percentile(values, PERCENTILES)
    return {f"p{p}": round(float(v), 2) for p, v in zip(PERCENTILES, found, strict=True)}


class Rate:
    """Events per second: over everything, and lately.

    Args:
        window_s: how many seconds "lately" reaches back.
    """

    def __init__(self, window_s: float = 2.0) -> None:
        self.count = 0
        self._window_s = window_s
        self._first = 0.0
        self._last = 0.0
        self._recent: deque[float] = deque(maxlen=512)
        self._lock = threading.Lock()

    def add(self, now: float | None = None) -> None:
        """Count an event at ``now`` (``time.monotonic()`` seconds)."""
        now = monotonic() if now is None else now
        with self._lock:
            if not self.count:
                self._first = now
            self.count += 1
            self._last = now
            self._recent.append(now)

    @property
    def span_s(self) -> float:
        """Seconds between the first event and the last."""
        with self._lock:
            return self._last - self._first

    @property
    def overall(self) -> float:
        """Events per second between the first and the last; 0 before the second."""
        span_s = self.span_s
        return (self.count - 1) / span_s if span_s > 0 else 0.0

    def lately(self, now: float | None = None) -> float:
        """Events per second within the window before ``now``; 0 when there were none."""
        now = monotonic() if now is None else now
        with self._lock:
            recent = [t for t in self._recent if now - t <= self._window_s]
        if len(recent) < 2:
            return 0.0
        # Until now, not until the last event: a stream that stopped is seen slowing down.
        return (len(recent) - 1) / max(now - recent[0], 1e-6)


SKIPPED = "skipped"
"""The name under which a session's drops count frames that no work was spent on, as the engine is
slower than the camera."""

STAGES = ("capture", "crop", "wait", "detect", "motion", "render", "display")
"""What a frame goes through: from the grab until it is read, cropping, waiting for the engine (with
all that is between the stages), its three stages, and until it is seen."""


class StageTimes:
    """How long each stage took, of each of the newest frames. Bounded memory, no lock.

    Capture, inference and display write different columns of a frame's row; a reader may meet a row
    half written, and leaves out those that are not rendered.

    Args:
        size: how many frames are kept; 2048 are 30 seconds at 60 frames a second.
    """

    def __init__(self, size: int = 2048) -> None:
        self._t_ns = np.zeros(size, np.int64)
        self._ms = np.full((size, len(STAGES)), np.nan, np.float32)

    def captured(self, index: int, t_ns: int, capture_ms: float, crop_ms: float) -> None:
        """A frame was read and cropped."""
        row = index % len(self._t_ns)
        self._ms[row] = np.nan
        self._t_ns[row] = t_ns
        self._ms[row, 0], self._ms[row, 1] = capture_ms, crop_ms

    def animated(self, index: int, t_ns: int, age_ms: float, stage_ms: Mapping[str, float]) -> None:
        """Its result is out, ``age_ms`` after the grab; what no stage took is waiting."""
        row = index % len(self._t_ns)
        if self._t_ns[row] != t_ns:
            return  # overtaken: not kept any more
        ms = self._ms[row]
        took = [float(stage_ms.get(stage, 0.0)) for stage in STAGES[3:6]]
        ms[2] = max(0.0, age_ms - float(ms[0]) - float(ms[1]) - sum(took))
        ms[3:6] = took

    def displayed(self, index: int, t_ns: int, age_ms: float) -> None:
        """A view shows it, ``age_ms`` after the grab."""
        row = index % len(self._t_ns)
        if self._t_ns[row] == t_ns:
            self._ms[row, 6] = max(0.0, age_ms - float(self._ms[row, :6].sum()))

    def recent(self, seconds: float, now_ns: int) -> tuple[np.ndarray, np.ndarray]:
        """The rendered frames of the last ``seconds``, oldest first.

        Returns:
            (n,) float32, when each was grabbed, in seconds before ``now_ns`` (negative); and
            (n, 7) float32, milliseconds by :data:`STAGES`, NaN as display of what nobody saw.
        """
        ago_s = (self._t_ns - now_ns) * 1e-9
        kept = np.flatnonzero((ago_s >= -seconds) & np.isfinite(self._ms[:, 5]))
        kept = kept[np.argsort(self._t_ns[kept], kind="stable")]
        return ago_s[kept].astype(np.float32), self._ms[kept]

    def ages(self, seconds: float, now_ns: int) -> dict[str, dict[str, float]]:
        """How old frames were at the end of each stage, of the rendered ones of the last
        ``seconds``: p50, p95, p99 in milliseconds by stage; display only where a view shows them,
        empty before the first frame."""
        ages = np.cumsum(self.recent(seconds, now_ns)[1], axis=1)
        columns = ((stage, ages[:, place]) for place, stage in enumerate(STAGES))
        found = {stage: _percentiles(column[np.isfinite(column)]) for stage, column in columns}
        return {stage: figures for stage, figures in found.items() if figures}


@dataclass
class SinkStats:
    """What arrived at one consumer: distinct animated frames and how old they were."""

    rate: Rate = field(default_factory=Rate)
    age_ms: Series = field(default_factory=Series)

    _last: int | None = None

    def delivered(self, index: int, age_ms: float) -> None:
        """Count driving frame ``index``, ``age_ms`` old; a stalled source repeats its last one."""
        if index != self._last:
            self._last = index
            self.rate.add()
            self.age_ms.add(age_ms)


@dataclass(frozen=True)
class SessionStats:
    """A session's figures at one moment.

    Attributes:
        fps: distinct animated frames per second lately, at the first sink.
        fps_out: the same over the whole run, repeats excluded.
        frames: distinct animated frames delivered to the first sink.
        seconds: between the first of them and the last.
        frame_age_ms: p50, p95, p99 in milliseconds from the grab of the driving frame to its
            arrival at the first sink; empty before the first.
        sink_age_ms: the same for every sink by name.
        drops: frames dropped: "skipped" before any work, as the engine is slower than the camera,
            then by mailbox: "inference" before the engine, and one per sink.
        stage_ms: p50, p95, p99 by stage (crop, detect, motion, render): how long it took.
        stage_age_ms: the same of the age of frames when a stage was done with them, of the newest
            2048 frames, by :data:`STAGES` (display only where a view shows them).
        engine, engine_reason: which one runs (or ran last), with its precision where it has
            several, and why, with every rejected one; empty before the first.
        model: name of the weights.
    """

    fps: float = 0.0
    fps_out: float = 0.0
    frames: int = 0
    seconds: float = 0.0
    frame_age_ms: dict[str, float] = field(default_factory=dict)
    sink_age_ms: dict[str, dict[str, float]] = field(default_factory=dict)
    drops: dict[str, int] = field(default_factory=dict)
    stage_ms: dict[str, dict[str, float]] = field(default_factory=dict)
    stage_age_ms: dict[str, dict[str, float]] = field(default_factory=dict)
    engine: str = ""
    engine_reason: str = ""
    model: str = ""


def resident_mb() -> float:
    """Memory of this process in MB (its peak where the system tells nothing else); 0 if unknown."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
        import resource

        return pages * resource.getpagesize() / 1e6
    except (OSError, ImportError, IndexError, ValueError):
        return 0.0


def peak_mb() -> float:
    """The most memory this process ever had, in MB; 0 if unknown."""
    try:  # getrusage also counts what the parent had before this process began
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            line = next(line for line in file if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    except (OSError, StopIteration, IndexError, ValueError):
        pass
    try:
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6
    except ImportError:
        return 0.0
