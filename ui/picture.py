"""PictureView: shows the newest numpy picture; Scaled: a picture at the size it is shown."""

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


class Scaled:
    """A picture scaled to device pixels, once per picture, size and flip.

    The buffer is kept and reused, and the QImage looks straight into it, so a picture is copied
    once. It belongs to the GUI thread.

    Attributes:
        buffer: (h, w, 3) uint8; None before the first picture.
    """

    def __init__(self) -> None:
        self.buffer: Image | None = None
        self._qimage: QImage | None = None
        self._made: tuple[object, bool] = (None, False)

    def fitted(
        self, image: Image, rect: QRectF, ratio: float, mirrored: bool, of: object = None
    ) -> QImage:
        """The picture at the size of a rectangle, valid until the next call.

        Args:
            image: (H, W, 3) uint8 RGB, may be read-only.
            rect: where it will be drawn, in the widget's pixels.
            ratio: device pixels per pixel.
            mirrored: flip it left to right.
            of: what the picture was made of, if it is made in a buffer that is used again.
        """
        made = (image if of is None else of, mirrored)
        size = (max(1, round(rect.width() * ratio)), max(1, round(rect.height() * ratio)))
        if self.buffer is None or self.buffer.shape[:2] != (size[1], size[0]):
            self.buffer = np.empty((size[1], size[0], 3), np.uint8)
            pixels: Any = self.buffer.data  # Qt's stubs know only bytes
            self._qimage = QImage(
                pixels, size[0], size[1], size[0] * 3, QImage.Format.Format_RGB888
            )
        elif made[0] is self._made[0] and made[1] == self._made[1]:
            assert self._qimage is not None
            return self._qimage
        source: Any = image
        smaller = size[0] < source.shape[1]
        if source.shape[1] > 2 * size[0]:  # a quick first step: averaging 720p takes 5 ms
            source = cv2.resize(source, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_NEAREST)
        how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
        cv2.resize(source, size, dst=self.buffer, interpolation=how)
        if mirrored:
            cv2.flip(self.buffer, 1, dst=self.buffer)
        self._made = made
        assert self._qimage is not None
        return self._qimage


class PictureView(QWidget):
    """A picture that keeps its aspect ratio, on a rounded canvas.

    Pictures are (H, W, 3) uint8 RGB and may be read-only.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: Image | None = None
        self._mirrored = False
        self._scaled = Scaled()
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
        self.update()

    def set_mirrored(self, mirrored: bool) -> None:
        """Flip what is shown left to right; the picture itself is not touched."""
        self._mirrored = mirrored
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
        """The picture scaled to ``rect`` in device pixels."""
        assert self._source is not None  # image_rect() is empty without one
        return self._scaled.fitted(self._source, rect, self.devicePixelRatioF(), self._mirrored)
