"""Combo: a combo box with an arrow."""

from PyQt6.QtCore import QRect
from PyQt6.QtGui import QIcon, QPainter, QPaintEvent
from PyQt6.QtWidgets import QComboBox

from ui.icons import icon


class Combo(QComboBox):
    """A combo box with an arrow: a styled one has none unless it comes from a file."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        spot = QRect(self.width() - 26, (self.height() - 16) // 2, 16, 16)
        icon("down", "muted").paint(painter, spot, mode=mode)
        painter.end()
