"""Legends: what the colours of a map mean. They are never flipped with the picture."""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPainterPath, QPen

from avatar.frame import Image
from ui.views.colours import FULL_FLOW, wheel
from ui.views.view import INK, VEIL

MARGIN = 8.0
_STOPS = 16


def paint_ramp(painter: QPainter, rect: QRectF, colours: Image, low: str, high: str) -> None:
    """A bar of colours in the lower left corner of a picture.

    Args:
        painter: with the font to write in.
        rect: of the picture.
        colours: (256, 3) uint8.
        low, high: what its ends mean.
    """
    metrics = painter.fontMetrics()
    words = metrics.horizontalAdvance(low), metrics.horizontalAdvance(high)
    bar_w = min(110.0, rect.width() - 2 * MARGIN - sum(words) - 34)
    if bar_w < 20:
        return
    height = metrics.height() + 8
    box = QRectF(
        rect.left() + MARGIN,
        rect.bottom() - MARGIN - height,
        words[0] + words[1] + bar_w + 32,
        height,
    )
    _back(painter, box)
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.setPen(INK)
    painter.drawText(box.adjusted(9, 0, 0, 0), middle | Qt.AlignmentFlag.AlignLeft, low)
    painter.drawText(box.adjusted(0, 0, -9, 0), middle | Qt.AlignmentFlag.AlignRight, high)
    bar = QRectF(box.left() + words[0] + 16, box.center().y() - 4, bar_w, 8)
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for stop in range(_STOPS + 1):
        r, g, b = colours[round(stop * 255 / _STOPS)].tolist()
        gradient.setColorAt(stop / _STOPS, QColor(r, g, b))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawRoundedRect(bar, 3, 3)


def paint_wheel(painter: QPainter, rect: QRectF, words: str) -> None:
    """The wheel of a flow's colours in the lower left corner of a picture, with words beside it."""
    side = min(64.0, rect.width() / 4)
    metrics = painter.fontMetrics()
    room = int(rect.width() - 3 * MARGIN - side - 20)
    words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
    box = QRectF(
        rect.left() + MARGIN,
        rect.bottom() - MARGIN - side - 12,
        side + metrics.horizontalAdvance(words) + 26,
        side + 12,
    )
    _back(painter, box)
    disc = QRectF(box.left() + 6, box.top() + 6, side, side)
    device = painter.device()
    pixels = wheel(round(side * (1.0 if device is None else device.devicePixelRatioF())))
    n = pixels.shape[0]
    image = QImage(pixels.tobytes(), n, n, 3 * n, QImage.Format.Format_RGB888)
    painter.save()
    clip = QPainterPath()
    clip.addEllipse(disc)
    painter.setClipPath(clip, Qt.ClipOperation.IntersectClip)
    painter.drawImage(disc, image)
    painter.restore()
    painter.setPen(QPen(QColor(0, 0, 0, 90), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    centre = disc.center()
    for end in (QPointF(side / 2, 0), QPointF(0, side / 2)):
        painter.drawLine(centre - end, centre + end)
    painter.drawEllipse(disc)
    painter.setPen(INK)
    left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(box.adjusted(side + 14, 0, 0, 0), left, words)


def full_flow_percent() -> int:
    """What the rim of the wheel means, in percent of the picture's width."""
    return round(FULL_FLOW / 2 * 100)


def _back(painter: QPainter, box: QRectF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(VEIL)
    painter.drawRoundedRect(box, 8, 8)
