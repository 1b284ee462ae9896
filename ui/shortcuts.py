"""ShortcutSheet: every key of the window, in a small window beside it that does not block."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QDialog, QGridLayout, QLabel, QWidget

from ui.theme import heading


class ShortcutSheet(QDialog):
    """A table of keys and what they do."""

    def __init__(self, rows: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setModal(False)
        self.setObjectName("shortcuts")
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 20, 28, 22)
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(8)
        for number, (keys, what) in enumerate(rows):
            key = QLabel(keys)
            key.setFont(heading(key))
            key.setTextFormat(Qt.TextFormat.PlainText)
            grid.addWidget(key, number, 0, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(QLabel(what), number, 1)
        grid.setColumnStretch(1, 1)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.text() == "?":
            self.close()
            return
        super().keyPressEvent(event)
