"""MainWindow: puts the widgets together and connects them with the controller."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import monotonic, monotonic_ns

from PyQt6.QtCore import QEvent, Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from avatar.frame import Frame
from avatar.pose.drift import Drifted
from avatar.stats import Series
from ui.banner import Banners
from ui.build_bar import BuildBar
from ui.calibration.match_bar import MatchBar
from ui.calibration.match_words import drift_words
from ui.camera.bar import CameraBar
from ui.camera.driving_view import DrivingView
from ui.camera.framing_keys import bind_framing
from ui.camera.framing_panel import ZOOM
from ui.camera.page import CameraPage
from ui.controller import Controller, State
from ui.file_dialogs import (
    ask_pictures,
    ask_recording,
    ask_video,
    default_recording,
    show_folder,
)
from ui.gallery.drop_veil import DropVeil
from ui.gallery.panel import PortraitPanel
from ui.guide.guide import Guide
from ui.keys.keys import Keys
from ui.look import Look
from ui.motion.panel import MotionPanel
from ui.output.hidden_bar import HiddenBar
from ui.output.page import OutputPage
from ui.problem import Problem
from ui.settings.memory import Memory
from ui.settings.preferences import Preferences
from ui.sidebar import Sidebar
from ui.status_bar import StatusBar
from ui.views.area import ResultArea

log = logging.getLogger(__name__)

POLL_MS = 33
"""How often the newest pictures are fetched."""

FIGURES_MS = 500
"""How often the figures of the status bar are refreshed."""

AGES = 300
"""How many pictures the frame age in the status bar looks back."""

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
        self._shown: Frame | None = None
        self._age_ms = Series(AGES)
        self._record_since: float | None = None
        self._notice_until = 0.0
        self._notice = ""
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
            self._pan,
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
        self._bind_keys()
        self._connect()

        config = controller.config
        self._show_videos()
        self.bar.select(config.camera or "")
        self.status.engine.show_wanted(config.engine)
        self._show_state(controller.state)
        self._poll_timer = self._every(POLL_MS, self._poll)
        self._figures_timer = self._every(FIGURES_MS, self._show_figures)
        self.result.setFocus()
        self.preferences = Preferences(self, memory)

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

    def _bind_keys(self) -> None:
        keys, bar, gallery = self.keys, self.bar, self.portrait
        # Handled in keyPressEvent, so that it still presses a button reached with Tab.
        keys.tell(self.tr("Space"), self.tr("Start or stop"))
        keys.bind(
            "calibrate", "X", self.tr("Calibrate: this is my neutral pose"), bar.calibrate.click
        )
        find = self.match.find_best.click
        keys.bind("find-reference", "F", self.tr("Find the best neutral pose, or cancel"), find)
        bind_framing(keys, self.controller.sources, self._pan)
        mirrors = self.mirrors
        keys.bind("mirror-preview", "R", self.tr("Mirror the preview"), mirrors.preview.click)
        keys.bind("mirror-motion", "T", self.tr("Mirror the motion"), mirrors.output.click)
        keys.bind(
            "virtual-camera", "V", self.tr("Virtual camera on or off"), bar.virtual_camera.click
        )
        safety = self.controller.safety
        keys.bind("panic", "B", self.tr("Hide: the slate in every output"), safety.toggle_hidden)
        keys.bind("raw-camera", "0", self.tr("Show my camera; asks first"), safety.toggle_raw)
        keys.bind(
            "snapshot", "F12", self.tr("Snapshot of the result"), self.controller.take_snapshot
        )
        keys.bind("record", "F5", self.tr("Record on or off"), bar.record.click)
        keys.bind_numbers(self.tr("Portrait of the gallery"), gallery.pick)
        keys.bind("previous-portrait", "A", self.tr("Previous portrait"), lambda: gallery.step(-1))
        keys.bind("next-portrait", "D", self.tr("Next portrait"), lambda: gallery.step(1))
        portraits = self.controller.portraits
        keys.bind(
            "reload-portrait", "L", self.tr("Read the portrait from its file"), portraits.reload
        )
        keys.bind("open-portrait", "Ctrl+O", self.tr("Open portraits"), self._browse_portrait)
        keys.bind("paste-portrait", "Ctrl+V", self.tr("Paste a portrait"), gallery.paste)
        keys.bind(
            "overlay", "O", self.tr("Show or hide crop box and keypoints"), self._toggle_overlay
        )
        views = self.views.bar
        keys.bind("next-view", "M", self.tr("Next view of the result"), views.next_view)
        keys.bind(
            "overlay-down",
            "Z",
            self.tr("Less driver over the result"),
            partial(views.change_overlay, -1),
        )
        keys.bind(
            "overlay-up",
            "C",
            self.tr("More driver over the result"),
            partial(views.change_overlay, 1),
        )
        keys.bind("figures", "I", self.tr("Show where the time goes"), views.graph.click)
        keys.bind("full-screen", "F11", self.tr("Full screen"), self._toggle_full_screen)
        keys.bind("keys", "? F1", self.tr("This list"), keys.show_list)
        keys.bind("quit", "Esc Ctrl+Q", self.tr("Quit"), self._leave)

    def _connect(self) -> None:
        controller, bar = self.controller, self.bar
        outputs = controller.outputs
        bar.start_wanted.connect(controller.start)
        bar.stop_wanted.connect(controller.stop)
        bar.source_chosen.connect(controller.choose_source)
        bar.refresh_wanted.connect(controller.find_cameras)
        bar.browse_wanted.connect(lambda: ask_video(self, self._use_video))
        bar.calibrate_wanted.connect(controller.calibration.calibrate)
        controller.calibration.drifted.connect(self._offer_calibration)
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
        self.portrait.browse_wanted.connect(self._browse_portrait)
        self.status.engine.chosen.connect(controller.choose_engine)
        self.status.engine.list_wanted.connect(controller.find_engines)
        self.build.cancel_wanted.connect(controller.cancel_build)
        self.veil.brought.connect(controller.portraits.bringing.bring)
        self.veil.video_dropped.connect(self._use_video)
        controller.state_changed.connect(self._show_state)
        controller.loading.connect(self._show_loading)
        controller.problem.connect(self._show_problem)
        controller.noted.connect(self.note)
        controller.cameras_found.connect(bar.set_cameras)
        controller.source_used.connect(self._show_source)
        controller.engines_found.connect(self.status.engine.show_entries)
        controller.engine_wanted.connect(self.status.engine.show_wanted)
        controller.gpu_unused.connect(self.status.engine.show_unused_gpu)
        controller.building.connect(self.build.show_build)
        controller.built.connect(self.build.finish)
        self.output.record_wanted.connect(self._set_recording)
        bar.hide_me.clicked.connect(controller.safety.hide)
        controller.safety.hidden_changed.connect(bar.hide_me.setChecked)
        controller.safety.hidden_changed.connect(self._show_pills)
        controller.safety.raw_changed.connect(self._show_pills)
        controller.safety.raw_asked.connect(self._ask_raw)
        controller.snapshots.saved.connect(self._tell_snapshot)
        outputs.recording_changed.connect(self._show_recording)
        outputs.recording_saved.connect(self._tell_saved)
        outputs.virtual_camera_changed.connect(self._show_virtual_camera)

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
            self._age_ms = Series(AGES)
            self.result.show_slate(self.tr("Waiting for the first picture…"), "", -1.0)
        elif state is State.STOPPING:
            self.result.show_slate(self.tr("Stopping…"), "", -1.0)
        if state in (State.STOPPED, State.STOPPING):
            self.build.finish()
        self._show_pills()
        self._say()

    def _show_loading(self, text: str, share: float) -> None:
        if self.controller.state is State.LOADING:
            self.result.show_slate(self.tr("Loading networks…"), text, share)
            self._say()

    def _show_problem(self, problem: Problem) -> None:
        banner = self.banners.show_message(problem.kind, problem.message, problem.hint)
        for remedy in (*reversed(problem.others), *([problem.remedy] if problem.remedy else [])):
            banner.offer(*remedy)  # each to the left of the one before
        if problem.about == "source":
            self.controller.sources.settled.connect(banner.close_banner)

    def _show_source(self, spec: str) -> None:
        self.bar.select(spec)
        on = self.look.mirror_preview
        if on is None:  # people know themselves from mirrors, others from pictures
            on = self.controller.sources.is_camera(spec)
        self.mirrors.show_preview(on)
        self._mirror_preview(on)

    def _show_recording(self, path: Path | None) -> None:
        self._record_since = None if path is None else monotonic()
        self._show_pills()
        if path is not None:
            self.note(self.tr("Recording to {path}").format(path=path))

    def _tell_saved(self, path: Path) -> None:
        banner = self.banners.show_message("info", self.tr("Recording saved"), str(path))
        banner.offer(self.tr("Open folder"), lambda: show_folder(path))

    def _tell_snapshot(self, path: Path) -> None:
        banner = self.banners.show_message("info", self.tr("Snapshot saved"), str(path))
        banner.offer(self.tr("Open folder"), lambda: show_folder(path))

    def _offer_calibration(self, drifted: Drifted) -> None:
        calibration = self.controller.calibration
        hint = self.tr("Sit as you will stay, look as the portrait does, then calibrate.")
        banner = self.banners.show_message("info", drift_words(drifted), hint)
        banner.offer(self.tr("Calibrate"), calibration.calibrate)
        banner.dismiss.clicked.connect(calibration.dismiss_drift)

    def _ask_raw(self, asked: object) -> None:
        banner = self.banners.show_message(
            "warning",
            self.tr("Show your own face instead of the portrait?"),
            self.tr("Every output then gets your camera's picture. 0 or B ends it."),
        )
        self.controller.safety.raw_settled.connect(banner.close_banner)
        banner.offer(self.tr("Show my camera"), lambda: self.controller.safety.confirm_raw(asked))

    def _show_virtual_camera(self, on: bool) -> None:
        self.bar.set_virtual_camera(on)
        self._show_pills()

    def note(self, text: str) -> None:
        """Say something in the status bar for a few seconds."""
        self._notice, self._notice_until = text, monotonic() + 4.0
        self._say()

    # -- what the user does -----------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.bar.start.click()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self._poll_timer.stop()
        self._figures_timer.stop()
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

    def _pan(self, dx: float, dy: float) -> None:
        """Move the crop as it is seen: in a mirror its left is the camera's right."""
        self.controller.sources.pan(-dx if self.driving.mirrored else dx, dy)

    def _show_videos(self) -> None:
        videos = self.look.recent_videos
        self.camera.list.show_videos(videos)
        for path in reversed(videos):
            self.bar.add_file(str(path), path.name)

    def _toggle_overlay(self) -> None:
        self.driving.set_overlay(not self.driving.overlay)
        self.controller.change_look(overlay=self.driving.overlay)

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _leave(self) -> None:
        if self.isFullScreen():
            self._toggle_full_screen()
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

    def _browse_portrait(self) -> None:
        ask_pictures(self, self.controller.portraits.bringing.open_files)

    def _every(self, interval_ms: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.timeout.connect(act)
        timer.start(interval_ms)
        return timer

    # -- what the timers do -----------------------------------------------------------------------

    def _poll(self) -> None:
        """Show the newest pictures; nothing is queued, so nothing can be late."""
        if self.controller.state not in (State.LOADING, State.RUNNING):
            return
        animated = self.controller.newest()
        self.driving.show_input(self.controller.newest_input(), animated)
        if animated is not None and animated.frame is not self._shown:
            self._shown = animated.frame
            self._age_ms.add((monotonic_ns() - animated.frame.t_ns) / 1e6)
            slate = animated.frame.image is self.controller.safety.slate  # its text is to be read
            self.result.set_mirrored(self.driving.mirrored and not slate)
            self.views.show_result(animated, bare=slate)
            self.result.hide_slate()
        self.views.show_maps()

    def _show_figures(self) -> None:
        figures = self.controller.figures()
        if figures is not None:
            age = self._age_ms.percentiles()
            self.status.show_rate(figures.fps, age.get("p50"), age.get("p95"))
            self.status.show_drops(figures.drops)
            self.status.show_engine(figures.engine, figures.engine_reason)
            self.views.show_figures(figures)
        self._show_pills()
        self._say()

    def _show_pills(self) -> None:
        pills = []
        if self.controller.safety.hidden:
            pills.append(("danger", self.tr("Hidden")))
        elif self.controller.safety.raw:
            pills.append(("danger", self.tr("RAW CAMERA")))
        if self._record_since is not None:
            minutes, seconds = divmod(int(monotonic() - self._record_since), 60)
            clock = f"{minutes}:{seconds:02d}"
            pills.append(("danger", self.tr("Recording {time}").format(time=clock)))
        if self.bar.virtual_camera.isChecked():
            pills.append(("success", self.tr("Virtual camera")))
        self.result.set_pills(pills)
        self.bar.set_recording(
            self._record_since is not None,
            self.tr("Stop recording") if self._record_since is not None else "",
        )

    def _say(self) -> None:
        """The words of the status bar: a fresh note, else the state."""
        state = self.controller.state
        seen = self.controller.newest_input() if state is State.RUNNING else None
        if monotonic() < self._notice_until:
            text = self._notice
        elif state is State.RUNNING and seen is not None and seen[1].held:
            text = self.controller.safety.words_at_rest(seen[1].lost_ms)
        else:
            text = {
                State.STOPPED: self.tr("Stopped"),
                State.LOADING: self.tr("Loading…"),
                State.RUNNING: self.tr("Running"),
                State.STOPPING: self.tr("Stopping…"),
            }[state]
        self.status.set_words(text)
