"""Pulse: how long the window's event loop stands still."""

from time import perf_counter

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from avatar.stats import Series

BEAT_MS = 5
"""How often the loop is asked for a sign of life."""


class Pulse(QObject):
    """A timer that notes how much later than asked it was called.

    Whatever keeps the GUI thread from its events shows here: our own slots, painting, the
    interpreter held by another thread, and other programs that take the processor.

    Attributes:
        longest_ms: the longest pause so far.
        over: how many pauses were longer than ``limit_ms``.

    Signals:
        stood_still: one of these is over; its length in milliseconds.
    """

    stood_still = pyqtSignal(float)

    def __init__(self, limit_ms: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.limit_ms = limit_ms
        self.longest_ms = 0.0
        self.over = 0
        self._pauses = Series(1 << 16)
        self._last: float | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to count, or begin anew."""
        self._last = None
        self._timer.start(BEAT_MS)

    def stop(self) -> None:
        """Count no further."""
        self._timer.stop()

    def percentiles(self) -> dict[str, float]:
        """Of the pauses in milliseconds: p50, p95, p99; empty before the first."""
        return self._pauses.percentiles()

    def _beat(self) -> None:
        now = perf_counter()
        if self._last is not None:
            pause = max(0.0, (now - self._last) * 1e3 - BEAT_MS)
            self._pauses.add(pause)
            self.longest_ms = max(self.longest_ms, pause)
            if pause > self.limit_ms:
                self.over += 1
                self.stood_still.emit(pause)
        self._last = now
