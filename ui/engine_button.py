"""EngineButton: which engine runs, why (tooltip), and the menu to choose another."""

import textwrap
from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu, QToolButton, QWidget

from avatar.choosing.candidates import Candidate, State
from avatar.choosing.plan import REJECTED
from avatar.engine import AUTO
from ui.icons import icon
from ui.theme import caption

TIP_COLUMNS = 72
"""Where the lines of the tooltip break."""


class EngineButton(QToolButton):
    """Shows the engine; its menu has "auto" and every engine in each of its precisions."""

    chosen = pyqtSignal(str)
    list_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("engine")
        self.setFont(caption(self))
        self.setIcon(icon("down", "muted"))
        self.setIconSize(QSize(14, 14))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Engine"))
        self._wanted = AUTO
        self._name = ""
        self._reason = ""
        self._unused_gpu = ""
        self._entries: list[tuple[Candidate, float | None]] = []
        self._group = QActionGroup(self)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self.list_wanted)
        self.setMenu(self._menu)
        self._fill()
        self.show_engine("", "")

    def show_engine(self, name: str, reason: str) -> None:
        """Show the engine that runs and why; an empty name for none."""
        if not name:
            self._unused_gpu = ""
        elif (name, reason) == (self._name, self._reason):
            return
        self._name, self._reason = name, reason
        self._dress()

    def show_unused_gpu(self, text: str) -> None:
        """Turn red: a GPU is there and this engine does not use it; ``text`` says the cure. An
        empty text: all is well."""
        self._unused_gpu = text
        self._dress()

    def show_wanted(self, spec: str) -> None:
        """Tick what the user asked for, without a signal."""
        self._wanted = spec
        self._fill()

    def show_entries(self, entries: Sequence[tuple[Candidate, float | None]]) -> None:
        """List the engines, each with its remembered milliseconds a frame."""
        if list(entries) != self._entries:  # an open menu shall not flicker
            self._entries = list(entries)
            self._fill()

    @property
    def alarmed(self) -> bool:
        """Whether it is red."""
        return bool(self._unused_gpu)

    @property
    def actions_by_spec(self) -> dict[str, QAction]:
        """The entries of the menu."""
        return {action.data(): action for action in self._menu.actions() if action.data()}

    def _dress(self) -> None:
        self.setText(self._name or self.tr("no engine"))
        lines = [self._unused_gpu] if self._unused_gpu else []
        lines += self._reason.replace(REJECTED, "\n" + self.tr("Rejected: ")).split("\n")
        tip = "\n".join(wrapped(line) for line in lines if line)
        self.setToolTip(tip)
        self.setAccessibleDescription(tip)
        if self.property("alarm") != self.alarmed:
            self.setProperty("alarm", self.alarmed)
            style = self.style()
            if style is not None:  # the style sheet looks at properties when it is applied only
                style.unpolish(self)
                style.polish(self)

    def _fill(self) -> None:
        self._menu.clear()
        self._group.deleteLater()
        self._group = QActionGroup(self)
        tip = self.tr("The fastest engine that works on this machine")
        self._add(AUTO, self.tr("Auto"), tip, True)
        self._menu.addSeparator()
        for candidate, ms in self._entries:
            if candidate.rank < 0 and candidate.name not in (self._name, self._wanted):
                continue  # fakes are for those who name them
            self._add_candidate(candidate, ms)

    def _add_candidate(self, candidate: Candidate, ms: float | None) -> None:
        note, tip = "", candidate.why
        if candidate.state is State.UNAVAILABLE:
            tip = self.tr("Cannot run here: {why}").format(why=candidate.why)
        elif candidate.state is State.UNBUILT:
            note = self.tr("needs a build")
            tip = self.tr("Builds {what} first, while the present engine goes on").format(
                what=candidate.why
            )
        elif ms is not None:
            note = self.tr("{ms} ms").format(ms=f"{ms:.1f}")
            tip = self.tr("Measured: {ms} ms a frame").format(ms=f"{ms:.1f}")
        text = f"{candidate.label}\t{note}" if note else candidate.label
        enabled = candidate.state is not State.UNAVAILABLE
        self._add(candidate.label, text, tip, enabled)
        if candidate.default and self._wanted == candidate.name:
            self.actions_by_spec[candidate.label].setChecked(True)

    def _add(self, spec: str, text: str, tip: str, enabled: bool) -> None:
        action = QAction(text, self._menu)
        action.setData(spec)
        action.setCheckable(True)
        action.setChecked(spec == self._wanted)
        action.setEnabled(enabled)
        action.setToolTip(wrapped(tip))
        action.triggered.connect(lambda _: self.chosen.emit(spec))
        self._group.addAction(action)
        self._menu.addAction(action)


def wrapped(text: str) -> str:
    """A line broken at :data:`TIP_COLUMNS`: tooltips of plain text are as wide as their lines."""
    return textwrap.fill(text, TIP_COLUMNS, break_long_words=False, break_on_hyphens=False)
