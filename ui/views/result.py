"""ResultOnly: the animated portrait alone, and the picture of it that other views show too."""

import cv2
import numpy as np
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QPainter

from avatar.frame import Image
from ui.views.view import Pane, Scene, View, square


class ResultPane(Pane):
    """The result, with the driver laid over it at the scene's opacity."""

    def __init__(self) -> None:
        super().__init__()
        self._mixed: Image | None = None
        self._made_of: tuple[Image, float] | None = None
        self._token: object = None  # a new one for every mixture, since the buffer stays the same

    def paint_result(
        self, painter: QPainter, rect: QRectF, scene: Scene, caption: str = ""
    ) -> None:
        """Paint the scene's picture."""
        image, animated = scene.image, scene.animated
        if image is None:
            return
        token: object = None
        if scene.opacity > 0 and animated is not None:
            driver = animated.driving.image
            if driver.shape == image.shape:
                image, token = self._overlaid(image, driver, scene.opacity, animated.mirrored)
        self.paint(painter, rect, image, mirrored=scene.mirrored, caption=caption, of=token)

    def _overlaid(
        self, image: Image, driver: Image, opacity: float, mirrored: bool
    ) -> tuple[Image, object]:
        made = self._made_of
        if self._mixed is None or made is None or made[0] is not image or made[1] != opacity:
            if self._mixed is None or self._mixed.shape != image.shape:
                self._mixed = np.empty_like(image)
            if mirrored:  # as the networks saw it, so that it lies over the portrait's own side
                driver = np.ascontiguousarray(driver[:, ::-1])
            cv2.addWeighted(image, 1 - opacity, driver, opacity, 0, dst=self._mixed)
            self._made_of, self._token = (image, opacity), object()
        return self._mixed, self._token


class ResultOnly(View):
    """The animated portrait alone, as large as it can be."""

    name = "result"

    def __init__(self) -> None:
        super().__init__()
        self._pane = ResultPane()

    def title(self) -> str:
        return self.tr("Result")

    def explain(self) -> str:
        return self.tr("The animated portrait alone")

    def paint(self, painter: QPainter, area: QRectF, scene: Scene) -> None:
        if scene.image is None:
            return
        h, w = scene.image.shape[:2]
        scale = min(area.width() / w, area.height() / h)
        if w == h:
            rect = square(area)
        else:
            size = float(int(w * scale)), float(int(h * scale))
            left = area.left() + int((area.width() - size[0]) / 2)
            rect = QRectF(left, area.top() + int((area.height() - size[1]) / 2), *size)
        self._pane.paint_result(painter, rect, scene)
