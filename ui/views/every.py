"""Every view there is, in the order of the bar."""

from ui.views.attention import AttentionView
from ui.views.compare import SideBySide
from ui.views.depth import DepthView
from ui.views.flow import FlowView
from ui.views.keypoints import KeypointsView
from ui.views.result import ResultOnly
from ui.views.view import View


def every_view() -> list[View]:
    """A new one of each."""
    return [
        ResultOnly(),
        SideBySide(),
        KeypointsView(),
        DepthView(),
        FlowView(),
        AttentionView(),
    ]
