"""The whole window, used without pause, while its event loop's pauses are measured."""

import os
import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QAction

from avatar.config import RunConfig
from avatar.places import HOME
from avatar.worker import Worker
from tools.soak.headless import ACT_S, READY_S, SAMPLE_S, Tell
from tools.soak.pulse import Pulse
from tools.soak.report import Report
from tools.soak.vitals import Vitals, growth
from ui.app import application
from ui.controller import Controller, State
from ui.look import Look
from ui.window import MainWindow

KEYS: dict[str, int] = {
    "next-portrait": 10,
    "next-view": 6,
    "calibrate": 3,
    "panic": 2,
    "mirror-preview": 1,
    "mirror-motion": 1,
    "figures": 2,
    "overlay": 1,
    "overlay-up": 1,
    "overlay-down": 1,
}
"""Actions that are triggered, and how often in proportion."""


class Soak(QObject):
    """Uses a window until the time is over.

    Args:
        window: shown, its session begun.
        seconds: how long, from the first picture on.
        seed: of what is done.
        limit_ms: longest pause of the event loop that passes.
        tell: told how it goes.

    Signals:
        over: the report is complete.
    """

    over = pyqtSignal()

    def __init__(
        self, window: MainWindow, seconds: float, seed: int, limit_ms: float, tell: Tell
    ) -> None:
        super().__init__(window)
        self.report = Report()
        self.pulse = Pulse(limit_ms, self)
        self._window = window
        self._seconds = seconds
        self._tell = tell
        self._chance = random.Random(seed)
        self._vitals = Vitals()
        self._last = ""
        self._last_s = 0.0
        self._due: list[QTimer] = []
        self._began = monotonic()
        self.pulse.stood_still.connect(self._stood_still)
        self._wait = self._every(0.1, self._see_whether_it_runs)
        self._acts: dict[Callable[[], None], int] = {
            partial(self._press, name): weight for name, weight in KEYS.items()
        } | {self._turn_page: 4}

    # -- in the GUI thread ------------------------------------------------------------------------

    def _see_whether_it_runs(self) -> None:
        ready = self._window.result.slate == "" and self._window.result.image is not None
        if ready:
            self._wait.stop()
            self._began = monotonic()
            self._every(ACT_S, self._act)
            self._every(SAMPLE_S, self._sample)
            self.pulse.start()
            QTimer.singleShot(round(self._seconds * 1e3), self._end)
        elif monotonic() - self._began > READY_S:
            self._wait.stop()
            self.report.troubles.append(f"no picture within {READY_S:g} s")
            self.over.emit()

    def _act(self) -> None:
        if self._window.controller.safety.hidden and self._last == "panic":
            self._press("panic")  # what hides the portrait is undone soon
            return
        (act,) = self._chance.choices(list(self._acts), list(self._acts.values()))
        act()

    def _press(self, name: str) -> None:
        actions = self._window.findChildren(QAction, name)
        if not actions:
            self.report.troubles.append(f"the window has no action {name}")
            return
        self._note(name)
        actions[0].trigger()

    def _turn_page(self) -> None:
        side = self._window.side
        self._note("page")
        side.show_page(self._chance.choice(side.names))

    def _note(self, name: str) -> None:
        self._last, self._last_s = name, monotonic()
        self.report.acts = {**self.report.acts, name: self.report.acts.get(name, 0) + 1}

    def _stood_still(self, pause_ms: float) -> None:
        now = monotonic()
        act = f"{now - self._last_s:.1f} s after {self._last}" if self._last else "before any act"
        self.report.still.append((round(now - self._began, 1), round(pause_ms, 1), act))

    def _sample(self) -> None:
        seconds = monotonic() - self._began
        # Looking through the process's files takes milliseconds: not in this thread.
        Worker("soak-vitals", lambda _: self._take(seconds)).start()
        figures = self._window.controller.figures()
        if figures is not None and figures.frame_age_ms:
            self.report.ages.append(figures.frame_age_ms["p95"])
        self._tell(seconds, self._last)

    def _take(self, seconds: float) -> None:
        with suppress(OSError):  # a file that was closed while it was looked at
            self._vitals.take(seconds)

    def _end(self) -> None:
        report, figures = self.report, self._window.controller.figures()
        self.pulse.stop()
        for timer in self._due:
            timer.stop()
        report.minutes = (monotonic() - self._began) / 60
        report.samples = self._vitals.samples
        longest = {"longest": round(self.pulse.longest_ms, 1)}
        report.pauses_ms = self.pulse.percentiles() | longest
        if figures is not None:
            report.engine, report.drops = figures.engine, figures.drops
            report.age_ms = figures.frame_age_ms
            report.frames, report.fps = figures.frames, figures.fps_out
        if self._window.controller.state is not State.RUNNING:
            report.troubles.append(f"the session is {self._window.controller.state.name.lower()}")
        if self.pulse.over:
            report.troubles.append(
                f"the event loop stood still {self.pulse.over} times for more than "
                f"{self.pulse.limit_ms:g} ms, {self.pulse.longest_ms:.0f} ms at most"
            )
        report.troubles += growth(report.samples)
        self.over.emit()

    def _every(self, seconds: float, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.timeout.connect(act)
        timer.start(round(seconds * 1e3))
        self._due.append(timer)
        return timer


def soak(config: RunConfig, seconds: float, seed: int, limit_ms: float, tell: Tell) -> Report:
    """Open the window on a config, use it for so long, close it; what came of it.

    Nothing of the user's is read or written: it runs with the usual settings, in an empty home.
    """
    with tempfile.TemporaryDirectory() as home:
        os.environ[HOME] = home
        return _soak(config, seconds, seed, limit_ms, tell)


def _soak(config: RunConfig, seconds: float, seed: int, limit_ms: float, tell: Tell) -> Report:
    app = application()
    controller = Controller(config, look=Look(guide_seen=True))
    window = MainWindow(controller)
    window.show()
    made = Soak(window, seconds, seed, limit_ms, tell)
    made.over.connect(window.close)
    QTimer.singleShot(0, controller.begin)
    app.exec()
    if window.survivors:
        made.report.troubles.append(f"still running after closing: {', '.join(window.survivors)}")
    return made.report
