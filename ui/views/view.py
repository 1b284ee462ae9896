"""What every view of the result has in common: the scene it paints, and panes to paint it in."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from PyQt6.QtCore import QObject, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath

from avatar.frame import Animated, Image
from avatar.maps import Maps
from ui.picture import RADIUS, Scaled

GAP = 10.0
"""Between two panes, in pixels."""

INK, VEIL = QColor("#ffffff"), QColor(0, 0, 0, 165)
"""Words on pictures, and what lies under them: the same in light and dark windows."""


@dataclass(slots=True)
class Scene:
    """What there is to paint.

    Attributes:
        image: (H, W, 3) uint8, the picture that is shown; None = nothing.
        animated: the result it belongs to; None where it is no result, such as a slate.
        maps: the newest maps; None while there are none.
        trouble: why there are none; empty while they are being made.
        mirrored: pictures are flipped left to right.
        opacity: of the driver over the result, in [0, 1].
        axes: draw the jacobians of the keypoints.
        point: of the result whose attention is shown, in [0, 1] of the unflipped picture.
    """

    image: Image | None = None
    animated: Animated | None = None
    maps: Maps | None = None
    trouble: str = ""
    mirrored: bool = False
    opacity: float = 0.0
    axes: bool = False
    point: tuple[float, float] = (0.5, 0.5)


class View(QObject):
    """A way to show the result. It keeps scaled pictures and nothing else.

    Class attributes:
        name: for settings; never shown.
        wanted: the maps it shows.
        pointed: a click on the result means something.
    """

    name: ClassVar[str]
    wanted: ClassVar[tuple[str, ...]] = ()
    pointed: ClassVar[bool] = False

    @abstractmethod
    def title(self) -> str:
        """What the bar calls it."""

    @abstractmethod
    def explain(self) -> str:
        """What it shows, in a sentence."""

    @abstractmethod
    def paint(self, painter: QPainter, area: QRectF, scene: Scene) -> None:
        """Paint it into a part of a widget; ``scene.animated`` is there."""

    def colour(self, maps: Maps) -> Mapping[str, Image]:
        """Its maps as pictures, for :attr:`avatar.maps.Maps.pictures`.

        Called where the maps are made, not in the GUI thread, which it would hold up for 10 to
        50 ms; so it touches nothing of Qt.
        """
        return {}

    def result_rect(self, area: QRectF, scene: Scene) -> QRectF:
        """Where in the area the result lies, for clicks."""
        return square(area)

    def paint_waiting(self, painter: QPainter, area: QRectF, scene: Scene) -> None:
        """Say why there are no maps, or that they are coming."""
        words = scene.trouble or self.tr("Making the maps… The first take a few seconds.")
        box = area.adjusted(24, 24, -24, -24)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        needed = painter.boundingRect(box, int(flags), words).adjusted(-14, -10, 14, 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(VEIL)
        painter.drawRoundedRect(needed, 8, 8)
        painter.setPen(INK)
        painter.drawText(needed.adjusted(14, 10, -14, -10), int(flags), words)


class Pane:
    """One picture of a view, with a caption in its corner."""

    def __init__(self) -> None:
        self._scaled = Scaled()

    def paint(
        self,
        painter: QPainter,
        rect: QRectF,
        image: Image,
        *,
        mirrored: bool,
        caption: str = "",
        of: object = None,
    ) -> None:
        """Paint a picture; arguments as for :meth:`ui.picture.Scaled.fitted`."""
        if rect.width() < 2 or rect.height() < 2:
            return
        device = painter.device()
        ratio = 1.0 if device is None else device.devicePixelRatioF()
        clip = QPainterPath()
        clip.addRoundedRect(rect, RADIUS, RADIUS)
        painter.save()
        painter.setClipPath(clip, Qt.ClipOperation.IntersectClip)
        painter.drawImage(rect, self._scaled.fitted(image, rect, ratio, mirrored, of))
        painter.restore()
        if caption:
            paint_caption(painter, rect, caption)


def paint_caption(painter: QPainter, rect: QRectF, caption: str) -> None:
    """Words in the upper left corner of a picture."""
    metrics = painter.fontMetrics()
    width = min(metrics.horizontalAdvance(caption) + 18, int(rect.width()) - 16)
    pill = QRectF(rect.left() + 8, rect.top() + 8, width, metrics.height() + 6)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(VEIL)
    painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
    painter.setPen(INK)
    words = metrics.elidedText(caption, Qt.TextElideMode.ElideRight, width - 14)
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)


def square(area: QRectF, side: float | None = None) -> QRectF:
    """The largest square in the middle of an area, on whole pixels."""
    most = min(area.width(), area.height()) if side is None else side
    whole = max(0.0, float(int(most)))
    left = area.left() + int((area.width() - whole) / 2)
    return QRectF(left, area.top() + int((area.height() - whole) / 2), whole, whole)


def two_squares(area: QRectF) -> tuple[QRectF, QRectF]:
    """Two squares side by side, or one above the other where that makes them larger."""
    beside = min((area.width() - GAP) / 2, area.height())
    above = min(area.width(), (area.height() - GAP) / 2)
    if beside >= above:
        side = float(int(max(0.0, beside)))
        left = area.left() + int((area.width() - 2 * side - GAP) / 2)
        top = area.top() + int((area.height() - side) / 2)
        return QRectF(left, top, side, side), QRectF(left + side + GAP, top, side, side)
    side = float(int(max(0.0, above)))
    left = area.left() + int((area.width() - side) / 2)
    top = area.top() + int((area.height() - 2 * side - GAP) / 2)
    return QRectF(left, top, side, side), QRectF(left, top + side + GAP, side, side)


def place_in(rect: QRectF, at: QPointF, mirrored: bool) -> tuple[float, float] | None:
    """The place of a picture that is painted at a point: x and y in [0, 1] of the unflipped
    picture; None outside of it."""
    if rect.isEmpty():
        return None
    x, y = (at.x() - rect.left()) / rect.width(), (at.y() - rect.top()) / rect.height()
    if not (0 <= x <= 1 and 0 <= y <= 1):
        return None
    return (1 - x if mirrored else x), y


def point_in(rect: QRectF, place: tuple[float, float], mirrored: bool) -> QPointF:
    """Where a place of a picture is painted; the inverse of :func:`place_in`."""
    x, y = place
    across = 1 - x if mirrored else x
    return QPointF(rect.left() + across * rect.width(), rect.top() + y * rect.height())
