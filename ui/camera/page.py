"""CameraPage: everything about what drives the portrait, on one page of the sidebar."""

from collections.abc import Callable

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from avatar.config import RunConfig
from ui.camera.cameras import Cameras
from ui.camera.capture_panel import CapturePanel
from ui.camera.framing_panel import FramingPanel
from ui.camera.mirror_panel import MirrorPanel
from ui.camera.source_list import SourceList
from ui.camera.sources import Sources

WATCH_MS = 2000
"""How often it is looked whether a camera has come or gone, while the page is shown."""

LIVE_MS = 500
"""How often the state and the small picture of the source in use are refreshed then."""

BLACK = 24
"""A picture with nothing brighter than this is taken to be black, of 255."""


class CameraPage(QWidget):
    """Four panels; the cameras are watched only while they can be seen.

    Args:
        cameras, sources: the controller's parts.
        config: the settings at the start.
        pan: moves the crop right and down as it is seen, which may be mirrored.
        mirrored: whether previews are shown like a mirror.
    """

    def __init__(
        self,
        cameras: Cameras,
        sources: Sources,
        config: RunConfig,
        pan: Callable[[float, float], None],
        mirrored: Callable[[], bool] = bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._cameras, self._sources, self._mirrored = cameras, sources, mirrored
        self.list = SourceList(cameras, sources)
        self.capture = CapturePanel(cameras, sources, config)
        self.framing = FramingPanel(sources, config, pan)
        self.mirrors = MirrorPanel()
        self.mirrors.show_output(config.mirror)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for panel in (self.list, self.capture, self.framing, self.mirrors):
            column.addWidget(panel)
        self._watch = QTimer(self)
        self._watch.setInterval(WATCH_MS)
        self._watch.timeout.connect(cameras.watch)
        self._live = QTimer(self)
        self._live.setInterval(LIVE_MS)
        self._live.timeout.connect(self._refresh)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._cameras.watch()
        self._watch.start()
        self._live.start()
        self._refresh()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self._watch.stop()
        self._live.stop()
        self._cameras.stop_pictures()

    def _refresh(self) -> None:
        state = self._sources.state()
        picture = self._sources.picture()
        # Every sixteenth pixel tells; what comes of a closed shutter is not quite 0.
        black = picture is not None and int(picture[::16, ::16].max()) < BLACK
        self.capture.show_state(state, black=black)
        self.list.show_live(picture, self._mirrored(), state)
