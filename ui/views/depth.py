"""DepthView: the depth that the network learned, without any teacher, of both faces."""

from dataclasses import dataclass

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from avatar.frame import Floats, Image
from avatar.maps import Maps
from ui.picture import RADIUS
from ui.views.colours import depth_colours, depth_picture
from ui.views.legend import paint_ramp
from ui.views.view import Pane, Scene, View, two_squares

INSET = 0.27
"""Side of the small picture in the corner, as a share of the map's."""

_FINEST = 0.01
"""Ends of the colours that move less than this share of their distance change no picture."""


class DepthView(View):
    """The driver's depth and the portrait's in one scale, each with its picture in the corner."""

    name = "depth"
    wanted = ("depth",)

    def __init__(self) -> None:
        super().__init__()
        self._driver, self._portrait = _DepthPane(), _DepthPane()
        self._coloured: _Coloured | None = None

    def title(self) -> str:
        return self.tr("Depth")

    def explain(self) -> str:
        return self.tr("How near each place is, in the driver and in the portrait: near is bright")

    def colour(self, maps: Maps) -> dict[str, Image]:
        depth, ends = maps.portrait_depth, maps.range
        assert depth is not None  # there is always one with "depth"
        kept = self._coloured  # the portrait's changes only with the portrait and with the ends
        if kept is None or kept.depth is not depth or kept.moved(ends) > _FINEST:
            kept = self._coloured = _Coloured(depth, ends, depth_picture(depth, ends))
        return {"driver": depth_picture(maps.maps["depth"], ends), "portrait": kept.picture}

    def paint(self, painter: QPainter, area: QRectF, scene: Scene) -> None:
        maps = scene.maps
        if maps is None or "driver" not in maps.pictures:
            self.paint_waiting(painter, area, scene)
            return
        left, right = two_squares(area)
        self._driver.paint_depth(
            painter,
            left,
            maps.pictures["driver"],
            maps.of.driving.image,
            scene.mirrored,
            self.tr("Driver's depth"),
        )
        self._portrait.paint_depth(
            painter,
            right,
            maps.pictures["portrait"],
            maps.portrait.image,
            scene.mirrored,
            self.tr("Portrait's depth"),
        )
        for rect in (left, right):
            words = self.tr("far"), self.tr("near")
            paint_ramp(painter, rect.adjusted(0, 0, -rect.width() * INSET - 12, 0),
                       depth_colours(), *words)  # fmt: skip


@dataclass(frozen=True)
class _Coloured:
    """A depth map that was coloured."""

    depth: Floats
    ends: tuple[float, float]
    picture: Image

    def moved(self, ends: tuple[float, float]) -> float:
        """How far the ends are now from those it was coloured with, in shares of their distance."""
        most = max(abs(a - b) for a, b in zip(ends, self.ends, strict=True))
        return most / (ends[1] - ends[0])


class _DepthPane(Pane):
    """A depth map with the picture it was made of in its corner."""

    def __init__(self) -> None:
        super().__init__()
        self._inset = Pane()

    def paint_depth(
        self,
        painter: QPainter,
        rect: QRectF,
        depth: Image,
        image: Image,
        mirrored: bool,
        caption: str,
    ) -> None:
        """Paint both."""
        self.paint(painter, rect, depth, mirrored=mirrored, caption=caption)
        side = float(int(rect.width() * INSET))
        corner = QRectF(rect.right() - side - 8, rect.bottom() - side - 8, side, side)
        self._inset.paint(painter, corner, image, mirrored=mirrored)
        painter.setPen(QPen(QColor(255, 255, 255, 150), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(corner, RADIUS, RADIUS)
