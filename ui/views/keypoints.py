"""KeypointsView: the driver's keypoints and those of the rendered result, pair by pair."""

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from avatar.frame import Keypoints
from ui.views.colours import keypoint_colour
from ui.views.result import ResultPane
from ui.views.view import Pane, Scene, View, point_in, two_squares

AXIS = 0.09
"""Length of an axis of average stretch, as a share of the picture."""

_UNDER = QColor(0, 0, 0, 170)


class KeypointsView(View):
    """Keypoints found in the driver, and as they were rendered after Motion; a pair has a colour.

    With axes, each keypoint shows the columns of its jacobian, how its neighbourhood is turned,
    stretched and sheared (DaGAN section 3.2), relative to the average stretch of its picture.
    """

    name = "keypoints"

    def __init__(self) -> None:
        super().__init__()
        self._driver, self._result = Pane(), ResultPane()

    def title(self) -> str:
        return self.tr("Keypoints")

    def explain(self) -> str:
        return self.tr("The keypoints found in the driver, and where the result is rendered")

    def paint(self, painter: QPainter, area: QRectF, scene: Scene) -> None:
        animated = scene.animated
        assert animated is not None
        left, right = two_squares(area)
        self._driver.paint(
            painter,
            left,
            animated.driving.image,
            mirrored=scene.mirrored,
            caption=self.tr("Driver: found"),
        )
        self._result.paint_result(painter, right, scene, self.tr("Result: rendered"))
        paint_keypoints(painter, left, animated.keypoints, scene.mirrored, axes=scene.axes)
        if animated.shown is not None:
            paint_keypoints(painter, right, animated.shown, scene.mirrored, axes=scene.axes)

    def result_rect(self, area: QRectF, scene: Scene) -> QRectF:
        return two_squares(area)[1]


def paint_keypoints(
    painter: QPainter, rect: QRectF, keypoints: Keypoints, mirrored: bool, *, axes: bool
) -> None:
    """Keypoints over the picture at ``rect``, which they were found in."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    size = max(3.5, rect.width() / 90)
    mean = float(np.linalg.norm(keypoints.jacobian, axis=1).mean()) or 1.0
    for number, (value, jacobian) in enumerate(
        zip(keypoints.value, keypoints.jacobian, strict=True)
    ):
        place = (float(value[0]) + 1) / 2, (float(value[1]) + 1) / 2
        at = point_in(rect, place, mirrored)
        colour = QColor(*keypoint_colour(number))
        if axes:
            for column, width in ((0, 2.5), (1, 1.5)):
                x, y = (jacobian[:, column] * (AXIS / mean)).tolist()
                end = point_in(rect, (place[0] + x, place[1] + y), mirrored)
                _line(painter, at, end, colour, width)
        painter.setPen(QPen(_UNDER, 1.5))
        painter.setBrush(colour)
        painter.drawEllipse(at, size, size)
    painter.restore()


def _line(painter: QPainter, start: QPointF, end: QPointF, colour: QColor, width: float) -> None:
    for pen, thick in ((_UNDER, width + 2), (colour, width)):
        painter.setPen(QPen(pen, thick, cap=Qt.PenCapStyle.RoundCap))
        painter.drawLine(start, end)
