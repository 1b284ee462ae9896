"""MainWindow: puts the widgets together and connects them with the controller."""

import logging
from pathlib import Path

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QCloseEvent, QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from ui.announcer import Announcer
from ui.banner import Banners
from ui.build_bar import BuildBar
from ui.calibration.match_bar import MatchBar
from ui.camera.bar import CameraBar
from ui.camera.driving_view import DrivingView
from ui.camera.framing_panel import ZOOM
from ui.camera.page import CameraPage
from ui.controller import Controller, State
from ui.file_dialogs import (
    ask_picture,
    ask_pictures,
    ask_recording,
    ask_video,
    default_recording,
)
from ui.gallery.drop_veil import DropVeil
from ui.gallery.panel import PortraitPanel
from ui.guide.guide import Guide
from ui.keys.bindings import bind_keys
from ui.keys.keys import Keys
from ui.look import Look
from ui.motion.panel import MotionPanel
from ui.output.hidden_bar import HiddenBar
from ui.output.page import OutputPage
from ui.preview import Preview
from ui.settings.memory import Memory
from ui.settings.preferences import Preferences
from ui.sidebar import Sidebar
from ui.status_bar import StatusBar
from ui.telltale import Telltale
from ui.views.area import ResultArea

log = logging.getLogger(__name__)

CLOSE_S = 2.0
"""Within this time every thread has ended after the window was closed, in seconds."""


class MainWindow(QMainWindow):
    """The whole window. It owns nothing that runs: the controller does, and is closed with it.

    Attributes:
        survivors: after closing, the names of threads that did not end in time; usually none.
    """

    def __init__(self, controller: Controller, memory: Memory | None = None) -> None:
        super().__init__()
        self.survivors: list[str] = []
        self.controller = controller
        self.setWindowTitle(self.tr("Avatar"))
        self.setMinimumSize(960, 600)
        self.resize(1180, 760)

        self.bar = CameraBar()
        self.driving = DrivingView()
        self.match = MatchBar(controller.calibration)
        self.side = Sidebar(self.driving, self.match)
        self.portrait = PortraitPanel(controller.portraits)
        self.motion = MotionPanel(controller.motion)
        self.camera = CameraPage(
            controller.cameras,
            controller.sources,
            controller.config,
            self.pan,
            lambda: self.driving.mirrored,
        )
        self.mirrors = self.camera.mirrors
        self.output = OutputPage(controller)
        self.hidden_bar = HiddenBar(controller.safety)
        self.banners = Banners()
        self.build = BuildBar()
        self.views = ResultArea(controller.inspection, controller.look, controller.change_look)
        self.result = self.views.result
        self.status = StatusBar()
        self.veil = DropVeil(self)
        self.keys = Keys(self)
        self.guide = Guide()
        self._lay_out()
        bind_keys(self)
        self._connect()
        self._connect_guide()
        Announcer(controller, self.banners)

        config = controller.config
        self._show_videos()
        self.bar.select(config.camera or "")
        self.status.engine.show_wanted(config.engine)
        self._show_state(controller.state)
        self.preview = Preview(controller, self.driving, self.views)
        self.telltale = Telltale(controller, self.preview, self.bar, self.views, self.status)
        self.result.setFocus()
        self.preferences = Preferences(self, controller, self.keys, self.side, self.guide, memory)
        self.driving.set_overlay(self.look.overlay)
        row = self.bar.layout()
        assert row is not None
        row.addWidget(self.preferences.menu)

    @property
    def look(self) -> Look:
        """How the window looks; changed with ``controller.change_look``."""
        return self.controller.look

    # -- construction -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.side.add_page("portrait", self.tr("Portrait"), self.portrait)
        self.side.add_page("camera", self.tr("Camera"), self.camera)
        self.side.add_page("motion", self.tr("Motion"), self.motion)
        self.side.add_page("output", self.tr("Output"), self.output)
        main = QVBoxLayout()
        main.setSpacing(10)
        main.addWidget(self.hidden_bar)
        main.addWidget(self.banners)
        main.addWidget(self.build)
        main.addWidget(self.guide)
        main.addWidget(self.views, 1)
        body = QHBoxLayout()
        body.setContentsMargins(14, 14, 14, 14)
        body.setSpacing(14)
        body.addWidget(self.side)
        body.addLayout(main, 1)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addLayout(body, 1)
        centre = QWidget()
        centre.setLayout(column)
        self.setCentralWidget(centre)
        self.setStatusBar(self.status)

    def _connect(self) -> None:
        controller, bar = self.controller, self.bar
        outputs = controller.outputs
        bar.start_wanted.connect(controller.start)
        bar.stop_wanted.connect(controller.stop)
        bar.source_chosen.connect(controller.choose_source)
        bar.refresh_wanted.connect(controller.find_cameras)
        bar.browse_wanted.connect(lambda: ask_video(self, self._use_video))
        bar.calibrate_wanted.connect(controller.calibration.calibrate)
        bar.virtual_camera_wanted.connect(
            lambda on: outputs.set_virtual_camera(on, controller.config)
        )
        bar.record_wanted.connect(self._set_recording)
        bar.record_to_wanted.connect(lambda: ask_recording(self, outputs.record))
        bar.shortcuts_wanted.connect(self.keys.show_list)
        self.camera.list.browse_wanted.connect(lambda: ask_video(self, self._use_video))
        self.driving.dragged.connect(controller.sources.pan)
        self.driving.wheeled.connect(lambda by: controller.sources.zoom(ZOOM**by))
        self.driving.reset_wanted.connect(controller.sources.reset_view)
        controller.sources.page_wanted.connect(lambda: self.side.show_page("camera"))
        controller.look_changed.connect(lambda _: self._show_videos())
        self.mirrors.output_changed.connect(controller.set_mirror)
        self.mirrors.preview_changed.connect(self._choose_preview_mirror)
        self.portrait.browse_wanted.connect(self.browse_portraits)
        self.status.engine.chosen.connect(controller.engines.choose)
        self.status.engine.list_wanted.connect(controller.engines.find)
        self.build.cancel_wanted.connect(controller.engines.cancel_build)
        self.veil.brought.connect(controller.portraits.bringing.bring)
        self.veil.video_dropped.connect(self._use_video)
        controller.state_changed.connect(self._show_state)
        controller.loading.connect(self._show_loading)
        controller.cameras_found.connect(bar.set_cameras)
        controller.source_used.connect(self._show_source)
        controller.engines.found.connect(self.status.engine.show_entries)
        controller.engines.wanted.connect(self.status.engine.show_wanted)
        controller.engines.gpu_unused.connect(self.status.engine.show_unused_gpu)
        controller.engines.building.connect(self.build.show_build)
        controller.engines.built.connect(self.build.finish)
        self.output.record_wanted.connect(self._set_recording)
        bar.hide_me.clicked.connect(controller.safety.hide)
        controller.safety.hidden_changed.connect(bar.hide_me.setChecked)

    def _connect_guide(self) -> None:
        controller, guide = self.controller, self.guide
        guide.left.connect(self.result.setFocus)
        guide.step_shown.connect(self._show_step)
        guide.portrait_stepped.connect(self.portrait.step)
        guide.browse_wanted.connect(lambda: ask_picture(self, controller.portraits.choose))
        guide.camera_chosen.connect(controller.choose_source)
        guide.cameras_wanted.connect(controller.find_cameras)
        guide.video_wanted.connect(
            lambda: ask_video(self, lambda path: controller.choose_source(str(path)))
        )
        guide.virtual_camera_wanted.connect(lambda _: self.bar.virtual_camera.click())
        guide.driver_wanted.connect(controller.guidance.find_driver)
        controller.cameras_found.connect(guide.show_cameras)
        controller.source_used.connect(guide.show_camera)
        controller.state_changed.connect(lambda _: guide.show_running(controller.is_running))
        controller.guidance.driver_found.connect(guide.show_driver)
        controller.outputs.virtual_camera_changed.connect(guide.show_virtual_camera)

    # -- what the controller says -----------------------------------------------------------------

    def _show_state(self, state: State) -> None:
        self.bar.set_running(state in (State.LOADING, State.RUNNING), busy=state is State.STOPPING)
        if state is State.STOPPED:
            self.result.show_slate(
                self.tr("Stopped"), self.tr("Press Start, or the space bar, to bring it to life")
            )
            self.driving.show_input(None, None)
            self.status.clear_figures()
        elif state is State.LOADING:
            self._show_loading("", -1.0)
        elif state is State.RUNNING:
            self.preview.restart()
            self.result.show_slate(self.tr("Waiting for the first picture…"), "", -1.0)
        elif state is State.STOPPING:
            self.result.show_slate(self.tr("Stopping…"), "", -1.0)
        if state in (State.STOPPED, State.STOPPING):
            self.build.finish()

    def _show_loading(self, text: str, share: float) -> None:
        if self.controller.state is State.LOADING:
            self.result.show_slate(self.tr("Loading networks…"), text, share)

    def _show_source(self, spec: str) -> None:
        self.bar.select(spec)
        on = self.look.mirror_preview
        if on is None:  # people know themselves from mirrors, others from pictures
            on = self.controller.sources.is_camera(spec)
        self.mirrors.show_preview(on)
        self._mirror_preview(on)

    def _show_step(self, step: str) -> None:
        page = {"portrait": "portrait", "camera": "camera", "virtual-camera": "output"}[step]
        self.side.show_page(page)
        if step == "virtual-camera":
            self.controller.guidance.find_driver()

    # -- what the user does -----------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.bar.start.click()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self.preview.stop()
        self.telltale.stop()
        self.keys.hide_list()
        waiting = self.preferences.close()
        self.setUpdatesEnabled(False)  # nothing more is painted while it waits for the threads
        self.hide()
        self.survivors = waiting + self.controller.close(CLOSE_S)
        if self.survivors:
            log.warning("still running after closing: %s", ", ".join(self.survivors))
        super().closeEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self.update()

    def _choose_preview_mirror(self, on: bool) -> None:
        self.controller.change_look(mirror_preview=on)
        self._mirror_preview(on)

    def _mirror_preview(self, on: bool) -> None:
        self.driving.set_mirrored(on)
        self.result.set_mirrored(on)

    def pan(self, dx: float, dy: float) -> None:
        """Move the crop as it is seen: in a mirror its left is the camera's right."""
        self.controller.sources.pan(-dx if self.driving.mirrored else dx, dy)

    def _show_videos(self) -> None:
        videos = self.look.recent_videos
        self.camera.list.show_videos(videos)
        for path in reversed(videos):
            self.bar.add_file(str(path), path.name)

    def toggle_overlay(self) -> None:
        """Show or hide crop box and keypoints on the driving picture."""
        self.driving.set_overlay(not self.driving.overlay)
        self.controller.change_look(overlay=self.driving.overlay)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def leave(self) -> None:
        """Leave full screen, else the guide, else the app."""
        if self.isFullScreen():
            self.toggle_full_screen()
        elif self.guide.isVisible():
            self.guide.leave()
        else:
            self.close()

    def _set_recording(self, on: bool) -> None:
        folder = self.controller.look.recordings
        self.controller.outputs.record(default_recording(folder) if on else None)

    def _use_video(self, path: Path) -> None:
        self.bar.add_file(str(path), path.name)
        self.bar.select(str(path))
        self.controller.choose_source(str(path))

    def browse_portraits(self) -> None:
        """Ask for pictures and add them to the gallery."""
        ask_pictures(self, self.controller.portraits.bringing.open_files)
