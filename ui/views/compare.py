"""SideBySide: what drives beside what comes of it."""

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QPainter

from ui.views.result import ResultPane
from ui.views.view import Pane, Scene, View, two_squares


class SideBySide(View):
    """The driver's crop beside the result."""

    name = "compare"

    def __init__(self) -> None:
        super().__init__()
        self._driver, self._result = Pane(), ResultPane()

    def title(self) -> str:
        return self.tr("Side by side")

    def explain(self) -> str:
        return self.tr("What the networks see of the driver, beside the result")

    def paint(self, painter: QPainter, area: QRectF, scene: Scene) -> None:
        assert scene.animated is not None
        left, right = two_squares(area)
        crop = scene.animated.driving.image
        self._driver.paint(painter, left, crop, mirrored=scene.mirrored, caption=self.tr("Driver"))
        self._result.paint_result(painter, right, scene, self.tr("Result"))

    def result_rect(self, area: QRectF, scene: Scene) -> QRectF:
        return two_squares(area)[1]
