"""Guide: three steps to the first picture, above it, each acting on the real thing."""

from collections.abc import Sequence
from pathlib import PurePath

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avatar.config import SYNTHETIC
from avatar.errors import AvatarError
from ui.combo import Combo
from ui.icons import icon
from ui.theme import caption, heading

STEPS = ("portrait", "camera", "virtual-camera")


class Guide(QFrame):
    """A panel that hides nothing. The window connects its signals with what the controls do.

    Signals:
        left: finished or left; not wanted again by itself.
        step_shown: the name of the step, see STEPS.
        portrait_stepped: to the next (1) or previous (-1) portrait.
        browse_wanted: for a portrait file.
        camera_chosen: the spec of a source.
        video_wanted, cameras_wanted: choose a video; look for cameras again.
        virtual_camera_wanted: on or off.
        driver_wanted: look for the driver again.
    """

    left = pyqtSignal()
    step_shown = pyqtSignal(str)
    portrait_stepped = pyqtSignal(int)
    browse_wanted = pyqtSignal()
    camera_chosen = pyqtSignal(str)
    video_wanted = pyqtSignal()
    cameras_wanted = pyqtSignal()
    virtual_camera_wanted = pyqtSignal(bool)
    driver_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._running = False
        self._found = 0  # cameras
        self.cameras = Combo()
        self._lacking: AvatarError | None = None
        self._looked = False
        self.number = QLabel()
        self.number.setObjectName("muted")
        self.number.setFont(caption(self.number))
        self.title = QLabel()
        self.title.setFont(heading(self.title))
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = QToolButton()
        self.close_button.setObjectName("plain")
        self.close_button.setIcon(icon("close"))
        self.close_button.setToolTip(self.tr("Leave the guide; the menu shows it again"))
        self.close_button.setAccessibleName(self.tr("Leave the guide"))
        self.close_button.clicked.connect(self.leave)

        self._controls = QStackedWidget()
        for row in (self._portrait_row(), self._camera_row(), self._output_row()):
            self._controls.addWidget(row)
        self.back = QPushButton(self.tr("&Back"))
        self.back.clicked.connect(lambda: self.show_step(self.step - 1))
        self.next = QPushButton()
        self.next.setObjectName("primary")
        self.next.clicked.connect(self._go_on)

        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.title)
        top.addWidget(self.number)
        top.addStretch(1)
        top.addWidget(self.close_button)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        bottom.addWidget(self._controls, 1)
        bottom.addWidget(self.back)
        bottom.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 10, 12)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.words)
        column.addLayout(bottom)
        self.hide()

    # -- what happens -----------------------------------------------------------------------------

    def begin(self) -> None:
        """Show the first step."""
        self.show()
        self.show_step(0)

    def leave(self) -> None:
        """Close it."""
        if not self.isHidden():
            self.hide()
            self.left.emit()

    @property
    def step(self) -> int:
        """Which step is shown, from 0."""
        return self._controls.currentIndex()

    def show_step(self, step: int) -> None:
        """Show a step and put the focus on what leads on."""
        self._controls.setCurrentIndex(step)
        self.number.setText(self.tr("Step {n} of 3").format(n=step + 1))
        self.back.setEnabled(step > 0)
        last = step == len(STEPS) - 1
        self.next.setText(self.tr("Done") if last else self.tr("&Next"))
        self.next.setAccessibleName(self.tr("Finish the guide") if last else self.tr("Next step"))
        self._say()
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)
        self.step_shown.emit(STEPS[step])

    def show_cameras(self, cameras: Sequence[tuple[str, str]]) -> None:
        """List the cameras: (spec, name) each."""
        spec = self.cameras.currentData()
        with QSignalBlocker(self.cameras):
            self.cameras.clear()
            for known, name in cameras:
                self.cameras.addItem(name, known)
            self.cameras.addItem(self.tr("Bundled driver"), SYNTHETIC)
        self._found = len(cameras)
        self.show_camera(spec or "")
        self._say()

    def show_camera(self, spec: str) -> None:
        """Show which source is in use."""
        with QSignalBlocker(self.cameras):
            if spec and self.cameras.findData(spec) < 0:  # a video, or a camera not looked for yet
                self.cameras.addItem(PurePath(spec).name, spec)
            self.cameras.setCurrentIndex(self.cameras.findData(spec))

    def show_running(self, running: bool) -> None:
        """Whether the session runs: without it there is nothing to send."""
        self._running = running
        self._say()

    def show_driver(self, lacking: AvatarError | None) -> None:
        """Whether a virtual camera can be had, and why not."""
        self._lacking, self._looked = lacking, True
        self._say()

    def show_virtual_camera(self, on: bool) -> None:
        """Show whether other programs see the virtual camera."""
        self.virtual_camera.setChecked(on)
        self._say()

    # -- inside -----------------------------------------------------------------------------------

    def _go_on(self) -> None:
        if self.step == len(STEPS) - 1:
            self.leave()
        else:
            self.show_step(self.step + 1)

    def _say(self) -> None:
        self.virtual_camera.setText(
            self.tr("Switch it off") if self.virtual_camera.isChecked() else self.tr("Switch it on")
        )
        self.virtual_camera.setEnabled(self._running and self._lacking is None)
        self.again.setVisible(self._lacking is not None)
        self.title.setText(
            (
                self.tr("Choose who you are"),
                self.tr("Choose the camera that drives the portrait"),
                self.tr("Show it to other programs"),
            )[self.step]
        )
        self.words.setText(
            (
                self.tr(
                    "Step through the portraits, or take a picture of your own: a face from the "
                    "front, in good light. You can also drop one onto the window."
                ),
                self._about_cameras(),
                self._about_driver(),
            )[self.step]
        )

    def _about_cameras(self) -> str:
        if self._found == 0:
            return self.tr(
                "No camera was found. Plug one in and look again, or go on with a video or the "
                "bundled driver."
            )
        return self.tr(
            "Look straight into it, as the portrait does, then press Calibrate above: the portrait "
            "follows your movements from there."
        )

    def _about_driver(self) -> str:
        if not self._looked:
            return self.tr("Looking for a virtual camera driver…")
        if self._lacking is not None:
            can = self.tr("You can skip this: the window and recordings work without it.")
            return f"{self._lacking.message} {self._lacking.hint} {can}"
        if self.virtual_camera.isChecked():
            return self.tr(
                "It is on. Choose the virtual camera in Zoom, OBS or your browser, as you choose "
                "a webcam there."
            )
        if not self._running:
            return self.tr("A driver is installed. Press Start above first: nothing runs yet.")
        return self.tr(
            "A driver is installed. Switched on, the result is a camera that Zoom, OBS and "
            "browsers can choose. Nothing is sent before."
        )

    def _portrait_row(self) -> QWidget:
        self.previous_portrait = self._button(self.tr("&Previous portrait"))
        self.previous_portrait.clicked.connect(lambda: self.portrait_stepped.emit(-1))
        self.next_portrait = self._button(self.tr("N&ext portrait"))
        self.next_portrait.clicked.connect(lambda: self.portrait_stepped.emit(1))
        self.browse = self._button(self.tr("Choose a &file…"))
        self.browse.clicked.connect(self.browse_wanted)
        return self._row(self.previous_portrait, self.next_portrait, self.browse)

    def _camera_row(self) -> QWidget:
        self.cameras.setMinimumWidth(180)
        self.cameras.setAccessibleName(self.tr("Camera"))
        self.cameras.activated.connect(
            lambda _: self.camera_chosen.emit(self.cameras.currentData() or "")
        )
        self.look = self._button(self.tr("Loo&k again"))
        self.look.clicked.connect(self.cameras_wanted)
        self.video = self._button(self.tr("&Video file…"))
        self.video.clicked.connect(self.video_wanted)
        return self._row(self.cameras, self.look, self.video)

    def _output_row(self) -> QWidget:
        self.virtual_camera = self._button("")
        self.virtual_camera.setCheckable(True)
        self.virtual_camera.clicked.connect(self._ask_virtual_camera)
        self.virtual_camera.setAccessibleName(self.tr("Virtual camera"))
        self.again = self._button(self.tr("Loo&k again"))
        self.again.clicked.connect(self.driver_wanted)
        return self._row(self.virtual_camera, self.again)

    def _ask_virtual_camera(self, on: bool) -> None:
        self.virtual_camera.setChecked(not on)  # it shows what is, not what was asked for
        self.virtual_camera_wanted.emit(on)

    @staticmethod
    def _button(text: str) -> QPushButton:
        return QPushButton(text)

    @staticmethod
    def _row(*controls: QWidget) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        for control in controls:
            line.addWidget(control)
        line.addStretch(1)
        return row
