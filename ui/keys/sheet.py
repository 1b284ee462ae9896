"""ShortcutSheet: every key of the window, in a small window beside it that does not block."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.theme import heading

Group = tuple[str, list[tuple[str, str]]]
"""(title, lines); a line is (keys, what they do)."""


class ShortcutSheet(QDialog):
    """Tables of keys and what they do, in two columns."""

    change_wanted = pyqtSignal()
    guide_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setModal(False)
        self.setObjectName("shortcuts")
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName(self.tr("Keyboard shortcuts"))
        change = QPushButton(self.tr("&Change keys…"))
        change.clicked.connect(self.change_wanted)
        guide = QPushButton(self.tr("Show the &guide"))
        guide.clicked.connect(self.guide_wanted)
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addWidget(change)
        row.addWidget(guide)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(self._scroll, 1)
        column.addLayout(row)

    def fill(self, groups: Sequence[Group]) -> None:
        """Show these keys."""
        content = QWidget()
        columns = QHBoxLayout(content)
        columns.setContentsMargins(4, 4, 12, 4)
        columns.setSpacing(36)
        half = sum(len(lines) + 2 for _, lines in groups) / 2
        grid, used = QGridLayout(), 0
        for title, lines in groups:
            if used and used + len(lines) / 2 > half:
                self._end(grid, columns)
                grid, used = QGridLayout(), 0
            _add(grid, title, lines)
            used += len(lines) + 2
        self._end(grid, columns)
        self._scroll.setWidget(content)
        hint = content.minimumSizeHint()
        self._scroll.setMinimumWidth(hint.width() + 16)  # of the scroll bar
        screen = self.screen()
        most = 0.9 * screen.availableGeometry().height() if screen is not None else hint.height()
        self.resize(self.minimumSizeHint().width(), min(hint.height() + 90, round(most)))

    @staticmethod
    def _end(grid: QGridLayout, columns: QHBoxLayout) -> None:
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        columns.addLayout(grid)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.text() == "?":
            self.close()
            return
        super().keyPressEvent(event)


def _add(grid: QGridLayout, title: str, lines: list[tuple[str, str]]) -> None:
    row = grid.rowCount()
    head = QLabel(title)
    head.setObjectName("muted")
    head.setFont(heading(head))
    head.setContentsMargins(0, 10 if row > 1 else 0, 0, 0)
    grid.addWidget(head, row, 0, 1, 2)
    for number, (keys, what) in enumerate(lines, row + 1):
        key = QLabel(keys)
        key.setFont(heading(key))
        key.setTextFormat(Qt.TextFormat.PlainText)
        grid.addWidget(key, number, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        grid.addWidget(QLabel(what), number, 1)
