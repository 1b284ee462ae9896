"""The application: the window from a config, until it is closed."""

import logging
import os
import signal
from types import FrameType
from typing import TYPE_CHECKING

from avatar.config import RunConfig

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

log = logging.getLogger(__name__)


def main(config: RunConfig) -> int:
    """Show the window, start the session in it, and run until the window is closed.

    Returns:
        The exit code, 0. What goes wrong is shown in the window.
    """
    app = _application()
    from PyQt6.QtCore import QTimer

    from ui.controller import Controller
    from ui.window import MainWindow

    controller = Controller(config)
    window = MainWindow(controller)
    window.show()
    # After the first paint, so that the window is there before anything is loaded.
    QTimer.singleShot(0, controller.begin)

    def interrupted(number: int, frame: FrameType | None) -> None:
        QTimer.singleShot(0, window.close)  # not here: this may be in the middle of painting

    # Python gets to its signal handlers between two of the window's timer calls.
    before = signal.signal(signal.SIGINT, interrupted)
    try:
        return app.exec()
    finally:
        signal.signal(signal.SIGINT, before)


def _application() -> "QApplication":
    """The QApplication, made with OpenCV's own Qt kept out of its way.

    OpenCV's wheels point Qt at plugins and fonts of the Qt 5 they carry; PyQt6 cannot load those.
    """
    import cv2

    log.debug("OpenCV %s", cv2.__version__)
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)
    from PyQt6.QtWidgets import QApplication

    from ui.icons import icon
    from ui.theme import follow_desktop

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["avatar"])
    app.setApplicationName("avatar")
    app.setApplicationDisplayName("Avatar")
    app.setDesktopFileName("avatar")
    follow_desktop(app)
    app.setWindowIcon(icon("avatar", "accent"))
    return app
