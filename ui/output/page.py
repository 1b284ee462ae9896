"""OutputPage: everything about what leaves the app: privacy, virtual camera, recording, rest."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from ui.controller import Controller, State
from ui.output.broadcast_panel import BroadcastPanel
from ui.output.hide_panel import HidePanel
from ui.output.recording_panel import RecordingPanel
from ui.output.rest_panel import RestPanel


class OutputPage(QWidget):
    """The panels of the page, in the order of how urgently they are needed.

    Signals:
        record_wanted: the user starts or stops a recording.
    """

    record_wanted = pyqtSignal(bool)

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outputs, safety = controller.outputs, controller.safety
        self.privacy = HidePanel(safety)
        self.broadcast = BroadcastPanel(outputs, safety)
        self.recording = RecordingPanel(outputs, controller.look.recordings)
        self.rest = RestPanel(safety)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for panel in (self.privacy, self.broadcast, self.recording, self.rest):
            column.addWidget(panel)
        self.broadcast.wanted.connect(lambda on: outputs.set_virtual_camera(on, controller.config))
        self.recording.wanted.connect(self.record_wanted)
        self.recording.snapshot_wanted.connect(controller.take_snapshot)
        self.recording.folder_chosen.connect(
            lambda folder: controller.change_look(recordings=folder)
        )
        controller.state_changed.connect(self._show_state)
        self._show_state(controller.state)

    def _show_state(self, state: State) -> None:
        running = state in (State.LOADING, State.RUNNING)
        self.broadcast.set_running(running)
        self.recording.set_running(running)
