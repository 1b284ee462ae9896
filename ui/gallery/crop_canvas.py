"""CropCanvas: a picture with a square on it that can be moved and resized."""

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from avatar.square import Square
from ui.gallery.crop_job import CropJob
from ui.gallery.crop_square import CORNERS, moved, pulled, scaled
from ui.theme import tokens

MARGIN = 0.12
"""Of the picture's longer side, shown around it: the square may reach outside."""

_GRIP = 14.0
"""How near to a corner the mouse takes hold of it, in pixels of the screen."""

_STEP, _FINE = 0.02, 0.004
"""Of the square's side: how far the arrow keys move it, and with Shift."""

_GROW = 1.04
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class CropCanvas(QWidget):
    """Mouse: drag the square or a corner, wheel to resize. Keys: arrows, plus and minus.

    Signals:
        changed: the square, by the user's hand.
    """

    changed = pyqtSignal(object)

    def __init__(self, job: CropJob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job = job
        self._square = job.square
        self._held: tuple[int, int] | None = None
        self._last: QPointF | None = None
        pixels = job.levels[-1]
        height, width = pixels.shape[:2]
        buffer = pixels.tobytes()
        self._picture = QImage(
            buffer, width, height, 3 * width, QImage.Format.Format_RGB888
        ).copy()  # a copy owns its pixels
        self._scaled = QPixmap()
        self.setAccessibleName(self.tr("Crop"))
        self.setAccessibleDescription(
            self.tr("Arrow keys move the square, plus and minus resize it; Shift for small steps")
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(320, 280)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def square(self) -> Square:
        """The square now, in pixels of the job's first level."""
        return self._square

    def show_square(self, square: Square) -> None:
        """Show another square."""
        self._square = square
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(520, 460)

    def place(self, x: float, y: float) -> QPointF:
        """Where a pixel of the picture is in the widget."""
        rect, (width, height) = self._rect(), self._job.size
        return QPointF(
            rect.left() + x / width * rect.width(), rect.top() + y / height * rect.height()
        )

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = tokens(self.palette())
        painter.fillRect(self.rect(), QColor(look.canvas))
        rect = self._rect()
        painter.drawPixmap(rect, self._fitted(rect), QRectF(self._fitted(rect).rect()))
        frame = self._frame()
        dim = QPainterPath()
        dim.addRect(QRectF(self.rect()))
        hole = QPainterPath()
        hole.addRect(frame)
        painter.fillPath(dim.subtracted(hole), QColor(0, 0, 0, 130))
        painter.setPen(QPen(QColor(0, 0, 0, 160), 4))
        painter.drawRect(frame)
        painter.setPen(QPen(QColor("white"), 2))
        painter.drawRect(frame)
        painter.setBrush(QColor(look.accent if self.hasFocus() else "white"))
        painter.setPen(QPen(QColor(0, 0, 0, 200), 1))
        for sx, sy in CORNERS:
            painter.drawEllipse(self._corner(frame, sx, sy), 6.0, 6.0)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._held = self._grip(event.position())
        if self._held is not None or self._frame().contains(event.position()):
            self._last = event.position()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        where, (width, height) = event.position(), self._job.size
        if self._last is None:
            self._point(where)
            return
        per_pixel = width / max(1.0, self._rect().width())
        if self._held is not None:
            x = (where.x() - self._rect().left()) * per_pixel
            y = (where.y() - self._rect().top()) * per_pixel
            self._use(pulled(self._square, self._held, x, y, width, height))
        else:
            dx, dy = where.x() - self._last.x(), where.y() - self._last.y()
            self._use(moved(self._square, dx * per_pixel, dy * per_pixel, width, height))
            self._last = where

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._last = self._held = None

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None and event.angleDelta().y():
            self._use(
                scaled(self._square, _GROW ** (-event.angleDelta().y() / 120), *self._job.size)
            )
            event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        key, size = event.key(), self._job.size
        if key in _ARROWS:
            by = self._square.side * (_FINE if fine else _STEP)
            x, y = _ARROWS[Qt.Key(key)]
            self._use(moved(self._square, x * by, y * by, *size))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._use(scaled(self._square, _GROW, *size))
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self._use(scaled(self._square, 1 / _GROW, *size))
        else:
            super().keyPressEvent(event)

    def _use(self, square: Square) -> None:
        if square != self._square:
            self.show_square(square)
            self.changed.emit(square)

    def _rect(self) -> QRectF:
        """The picture in the widget."""
        width, height = self._job.size
        margin = MARGIN * max(width, height)
        scale = min(self.width() / (width + 2 * margin), self.height() / (height + 2 * margin))
        shown_w, shown_h = width * scale, height * scale
        return QRectF((self.width() - shown_w) / 2, (self.height() - shown_h) / 2, shown_w, shown_h)

    def _frame(self) -> QRectF:
        """The square in the widget."""
        half = self._square.side / 2
        return QRectF(
            self.place(self._square.x - half, self._square.y - half),
            self.place(self._square.x + half, self._square.y + half),
        )

    def _corner(self, frame: QRectF, sx: int, sy: int) -> QPointF:
        """A corner's handle; drawn at the widget's edge where the corner is further out."""
        x = frame.right() if sx > 0 else frame.left()
        y = frame.bottom() if sy > 0 else frame.top()
        return QPointF(min(max(x, 7.0), self.width() - 7.0), min(max(y, 7.0), self.height() - 7.0))

    def _grip(self, where: QPointF) -> tuple[int, int] | None:
        frame = self._frame()
        for corner in CORNERS:
            gap = self._corner(frame, *corner) - where
            if max(abs(gap.x()), abs(gap.y())) <= _GRIP:
                return corner
        return None

    def _point(self, where: QPointF) -> None:
        corner = self._grip(where)
        if corner is not None:
            falling = corner[0] == corner[1]
            self.setCursor(
                Qt.CursorShape.SizeFDiagCursor if falling else Qt.CursorShape.SizeBDiagCursor
            )
        elif self._frame().contains(where):
            self.setCursor(Qt.CursorShape.SizeAllCursor)
        else:
            self.unsetCursor()

    def _fitted(self, rect: QRectF) -> QPixmap:
        ratio = self.devicePixelRatioF()
        size = QSize(round(rect.width() * ratio), round(rect.height() * ratio))
        if self._scaled.size() != size:
            self._scaled = QPixmap.fromImage(
                self._picture.scaled(
                    size,
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )
        return self._scaled
