"""AttentionView: where in the portrait the depth-aware attention looks for a point."""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from avatar.frame import Image
from avatar.maps import Maps
from ui.views.colours import heat_colours, heat_picture, heat_top
from ui.views.legend import paint_ramp
from ui.views.result import ResultPane
from ui.views.view import Pane, Scene, View, point_in, two_squares


class AttentionView(View):
    """The result with a point to click, beside the portrait with its attention as heat (eq. 6)."""

    name = "attention"
    wanted = ("attention",)
    pointed = True

    def __init__(self) -> None:
        super().__init__()
        self._result, self._portrait = ResultPane(), Pane()

    def title(self) -> str:
        return self.tr("Attention")

    def explain(self) -> str:
        return self.tr(
            "Where in the portrait the attention looks for a point of the result: click it, or move"
            " it with the arrow keys"
        )

    def colour(self, maps: Maps) -> dict[str, Image]:
        if maps.heat is None:
            return {}
        return {"heat": heat_picture(maps.portrait.image, maps.heat, heat_top(maps.heat))}

    def paint(self, painter: QPainter, area: QRectF, scene: Scene) -> None:
        maps = scene.maps
        left, right = two_squares(area)
        self._result.paint_result(painter, left, scene, self.tr("Result: click a point"))
        if maps is None or maps.heat is None or "heat" not in maps.pictures:
            self.paint_waiting(painter, right, scene)
        else:
            self._portrait.paint(
                painter,
                right,
                maps.pictures["heat"],
                mirrored=scene.mirrored,
                caption=self.tr("Portrait: looked at"),
            )
            most = self.tr("≥ {n} times").format(n=f"{heat_top(maps.heat):.1f}")
            paint_ramp(painter, right, heat_colours(), self.tr("average"), most)
        point = scene.point
        if maps is not None and maps.point is not None and maps.cells:
            half = 0.5 / maps.cells
            if max(abs(a - b) for a, b in zip(point, maps.point, strict=True)) <= half:
                point = maps.point
        painter.save()
        painter.setClipRect(left, Qt.ClipOperation.IntersectClip)
        _paint_marker(painter, point_in(left, point, scene.mirrored))
        painter.restore()

    def result_rect(self, area: QRectF, scene: Scene) -> QRectF:
        return two_squares(area)[0]


def _paint_marker(painter: QPainter, at: QPointF) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((QColor(0, 0, 0, 190), 4.5), (QColor("#6ee7ff"), 2.0)):
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(at, 8.0, 8.0)
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(
                QPointF(at.x() + 11 * x, at.y() + 11 * y), QPointF(at.x() + 17 * x, at.y() + 17 * y)
            )
