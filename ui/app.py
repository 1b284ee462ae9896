"""The application: the window with the saved settings, until it is closed."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from avatar.config import RunConfig
from avatar.places import config_dir

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

log = logging.getLogger(__name__)


def main(over: Callable[[RunConfig], RunConfig], profile: str | None = None) -> int:
    """Show the window, start the session in it, and run until the window is closed.

    Args:
        over: puts what the command line asks for over the saved settings.
        profile: to use in this run; None = the one used last.

    Returns:
        The exit code, 0. What goes wrong from then on is shown in the window.

    Raises:
        UsageError: there is no such profile, or the command line contradicts the settings.
    """
    from ui.settings.memory import Memory

    memory = Memory(config_dir())
    config, look = memory.open(over, profile)  # there is no window yet that could wait for it
    app = application()
    from PyQt6.QtCore import QTimer

    from ui.desk import Desk

    desk = Desk(app, memory)
    desk.open(config, look)

    hook = sys.excepthook

    def unexpected(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        hook(kind, error, trace)
        if isinstance(error, Exception):
            failed = error  # told afterwards: this may be in the middle of painting
            QTimer.singleShot(0, lambda: desk.tell(failed))

    sys.excepthook = unexpected  # Qt hands it what slots raise; without any, it ends the process
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def interrupted(number: int, frame: FrameType | None) -> None:
        for each in before:  # a second one ends the process at once, whatever hangs
            signal.signal(each, signal.SIG_DFL)
        QTimer.singleShot(0, desk.close)  # not here: this may be in the middle of painting

    # Python gets to its signal handlers between two of the window's timer calls.
    for each in before:
        signal.signal(each, interrupted)
    try:
        return app.exec()
    finally:
        sys.excepthook = hook
        for each, handler in before.items():
            signal.signal(each, handler)


def application() -> "QApplication":
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
