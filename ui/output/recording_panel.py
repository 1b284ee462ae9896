"""RecordingPanel: recording with its time, size and place, and snapshots."""

import os
from pathlib import Path
from time import monotonic

from PyQt6.QtCore import QSignalBlocker, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.file_dialogs import ask_folder, recordings_folder, show_folder
from ui.icons import icon
from ui.output.outputs import Outputs
from ui.theme import caption, heading

MEASURE_MS = 2000
"""How often size and free space are asked for, while they can be seen."""

LOW_BYTES = 500_000_000
"""Less free space than this is a warning."""


class RecordingPanel(QFrame):
    """Starts and stops recordings.

    Signals:
        wanted: the user starts or stops a recording.
        snapshot_wanted: the user wants a picture of the result.
        folder_chosen: where recordings go from now on.
    """

    wanted = pyqtSignal(bool)
    snapshot_wanted = pyqtSignal()
    folder_chosen = pyqtSignal(object)

    def __init__(
        self, outputs: Outputs, folder: Path | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._outputs = outputs
        self._folder = folder or recordings_folder()
        self._since: float | None = None
        self._measured: tuple[int, int] | None = None
        title = QLabel(self.tr("Recording"))
        title.setFont(heading(title))
        self.button = QToolButton()
        self.button.setObjectName("record")
        self.button.setIcon(icon("record", "danger", "on_danger"))
        self.button.setCheckable(True)
        self.button.clicked.connect(self.wanted)
        self.snapshot = QToolButton()
        self.snapshot.setIcon(icon("picture"))
        self.snapshot.setText(f"\N{THIN SPACE}{self.tr('Snapshot')}")
        self.snapshot.setAccessibleName(self.tr("Snapshot"))
        self.snapshot.setToolTip(
            self.tr("Save the result as a picture in the Pictures folder (F12)")
        )
        self.snapshot.clicked.connect(self.snapshot_wanted)
        for button in (self.button, self.snapshot):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setEnabled(False)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            policy = button.sizePolicy()
            policy.setHorizontalPolicy(policy.Policy.Expanding)
            button.setSizePolicy(policy)
        self.state = QLabel()
        self.place = QLabel()
        self.place.setObjectName("muted")
        for label in (self.state, self.place):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        self.place.setFont(caption(self.place))
        self.change = QPushButton(self.tr("Change folder…"))
        self.change.setAccessibleName(self.tr("Change the folder of recordings"))
        self.change.clicked.connect(
            lambda: ask_folder(self, self.tr("Folder of recordings"), self._folder, self._choose)
        )
        self.open = QPushButton(self.tr("Open folder"))
        self.open.setAccessibleName(self.tr("Open the folder of recordings"))
        self.open.clicked.connect(lambda: show_folder(self._folder / "recording"))
        buttons, places = QHBoxLayout(), QHBoxLayout()
        for row, widgets in (
            (buttons, (self.button, self.snapshot)),
            (places, (self.change, self.open)),
        ):
            row.setSpacing(8)
            for widget in widgets:
                widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                row.addWidget(widget, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(title)
        column.addLayout(buttons)
        column.addWidget(self.state)
        column.addWidget(self.place)
        column.addLayout(places)
        self._timer = QTimer(self)
        self._timer.setInterval(MEASURE_MS)
        self._timer.timeout.connect(self._measure)
        self._clock = QTimer(self)
        self._clock.setInterval(500)
        self._clock.timeout.connect(self._show)
        outputs.recording_changed.connect(self._changed)
        self._show()

    @property
    def folder(self) -> Path:
        """Where recordings go."""
        return self._folder

    def set_running(self, running: bool) -> None:
        """Whether there is a result to record."""
        self.button.setEnabled(running)
        self.snapshot.setEnabled(running)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._timer.start()
        self._clock.start()
        self._measure()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._clock.stop()

    def _choose(self, folder: Path) -> None:
        self._folder, self._measured = folder, None
        self.folder_chosen.emit(folder)
        self._measure()
        self._show()

    def _changed(self, path: Path | None) -> None:
        self._since = None if path is None else monotonic()
        self._measured = None
        self._measure()
        self._show()

    def _measure(self) -> None:
        if self.isVisible():
            path = self._outputs.recording
            self._outputs.measure(self._folder if path is None else path.parent, self._take)

    def _take(self, measured: tuple[int, int]) -> None:
        self._measured = measured
        self._show()

    def _show(self) -> None:
        on = self._since is not None
        with QSignalBlocker(self.button):
            self.button.setChecked(on)
        text = self.tr("Stop") if on else self.tr("Record")
        self.button.setText(f"\N{THIN SPACE}{text}")
        self.button.setAccessibleName(self.tr("Stop recording") if on else self.tr("Record"))
        self.button.setToolTip(self.tr("{action} (F5)").format(action=self.button.accessibleName()))
        parts = []
        if self._since is not None:
            minutes, seconds = divmod(int(monotonic() - self._since), 60)
            parts.append(f"{minutes}:{seconds:02d}")
        if self._measured is not None:
            size, free = self._measured
            if on:
                parts.append(_bytes(size))
            parts.append(self.tr("{size} free").format(size=_bytes(free)))
            if free < LOW_BYTES:
                parts.append(self.tr("little space left"))
        self.state.setText(" · ".join(parts) or self.tr("Not recording"))
        path = self._outputs.recording
        # No word of a path is longer than a line, so that it can be wrapped.
        shown = str(path or self._folder).replace(os.sep, f"{os.sep}\N{ZERO WIDTH SPACE}")
        self.place.setText(shown)


def _bytes(count: int) -> str:
    """A number of bytes as people read it, in powers of 1000 as disks are sold."""
    value, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if value >= 100 or unit == "B" else f"{value:.1f} {unit}"
