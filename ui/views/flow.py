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

    def title(self) -> str:
        return self.tr("Flow")

    def explain(self) -> str:
        return self.tr("How far each place of the portrait moved, and what is hidden in it")

    def colour(self, maps: Maps) -> dict[str, Image]:
        flow = maps.maps["flow"]
        return {
            "flow": flow_picture(flow),
            "flow in the mirror": flow_picture(flow, mirrored=True),
            "occlusion": occlusion_picture(maps.maps["occlusion"]),
        }

    def paint(self, painter: QPainter, area: QRectF, scene: Scene) -> None:
        maps = scene.maps
        if maps is None or "flow" not in maps.pictures:
            self.paint_waiting(painter, area, scene)
            return
        left, right = two_squares(area)
        flip = scene.mirrored
        flow = maps.pictures["flow in the mirror" if flip else "flow"]
        occlusion = maps.pictures["occlusion"]
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
