"""Desk: holds the window, and opens another in its place where every word or value changes."""

import logging
from dataclasses import replace

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication

from avatar.config import RunConfig
from avatar.errors import AvatarError
from ui import theme, translation
from ui.controller import Controller, State
from ui.look import Look
from ui.problem import problem_of, unexpected
from ui.settings.memory import Memory
from ui.window import MainWindow

log = logging.getLogger(__name__)


class Desk(QObject):
    """One window at a time.

    Args:
        app: that it belongs to; it ends with its last window.
        memory: opened already.

    Attributes:
        window: the one that is open; None before :meth:`open`.
    """

    def __init__(self, app: QApplication, memory: Memory) -> None:
        super().__init__()
        self.window: MainWindow | None = None
        self._app = app
        self._memory = memory
        self._told: set[str] = set()

    def open(self, config: RunConfig, look: Look, start: bool | None = None) -> None:
        """Open a window; what was wrong with the files is told in it.

        Args:
            config, look: what it begins with.
            start: the session too; None = as the look says.
        """
        translation.speak(self._app, look.language)
        theme.wear(self._app, look.theme.value)
        controller = Controller(config, look=look)
        window = self.window = MainWindow(controller, self._memory)
        window.preferences.reopen_wanted.connect(self._reopen_soon)
        window.show()
        for problem in self._memory.problems:
            controller.problem.emit(problem_of(problem))
        self._memory.problems.clear()
        # After the first paint, so that the window is there before anything is loaded.
        wanted = look.start_at_once if start is None else start
        begin = controller.begin if wanted else controller.prepare
        QTimer.singleShot(0, begin)

    def close(self) -> None:
        """Close the window, and with it the application."""
        if self.window is not None:
            self.window.close()

    def tell(self, error: Exception) -> None:
        """Tell of an error that nobody caught, each once; it is logged already."""
        kind = f"{type(error).__name__}: {error}"
        if kind not in self._told and self.window is not None:
            self._told.add(kind)
            self.window.controller.problem.emit(unexpected(error))

    def _reopen_soon(self, profile: str, gone: str, reset: bool) -> None:
        """Not from within a signal of the window that goes."""
        QTimer.singleShot(0, lambda: self._reopen(profile, gone, reset))

    def _reopen(self, profile: str, gone: str, reset: bool) -> None:
        """Close the window, which saves, and open another.

        Args:
            profile: to use.
            gone: of a profile to delete; "" = none.
            reset: forget all settings but the profiles.
        """
        old = self.window
        if old is None or old.isHidden():
            return  # closed meanwhile
        ran = old.controller.state in (State.LOADING, State.RUNNING)
        sending = old.bar.virtual_camera.isChecked()
        hidden = old.controller.safety.hidden
        self._app.setQuitOnLastWindowClosed(False)
        try:
            old.close()
            old.deleteLater()
            config, look = old.controller.config, old.controller.look
            try:
                if reset:
                    config, look = self._memory.reset()
                elif profile != look.profile:
                    config, look = self._memory.switch(profile)
                if gone:
                    self._memory.profiles.delete(gone)
            except AvatarError as error:  # told in the next window
                self._memory.problems.append(error)
            # Programs that show the virtual camera shall have it back without a click.
            config = replace(config, virtual_camera=sending)
            self.open(config, look, start=ran)
            if self.window is not None:
                self.window.controller.safety.hide(hidden)  # who hid stays hidden
        finally:
            self._app.setQuitOnLastWindowClosed(True)
