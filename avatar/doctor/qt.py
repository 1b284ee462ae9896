"""The window's toolkit: whether it starts without a display, and on the one that is here."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping

from avatar.doctor.apart import Apart, NoAnswer
from avatar.doctor.finding import Finding, Status, failure

QT_S = 30.0
MARK = "avatar-qt:"
# Qt ends the process where it finds no platform plugin, and lives only in ui: hence a command.
CODE = (
    "from PyQt6.QtCore import PYQT_VERSION_STR, qVersion; "
    "from PyQt6.QtWidgets import QApplication; application = QApplication(['avatar']); "
    f"print('{MARK}', application.platformName(), PYQT_VERSION_STR, qVersion(), flush=True)"
)
LIBRARIES = (
    "Install Qt's system libraries: run make setup, which names the apt-get line; on Debian and "
    "Ubuntu libxcb-cursor0 is the one most often missing."
)


def check(
    apart: Apart, environment: Mapping[str, str] = os.environ, system: str = sys.platform
) -> Iterator[Finding]:
    """Two findings: "Qt" without a display, and "Qt on the display"."""
    try:
        yield _started(apart, "Qt", "offscreen")
    except NoAnswer as error:
        yield failure("Qt", error)
        return
    name = "Qt on the display"
    chosen = environment.get("QT_QPA_PLATFORM", "")
    displays = ("DISPLAY", "WAYLAND_DISPLAY")
    if chosen == "offscreen" or (
        system.startswith("linux") and not chosen and not any(environment.get(d) for d in displays)
    ):
        yield Finding(
            name,
            Status.SKIPPED,
            "There is no display." if not chosen else "QT_QPA_PLATFORM asks for none.",
            "avatar run --headless works without one.",
        )
        return
    try:
        yield _started(apart, name, "")
    except NoAnswer as error:
        yield failure(name, error)


def _started(apart: Apart, name: str, platform: str) -> Finding:
    setting = f"import os; os.environ['QT_QPA_PLATFORM'] = {platform!r}; " if platform else ""
    lines: list[str] = []
    heard: Callable[[str], None] = lines.append
    ended = apart.run((sys.executable, "-c", setting + CODE), heard, QT_S)
    told = [line.removeprefix(MARK).split() for line in lines if line.startswith(MARK)]
    if not told or len(told[-1]) != 3:
        said = " ".join(ended.complaints)[-300:]
        if "No module named" in said:
            return Finding(name, Status.FAILED, "PyQt6 is not installed.", "pip install PyQt6")
        return Finding(
            name, Status.FAILED, f"Qt does not start: {ended.why()}. {said}".strip(), LIBRARIES
        )
    plugin, pyqt, qt = told[-1]
    return Finding(
        name,
        Status.OK,
        f"Qt {qt} (PyQt6 {pyqt}) starts on {plugin}.",
        details={"platform": plugin, "qt": qt, "pyqt": pyqt},
    )
