"""CameraBar: the row on top: which camera, start and stop, and what is done with the result."""

from collections.abc import Sequence
from pathlib import PurePath

from PyQt6.QtCore import QEvent, QSignalBlocker, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from avatar.sources.identity import is_id, spoken_id
from ui.combo import Combo
from ui.icons import icon

SYNTHETIC = "synthetic"
_BROWSE = "\0browse"


class CameraBar(QFrame):
    """Says what the user wants through signals; the window makes it so and reports back.

    The toggles show what is, not what was asked for: :meth:`set_recording` and
    :meth:`set_virtual_camera` move them without a signal.
    """

    source_chosen = pyqtSignal(str)
    browse_wanted = pyqtSignal()
    refresh_wanted = pyqtSignal()
    start_wanted = pyqtSignal()
    stop_wanted = pyqtSignal()
    calibrate_wanted = pyqtSignal()
    virtual_camera_wanted = pyqtSignal(bool)
    record_wanted = pyqtSignal(bool)
    record_to_wanted = pyqtSignal()
    shortcuts_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self._foldable: tuple[QToolButton, ...] = ()
        self._running = False
        self._spec = ""
        self._cameras: list[tuple[str, str]] = []
        self._files: list[tuple[str, str]] = []

        self.cameras = Combo()
        self.cameras.setAccessibleName(self.tr("Camera"))
        self.cameras.setToolTip(self.tr("Which camera or video drives the portrait"))
        self.cameras.setMinimumWidth(140)
        self.cameras.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.cameras.setMaximumWidth(300)
        self.cameras.setIconSize(QSize(18, 18))
        self.cameras.activated.connect(self._picked)
        label = QLabel(self.tr("&Camera"))
        label.setBuddy(self.cameras)

        self.refresh = self._tool("refresh", self.tr("Look for cameras again"))
        self.refresh.setObjectName("plain")
        self.refresh.clicked.connect(self.refresh_wanted)
        self.start = QPushButton()
        self.start.setObjectName("primary")
        self.start.clicked.connect(self._toggle)
        self.calibrate = self._tool(
            "calibrate",
            self.tr("Look straight ahead as the portrait does, then press (X)"),
            self.tr("Calibrate"),
        )
        self.calibrate.clicked.connect(self.calibrate_wanted)
        self.virtual_camera = self._tool(
            "broadcast",
            self.tr("Offer the result as a camera to Zoom, OBS and others (V)"),
            self.tr("Virtual camera"),
        )
        self.virtual_camera.setCheckable(True)
        self.virtual_camera.clicked.connect(self._ask_virtual_camera)
        self.record = self._tool(
            "record", self.tr("Record to the Videos folder (F5)"), self.tr("Record")
        )
        self.record.setObjectName("record")
        self.record.setIcon(icon("record", "danger", "on_danger"))
        self.record.setCheckable(True)
        self.record.clicked.connect(self._ask_record)
        self.record.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        menu = QMenu(self.record)
        record_to = menu.addAction(self.tr("Record to a file…"))
        assert record_to is not None
        record_to.triggered.connect(self.record_to_wanted)
        self.record.setMenu(menu)
        self.hide_me = self._tool("hide", self.tr("Show the slate in every output at once (B)"))
        self.hide_me.setObjectName("record")  # red while it is on
        self.hide_me.setIcon(icon("hide", checked="on_danger"))
        self.hide_me.setAccessibleName(self.tr("Hide me"))
        self.hide_me.setCheckable(True)
        self.help = self._tool("help", self.tr("Keyboard shortcuts (?)"))
        self.help.setObjectName("plain")
        self.help.clicked.connect(self.shortcuts_wanted)

        row = QHBoxLayout(self)
        row.setContentsMargins(14, 9, 14, 9)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.cameras, 2)
        row.addWidget(self.refresh)
        row.addWidget(self.start)
        row.addStretch(1)
        for button in (self.calibrate, self.virtual_camera, self.record, self.hide_me, self.help):
            row.addWidget(button)
        self._foldable = (self.virtual_camera, self.calibrate, self.record)
        self._saved: dict[QToolButton, int] = {}  # what folding each of them gains, in pixels
        for control in (self.cameras, self.start):
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_cameras([])
        self.set_running(False)

    def minimumSizeHint(self) -> QSize:
        """Any width: it folds, and the window has a least width of its own."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fold()

    def event(self, event: QEvent | None) -> bool:
        done = super().event(event)
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self._fold()
        return done

    def _fold(self) -> None:
        """Leave out the words of as many buttons as the width needs; their tips still say them."""
        row = self.layout()
        if row is None or not self._foldable:
            return
        icon_only = Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in self._foldable:
            if row.minimumSize().width() <= self.width():
                break
            if button.toolButtonStyle() != icon_only:
                words = button.sizeHint().width()
                button.setToolButtonStyle(icon_only)
                self._saved[button] = words - button.sizeHint().width()
                row.invalidate()
        for button in reversed(self._foldable):
            room = self.width() - row.minimumSize().width()
            if button.toolButtonStyle() == icon_only and room >= self._saved[button]:
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
                row.invalidate()

    def set_cameras(self, cameras: Sequence[tuple[str, str]]) -> None:
        """List the cameras: (spec, name to show) each; the selection stays where it was."""
        self._cameras = list(cameras)
        self._fill()

    def add_file(self, spec: str, name: str) -> None:
        """List a video file."""
        if all(spec != known for known, _ in self._files):
            self._files.append((spec, name))
        self._fill()

    def select(self, spec: str) -> None:
        """Show a source as the one in use, without a signal."""
        self._spec = spec
        self._fill()

    @property
    def spec(self) -> str:
        """The source in use."""
        return self._spec

    def set_running(self, running: bool, *, busy: bool = False) -> None:
        """Show whether the session runs; ``busy`` while it is being stopped."""
        self._running = running
        text = self.tr("Stop") if running else self.tr("Start")
        self.start.setText(_spaced(text))
        self.start.setAccessibleName(text)
        self.start.setToolTip(self.tr("{action} (Space)").format(action=text))
        self.start.setIcon(icon("stop" if running else "start", "on_accent"))
        self.start.setEnabled(not busy)
        self.start.setMinimumWidth(92)
        for button in (self.calibrate, self.virtual_camera, self.record):
            button.setEnabled(running and not busy)
        if not running:
            self.set_virtual_camera(False)
            self.set_recording(False)

    def set_virtual_camera(self, on: bool) -> None:
        """Show whether the virtual camera is on."""
        self.virtual_camera.setChecked(on)

    def set_recording(self, on: bool, text: str = "") -> None:
        """Show whether it records; ``text`` takes the place of the button's word."""
        self.record.setChecked(on)
        self.record.setText(_spaced(text or self.tr("Record")))

    def _fill(self) -> None:
        with QSignalBlocker(self.cameras):
            self.cameras.clear()
            for spec, name in self._cameras:
                self.cameras.addItem(icon("camera", checked="text"), name, spec)
            self.cameras.addItem(
                icon("picture", checked="text"), self.tr("Bundled driver"), SYNTHETIC
            )
            for spec, name in self._files:
                self.cameras.addItem(icon("start", checked="text"), name, spec)
            if self._spec and self.cameras.findData(self._spec) < 0:
                self.cameras.addItem(icon("camera", checked="text"), self._unknown(), self._spec)
            self.cameras.insertSeparator(self.cameras.count())
            self.cameras.addItem(self.tr("Video file…"), _BROWSE)
            self.cameras.setCurrentIndex(self.cameras.findData(self._spec))

    def _unknown(self) -> str:
        """What to call a source that is not listed."""
        spec = self._spec
        if spec.isdecimal():
            return self.tr("Camera {n}").format(n=spec)
        return spoken_id(spec) if is_id(spec) else PurePath(spec).name

    def _picked(self, index: int) -> None:
        spec = self.cameras.itemData(index)
        if spec == _BROWSE:
            self.cameras.setCurrentIndex(self.cameras.findData(self._spec))
            self.browse_wanted.emit()
        elif spec and spec != self._spec:
            self._spec = spec
            self.source_chosen.emit(spec)

    def _toggle(self) -> None:
        (self.stop_wanted if self._running else self.start_wanted).emit()

    def _ask_virtual_camera(self, on: bool) -> None:
        self.virtual_camera_wanted.emit(on)

    def _ask_record(self, on: bool) -> None:
        self.record_wanted.emit(on)

    def _tool(self, sign: str, tip: str, text: str = "") -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(sign))
        button.setIconSize(QSize(18, 18))
        button.setToolTip(tip)
        button.setText(_spaced(text))
        button.setAccessibleName(text or tip)
        button.setAccessibleDescription(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if text:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button


def _spaced(text: str) -> str:
    """A button's word, a little away from its icon."""
    return f"\N{THIN SPACE}{text}" if text else ""
