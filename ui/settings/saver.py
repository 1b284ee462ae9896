"""Saver: writes what the user chose, a moment after the last change and when the window closes."""

import logging
from time import monotonic

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from avatar.config import RunConfig
from avatar.errors import AvatarError
from ui.bridge import Bridge
from ui.controller import Controller
from ui.look import Look
from ui.problem import problem_of
from ui.settings.memory import Memory

log = logging.getLogger(__name__)

LOOK_MS = 250
"""How often it looks whether anything has changed: two comparisons of small records."""

REST_S = 1.0
"""How long nothing must have changed before it is written, in seconds."""


class Saver(QObject):
    """Lives in the GUI thread and looks at ``controller.config`` and ``controller.look``.

    Nobody has to tell it of a change. Writing happens on the bridge's threads, one at a time.

    Signals:
        problem: a Problem: it could not be saved; told once for each reason.
    """

    problem = pyqtSignal(object)

    def __init__(
        self, controller: Controller, memory: Memory, bridge: Bridge, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._memory = memory
        self._bridge = bridge
        self._seen = self._saved = self._now()
        self._changed_s = 0.0
        self._busy = False
        self._told: set[str] = set()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(LOOK_MS)

    def close(self, timeout_s: float) -> list[str]:
        """Write what has not been written yet, and close the bridge.

        Returns:
            The names of threads that are not through in time.

        What goes wrong is logged: there is no window left to tell it in.
        """
        self._timer.stop()
        now = self._now()
        if now == self._saved:
            return self._bridge.close(timeout_s)

        def write(_: float) -> list[str]:
            try:
                self._memory.save(*now)
            except AvatarError as error:
                log.error("%s", error)
            return []

        return self._bridge.close(timeout_s, write)

    def _now(self) -> tuple[RunConfig, Look]:
        return self._controller.config, self._controller.look

    def _look(self) -> None:
        now = self._now()
        if now != self._seen:
            self._seen, self._changed_s = now, monotonic()
        elif now != self._saved and not self._busy and monotonic() - self._changed_s >= REST_S:
            self._busy = True

            def through(_: None) -> None:
                self._busy = False

            def refused(error: Exception) -> None:
                self._busy = False
                if str(error) not in self._told:
                    self._told.add(str(error))
                    self.problem.emit(problem_of(error))

            self._saved = now  # a refused one is not tried again until something else changes
            self._bridge.run("settings", lambda: self._memory.save(*now), through, refused)
