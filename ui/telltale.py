"""Telltale: what goes on, told by the words and figures of the status bar and by pills."""

from pathlib import Path
from time import monotonic

from PyQt6.QtCore import QObject, QTimer

from ui.camera.bar import CameraBar
from ui.controller import Controller, State
from ui.preview import Preview
from ui.status_bar import StatusBar
from ui.views.area import ResultArea

FIGURES_MS = 500
"""How often the figures of the status bar are refreshed."""

NOTE_S = 4.0
"""How long a note is shown, in seconds."""


class Telltale(QObject):
    """Looks twice a second, and whenever something changes.

    Args:
        controller: knows.
        preview: knows how old the pictures are.
        bar: has the buttons for recording and the virtual camera.
        views: show pills and, if wanted, where the time goes.
        status: shows words and figures.
    """

    def __init__(
        self,
        controller: Controller,
        preview: Preview,
        bar: CameraBar,
        views: ResultArea,
        status: StatusBar,
    ) -> None:
        super().__init__(status)
        self._controller = controller
        self._preview = preview
        self._bar = bar
        self._views = views
        self._status = status
        self._record_since: float | None = None
        self._notice = ""
        self._notice_until = 0.0
        controller.noted.connect(self.note)
        controller.state_changed.connect(self._tell)
        controller.loading.connect(self._say)
        controller.safety.hidden_changed.connect(self._show_pills)
        controller.safety.raw_changed.connect(self._show_pills)
        controller.outputs.recording_changed.connect(self._show_recording)
        controller.outputs.virtual_camera_changed.connect(self._show_virtual_camera)
        self._tell()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(FIGURES_MS)

    def note(self, text: str) -> None:
        """Say something in the status bar for a few seconds."""
        self._notice, self._notice_until = text, monotonic() + NOTE_S
        self._say()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def _look(self) -> None:
        figures = self._controller.figures()
        if figures is not None:
            age = self._preview.age_ms()
            self._status.show_rate(figures.fps, age.get("p50"), age.get("p95"))
            self._status.show_drops(figures.drops)
            self._status.show_engine(figures.engine, figures.engine_reason)
            self._views.show_figures(figures)
        self._tell()

    def _tell(self) -> None:
        self._show_pills()
        self._say()

    def _show_recording(self, path: Path | None) -> None:
        self._record_since = None if path is None else monotonic()
        self._show_pills()
        if path is not None:
            self.note(self.tr("Recording to {path}").format(path=path))

    def _show_virtual_camera(self, on: bool) -> None:
        self._bar.set_virtual_camera(on)
        self._show_pills()

    def _show_pills(self) -> None:
        pills = []
        if self._controller.safety.hidden:
            pills.append(("danger", self.tr("Hidden")))
        elif self._controller.safety.raw:
            pills.append(("danger", self.tr("RAW CAMERA")))
        if self._record_since is not None:
            minutes, seconds = divmod(int(monotonic() - self._record_since), 60)
            clock = f"{minutes}:{seconds:02d}"
            pills.append(("danger", self.tr("Recording {time}").format(time=clock)))
        if self._bar.virtual_camera.isChecked():
            pills.append(("success", self.tr("Virtual camera")))
        self._views.result.set_pills(pills)
        self._bar.set_recording(
            self._record_since is not None,
            self.tr("Stop recording") if self._record_since is not None else "",
        )

    def _say(self) -> None:
        """The words of the status bar: a fresh note, else the state."""
        state = self._controller.state
        seen = self._controller.newest_input() if state is State.RUNNING else None
        if monotonic() < self._notice_until:
            text = self._notice
        elif state is State.RUNNING and seen is not None and seen[1].held:
            text = self._controller.safety.words_at_rest(seen[1].lost_ms)
        else:
            text = {
                State.STOPPED: self.tr("Stopped"),
                State.LOADING: self.tr("Loading…"),
                State.RUNNING: self.tr("Running"),
                State.STOPPING: self.tr("Stopping…"),
            }[state]
        self._status.set_words(text)
