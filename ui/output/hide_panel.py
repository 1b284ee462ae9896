"""HidePanel: the button that hides the user in every output, the slate, and the raw camera."""

from pathlib import Path

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.file_dialogs import ask_slate
from ui.icons import icon
from ui.output.safety import Safety
from ui.picture import PictureView
from ui.theme import caption, heading

PREVIEW = 92
"""Side of the slate's preview, in pixels."""


class HidePanel(QFrame):
    """What is seen of the user, and the picture that is seen instead."""

    def __init__(self, safety: Safety, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._safety = safety
        title = QLabel(self.tr("Privacy"))
        title.setFont(heading(title))
        self.hide_button = QToolButton()
        self.hide_button.setObjectName("record")  # red while it is on
        self.hide_button.setIcon(icon("hide", checked="on_danger"))
        self.hide_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._checkable(self.hide_button, self.tr("Shows the slate in every output at once (B)"))
        self.hide_button.clicked.connect(safety.hide)
        self.preview = PictureView()
        self.preview.setFixedSize(PREVIEW, PREVIEW)
        self.preview.setAccessibleName(self.tr("The slate"))
        self._which = QLabel()
        self._which.setFont(caption(self._which))
        self._which.setObjectName("muted")
        self.choose = QPushButton(self.tr("Choose slate…"))
        self.choose.setAccessibleName(self.tr("Choose a picture as the slate"))
        self.choose.clicked.connect(lambda: ask_slate(self, safety.choose_slate))
        self.plain = QPushButton(self.tr("Use plain slate"))
        self.plain.setAccessibleName(self.tr("Use the plain slate"))
        self.plain.clicked.connect(lambda: safety.choose_slate(None))
        self.raw = QToolButton()
        self.raw.setObjectName("record")
        self.raw.setIcon(icon("camera", checked="on_danger"))
        self.raw.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._checkable(
            self.raw, self.tr("Sends your own face instead of the portrait; asks first (0)")
        )
        self.raw.clicked.connect(self._toggle_raw)
        for button in (self.choose, self.plain):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        note = QLabel(self.tr("Your camera is never sent unless you ask for it here."))
        note.setWordWrap(True)
        note.setFont(caption(note))
        note.setObjectName("muted")

        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(self._which)
        words.addWidget(self.choose)
        words.addWidget(self.plain)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.preview)
        row.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(10)
        column.addWidget(title)
        column.addWidget(self.hide_button)
        column.addLayout(row)
        column.addWidget(self.raw)
        column.addWidget(note)

        safety.hidden_changed.connect(self._show)
        safety.raw_changed.connect(self._show)
        safety.slate_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        safety = self._safety
        hidden, raw = safety.hidden, safety.raw
        for button, on, text in (
            (self.hide_button, hidden, self.tr("Show me again") if hidden else self.tr("Hide me")),
            (self.raw, raw, self.tr("Stop my camera") if raw else self.tr("Show my camera")),
        ):
            with QSignalBlocker(button):
                button.setChecked(on)
            button.setText(f"\N{THIN SPACE}{text}")
            button.setAccessibleName(text)
        self.preview.show_image(safety.slate)
        own = safety.slate_path
        self._which.setText(self.tr("The plain slate") if own is None else _short(own))
        self._which.setToolTip("" if own is None else str(own))
        self.plain.setEnabled(own is not None)

    def _toggle_raw(self) -> None:
        with QSignalBlocker(self.raw):
            self.raw.setChecked(self._safety.raw)  # it is asked first, or refused
        self._safety.toggle_raw()

    def _checkable(self, button: QToolButton, tip: str) -> None:
        button.setCheckable(True)
        button.setToolTip(tip)
        button.setAccessibleDescription(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = button.sizePolicy()
        policy.setHorizontalPolicy(policy.Policy.Expanding)
        button.setSizePolicy(policy)


def _short(path: Path, longest: int = 20) -> str:
    """A file's name, cut in its middle where it is long."""
    name = path.name
    if len(name) <= longest:
        return name
    return f"{name[: longest // 2]}…{name[-(longest // 2 - 1) :]}"
