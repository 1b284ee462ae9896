"""FlowView: where each place of the result was taken from, and what had to be made up."""

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QPainter

from avatar.frame import Image
from avatar.maps import Maps
from ui.views.colours import flow_picture, occlusion_colours, occlusion_picture
from ui.views.legend import full_flow_percent, paint_ramp, paint_wheel
from ui.views.view import Pane, Scene, View, two_squares


class FlowView(View):
    """The dense motion's flow as a colour wheel, beside its occlusion (DaGAN section 3.3)."""

    name = "flow"
    wanted = ("flow", "occlusion")

    def __init__(self) -> None:
        super().__init__()
        self._flow, self._occlusion = Pane(), Pane()
        self._maps: Maps | None = None
        self._mirrored = False
        self._pictures: tuple[Image, Image] | None = None

    def title(self) -> str:
        return self.tr("Flow")

    def explain(self) -> str:
        return self.tr("How far each place of the portrait moved, and what is hidden in it")

    def paint(self, painter: QPainter, area: QRectF, scene: Scene) -> None:
        maps = scene.maps
        if maps is None or not set(self.wanted) <= set(maps.maps):
            self.paint_waiting(painter, area, scene)
            return
        if self._pictures is None or maps is not self._maps or scene.mirrored != self._mirrored:
            self._pictures = (
                flow_picture(maps.maps["flow"], mirrored=scene.mirrored),
                occlusion_picture(maps.maps["occlusion"]),
            )
            self._maps, self._mirrored = maps, scene.mirrored
        left, right = two_squares(area)
        flow, occlusion = self._pictures
        flip = scene.mirrored
        self._flow.paint(painter, left, flow, mirrored=flip, caption=self.tr("Flow"))
        words = self.tr("Occlusion")
        self._occlusion.paint(painter, right, occlusion, mirrored=flip, caption=words)
        paint_wheel(
            painter,
            left,
            self.tr("rim: {percent} % of the width").format(percent=full_flow_percent()),
        )
        paint_ramp(
            painter, right, occlusion_colours(), self.tr("made up"), self.tr("from the portrait")
        )
