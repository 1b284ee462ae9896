"""DepthView: the depth that the network learned, without any teacher, of both faces."""

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from avatar.frame import Floats, Image
from ui.picture import RADIUS
from ui.views.colours import depth_colours, depth_picture
from ui.views.legend import paint_ramp
from ui.views.view import Pane, Scene, View, two_squares

INSET = 0.27
"""Side of the small picture in the corner, as a share of the map's."""

_FINEST = 0.01
"""Ends of the colours that move less than this share of their distance are not painted anew."""


class DepthView(View):
    """The driver's depth and the portrait's in one scale, each with its picture in the corner."""

    name = "depth"
    wanted = ("depth",)

    def __init__(self) -> None:
        super().__init__()
        self._driver, self._portrait = _DepthPane(), _DepthPane()

    def title(self) -> str:
        return self.tr("Depth")

    def explain(self) -> str:
        return self.tr("How near each place is, in the driver and in the portrait: near is bright")

    def paint(self, painter: QPainter, area: QRectF, scene: Scene) -> None:
        maps = scene.maps
        if maps is None or maps.portrait_depth is None or "depth" not in maps.maps:
            self.paint_waiting(painter, area, scene)
            return
        left, right = two_squares(area)
        ends = maps.range
        self._driver.paint_depth(
            painter,
            left,
            maps.maps["depth"],
            maps.of.driving.image,
            ends,
            scene.mirrored,
            self.tr("Driver's depth"),
        )
        self._portrait.paint_depth(
            painter,
            right,
            maps.portrait_depth,
            maps.portrait.image,
            ends,
            scene.mirrored,
            self.tr("Portrait's depth"),
        )
        for rect in (left, right):
            words = self.tr("far"), self.tr("near")
            paint_ramp(painter, rect.adjusted(0, 0, -rect.width() * INSET - 12, 0),
                       depth_colours(), *words)  # fmt: skip


class _DepthPane(Pane):
    """A depth map with the picture it was made of in its corner."""

    def __init__(self) -> None:
        super().__init__()
        self._inset = Pane()
        self._depth: Floats | None = None
        self._ends = (0.0, 0.0)
        self._coloured: Image | None = None

    def paint_depth(
        self,
        painter: QPainter,
        rect: QRectF,
        depth: Floats,
        image: Image,
        ends: tuple[float, float],
        mirrored: bool,
        caption: str,
    ) -> None:
        """Paint it; the map is coloured once, and again when the ends of the colours moved."""
        moved = max(abs(a - b) for a, b in zip(ends, self._ends, strict=True))
        if (
            self._coloured is None
            or depth is not self._depth
            or moved > _FINEST * (ends[1] - ends[0])
        ):
            self._coloured = depth_picture(depth, ends)
            self._depth, self._ends = depth, ends
        self.paint(painter, rect, self._coloured, mirrored=mirrored, caption=caption)
        side = float(int(rect.width() * INSET))
        corner = QRectF(rect.right() - side - 8, rect.bottom() - side - 8, side, side)
        self._inset.paint(painter, corner, image, mirrored=mirrored)
        painter.setPen(QPen(QColor(255, 255, 255, 150), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(corner, RADIUS, RADIUS)
