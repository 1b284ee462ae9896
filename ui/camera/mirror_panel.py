"""MirrorPanel: what is shown or moved like in a mirror."""

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QFrame, QLabel, QVBoxLayout, QWidget

from ui.theme import caption, heading


class MirrorPanel(QFrame):
    """The preview and the output, each by itself."""

    preview_changed = pyqtSignal(bool)
    output_changed = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        title = QLabel(self.tr("Mirror"))
        title.setFont(heading(title))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(4)
        column.addWidget(title)
        self.preview = self._box(
            column,
            self.tr("Mirror preview (R)"),
            self.tr("Only this window is a mirror; others see you the right way round."),
        )
        column.addSpacing(4)
        self.output = self._box(
            column,
            self.tr("Mirror output (T)"),
            self.tr("The portrait moves like your mirror image, for everyone who sees it."),
        )
        self.preview.toggled.connect(self.preview_changed)
        self.output.toggled.connect(self.output_changed)

    def show_preview(self, on: bool) -> None:
        """Show whether the preview is mirrored, without a signal."""
        with QSignalBlocker(self.preview):
            self.preview.setChecked(on)

    def show_output(self, on: bool) -> None:
        """Show whether the output is mirrored, without a signal."""
        with QSignalBlocker(self.output):
            self.output.setChecked(on)

    def _box(self, column: QVBoxLayout, text: str, what: str) -> QCheckBox:
        box, line = QCheckBox(text), QLabel(what)
        box.setAccessibleName(text)
        box.setAccessibleDescription(what)
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        line.setObjectName("muted")
        line.setFont(caption(line))
        line.setWordWrap(True)
        line.setContentsMargins(26, 0, 0, 0)
        column.addWidget(box)
        column.addWidget(line)
        return box
