"""PictureView: shows the newest numpy picture, scaled once per picture and size."""

from typing import Any

import cv2
import numpy as np
from PyQt6.QtCore import QRectF, QSize
from PyQt6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from avatar.frame import Image
from ui.theme import tokens

RADIUS = 10.0
"""Corner radius of every picture, in pixels."""


class PictureView(QWidget):
    """A picture that keeps its aspect ratio, on a rounded canvas.

    Pictures are (H, W, 3) uint8 RGB and may be read-only. They are scaled into one buffer that is
    kept and reused; the QImage looks straight into it. Both are touched by the GUI thread alone.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: Image | None = None
        self._mirrored = False
        self._scaled: Image | None = None
        self._qimage: QImage | None = None
        self._stale = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def image(self) -> Image | None:
        """The picture shown now, as it was given."""
        return self._source

    @property
    def mirrored(self) -> bool:
        """Whether the picture is shown flipped left to right."""
        return self._mirrored

    def show_image(self, image: Image | None) -> None:
        """Show a picture, or the empty canvas for None. The same object again costs nothing."""
        if image is self._source:
            return
        self._source = image
        self._stale = True
        self.update()

    def set_mirrored(self, mirrored: bool) -> None:
        """Flip what is shown left to right; the picture itself is not touched."""
        self._mirrored = mirrored
        self._stale = True
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(256, 256)

    def image_rect(self) -> QRectF:
        """Where the picture lies in the widget, in its coordinates; empty without a picture."""
        if self._source is None or self.width() < 2 or self.height() < 2:
            return QRectF()
        h, w = self._source.shape[:2]
        scale = min(self.width() / w, self.height() / h)
        shown_w, shown_h = max(1, round(w * scale)), max(1, round(h * scale))
        return QRectF(
            (self.width() - shown_w) // 2, (self.height() - shown_h) // 2, shown_w, shown_h
        )

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = tokens(self.palette())
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        painter.fillPath(outline, QColor(look.canvas))
        rect = self.image_rect()
        if not rect.isEmpty():
            clip = QPainterPath()
            clip.addRoundedRect(rect, RADIUS, RADIUS)
            painter.setClipPath(clip)
            painter.drawImage(rect, self._fitted(rect))
            painter.setClipping(False)
        self.paint_over(painter, rect)
        painter.end()

    def paint_over(self, painter: QPainter, rect: QRectF) -> None:
        """For subclasses: draw on top of the picture at ``rect``, which is empty without one."""

    def _fitted(self, rect: QRectF) -> QImage:
        """The picture scaled to ``rect`` in device pixels, as a view of the kept buffer."""
        ratio = self.devicePixelRatioF()
        size = (max(1, round(rect.width() * ratio)), max(1, round(rect.height() * ratio)))
        held = self._qimage
        if held is not None and not self._stale and (held.width(), held.height()) == size:
            return held
        source: Any = self._source
        assert source is not None  # image_rect() is empty without one
        if self._scaled is None or self._scaled.shape[:2] != (size[1], size[0]):
            self._scaled = np.empty((size[1], size[0], 3), np.uint8)
            pixels: Any = self._scaled.data  # Qt's stubs know only bytes
            self._qimage = QImage(
                pixels, size[0], size[1], size[0] * 3, QImage.Format.Format_RGB888
            )
        smaller = size[0] < source.shape[1]
        if source.shape[1] > 2 * size[0]:  # a quick first step: averaging 720p takes 5 ms
            source = cv2.resize(source, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_NEAREST)
        how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
        cv2.resize(source, size, dst=self._scaled, interpolation=how)
        if self._mirrored:
            cv2.flip(self._scaled, 1, dst=self._scaled)
        self._stale = False
        assert self._qimage is not None
        return self._qimage
