"""DrivingView: what the camera sees, with the crop box and the keypoints on top."""

from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPen, QWheelEvent
from PyQt6.QtWidgets import QWidget

from avatar.frame import Animated, Crop, Frame
from ui.picture import PictureView
from ui.theme import MIN_POINT_SIZE, tokens

NOTCH = 120.0
"""What one notch of a mouse wheel counts, in Qt's units."""

_FOUND, _HELD, _UNDER = QColor("#4fd08b"), QColor("#f5b83d"), QColor(0, 0, 0, 150)


class DrivingView(PictureView):
    """The newest input; a green box where the face is, amber and dashed while it is lost.

    The box is moved by dragging and sized with the wheel; a double click asks for the usual one.

    Signals:
        dragged: how far to move the box to the right and down in the frame, in parts of its side.
        wheeled: notches of the wheel; up, to go closer, is positive.
        reset_wanted: the box shall be as usual.
    """

    dragged = pyqtSignal(float, float)
    wheeled = pyqtSignal(float)
    reset_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._crop: Crop | None = None
        self._points: np.ndarray | None = None
        self._overlay = True
        self._held_at: QPointF | None = None  # where the mouse was when the box was moved last
        self.setAccessibleName(self.tr("Camera picture"))
        self.setAccessibleDescription(
            self.tr(
                "What the camera sees, with the crop box and the keypoints; drag to move the box, "
                "turn the wheel to zoom"
            )
        )
        self.setMinimumSize(200, 120)

    def sizeHint(self) -> QSize:
        return QSize(290, 176)

    @property
    def overlay(self) -> bool:
        """Whether the crop box and the keypoints are drawn."""
        return self._overlay

    def set_overlay(self, shown: bool) -> None:
        """Draw the crop box and the keypoints, or the bare picture."""
        self._overlay = shown
        self.update()

    def show_input(self, seen: tuple[Frame, Crop] | None, animated: Animated | None) -> None:
        """Show the newest input, and the keypoints of the newest result if there is one."""
        if seen is None:
            self._crop = self._points = self._held_at = None
            self.show_image(None)
            self._show_cursor()
            return
        if self._crop is None:
            frame, self._crop = seen
            self._show_cursor()
        frame, self._crop = seen
        self._points = None if animated is None else frame_points(animated)
        self.show_image(frame.image)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton or self._crop is None:
            super().mousePressEvent(event)
            return
        if self.image_rect().contains(event.position()):
            self._held_at = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        rect = self.image_rect()
        if event is None or self._held_at is None or self._crop is None or rect.isEmpty():
            super().mouseMoveEvent(event)
            return
        moved, self._held_at = event.position() - self._held_at, event.position()
        assert self.image is not None  # the rectangle is empty without one
        side = float(self._crop.box[2] - self._crop.box[0])
        scale = self.image.shape[1] / rect.width() / max(side, 1.0)
        across = -moved.x() if self.mirrored else moved.x()
        self.dragged.emit(across * scale, moved.y() * scale)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._held_at = None
        self._show_cursor()
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if self._crop is not None:
            self.reset_wanted.emit()
        super().mouseDoubleClickEvent(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is None or self._crop is None:
            super().wheelEvent(event)
            return
        turned = event.angleDelta().y()
        if turned:
            self.wheeled.emit(turned / NOTCH)
        event.accept()  # the page does not scroll meanwhile

    def _show_cursor(self) -> None:
        if self._crop is None:
            self.unsetCursor()
        elif self._held_at is None:
            self.setCursor(Qt.CursorShape.OpenHandCursor)

    def paint_over(self, painter: QPainter, rect: QRectF) -> None:
        if self.image is None:
            painter.setPen(QColor(tokens(self.palette()).on_canvas))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("No picture yet"))
            return
        if not self._overlay or self._crop is None:
            return
        painter.setClipRect(rect)
        colour = _HELD if self._crop.held else _FOUND
        x0, y0, x1, y1 = self._crop.box
        box = QRectF(self._place(x0, y0, rect), self._place(x1, y1, rect)).normalized()
        style = Qt.PenStyle.DashLine if self._crop.held else Qt.PenStyle.SolidLine
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(_UNDER, 4))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QPen(colour, 2, style))
        painter.drawRoundedRect(box, 4, 4)
        if self._points is not None and not self._crop.held:
            self._paint_points(painter, rect, self._points)
        if self._crop.held:
            self._paint_notice(painter, rect, self.tr("No face"))

    def _paint_points(
        self, painter: QPainter, rect: QRectF, points: Sequence[Sequence[float]] | np.ndarray
    ) -> None:
        count = max(1, len(points))
        painter.setPen(QPen(_UNDER, 1))
        for number, (x, y) in enumerate(points):
            painter.setBrush(QColor.fromHsvF(number / count, 0.75, 1.0))
            painter.drawEllipse(self._place(x, y, rect), 3.0, 3.0)

    def _paint_notice(self, painter: QPainter, rect: QRectF, text: str) -> None:
        font = QFont(self.font())
        font.setPointSizeF(max(MIN_POINT_SIZE, font.pointSizeF() - 0.5))
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(text) + 16
        pill = QRectF(rect.left() + 8, rect.bottom() - 30, width, 22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 190))
        painter.drawRoundedRect(pill, 11, 11)
        painter.setPen(_HELD)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)

    def _place(self, x: float, y: float, rect: QRectF) -> QPointF:
        """A point of the frame, in pixels, to where it is on the screen."""
        image = self.image
        assert image is not None
        across = float(x) / image.shape[1]
        if self.mirrored:
            across = 1.0 - across
        return QPointF(
            rect.left() + across * rect.width(),
            rect.top() + float(y) / image.shape[0] * rect.height(),
        )


def frame_points(animated: Animated) -> np.ndarray:
    """The detected keypoints in pixels of the frame they come from: (K, 2) float32."""
    box = animated.driving.box
    points: np.ndarray = box[:2] + (animated.keypoints.value + 1.0) * 0.5 * (box[2:] - box[:2])
    return points
