"""MatchRing: a score as a number in a ring that fills."""

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from avatar.pose.match import FAIR, GOOD
from ui.theme import MIN_POINT_SIZE, tokens

SIDE = 52
_THICK = 5.0


class MatchRing(QWidget):
    """Says the score by its number, by how much of the ring is filled, and by colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._score: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Match with the portrait"))

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    @property
    def score(self) -> float | None:
        """What it shows, 0 to 100; None = nothing to compare."""
        return self._score

    def set_score(self, score: float | None) -> None:
        """Show a score."""
        if score != self._score:
            self._score = score
            said = (
                self.tr("no face")
                if score is None
                else self.tr("{n} of 100").format(n=round(score))
            )
            self.setAccessibleDescription(said)
            self.update()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        look = tokens(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = _THICK / 2 + 1
        circle = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        painter.setPen(QPen(QColor(look.border), _THICK))
        painter.drawEllipse(circle)
        if self._score is not None:
            if self._score >= GOOD:
                colour = look.success
            else:
                colour = look.warning if self._score >= FAIR else look.danger
            cap = Qt.PenCapStyle.RoundCap
            painter.setPen(QPen(QColor(colour), _THICK, Qt.PenStyle.SolidLine, cap))
            painter.drawArc(circle, 90 * 16, -round(self._score * 57.6))
        font = QFont(self.font())
        font.setPointSizeF(max(MIN_POINT_SIZE, font.pointSizeF() + 1.5))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(look.text if self._score is not None else look.muted))
        text = "–" if self._score is None else str(round(self._score))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
