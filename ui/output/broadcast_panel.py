"""BroadcastPanel: the virtual camera, what it sends, and what to do where there is none."""

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.icons import icon
from ui.output.outputs import Outputs
from ui.output.safety import Safety
from ui.problem import problem_of
from ui.theme import caption, heading


class BroadcastPanel(QFrame):
    """Switches the virtual camera and tells its state.

    Signals:
        wanted: the user switches it on or off.
    """

    wanted = pyqtSignal(bool)

    def __init__(self, outputs: Outputs, safety: Safety, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._outputs, self._safety = outputs, safety
        self._on = False
        self._refused: Exception | None = None
        title = QLabel(self.tr("Virtual camera"))
        title.setFont(heading(title))
        self.button = QToolButton()
        self.button.setIcon(icon("broadcast"))
        self.button.setCheckable(True)
        self.button.setEnabled(False)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tip = self.tr("Offer the result as a camera to Zoom, OBS and others (V)")
        self.button.setToolTip(tip)
        self.button.setAccessibleDescription(tip)
        policy = self.button.sizePolicy()
        policy.setHorizontalPolicy(policy.Policy.Expanding)
        self.button.setSizePolicy(policy)
        self.button.clicked.connect(self.wanted)
        self.state = QLabel()
        self.cure = QLabel()
        for label in (self.state, self.cure):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        self.cure.setFont(caption(self.cure))
        note = QLabel(
            self.tr("Outputs are never mirrored, unless you switch on Mirror motion (T).")
        )
        note.setWordWrap(True)
        note.setFont(caption(note))
        note.setObjectName("muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        for widget in (title, self.button, self.state, self.cure, note):
            column.addWidget(widget)
        outputs.virtual_camera_changed.connect(self._switched)
        outputs.virtual_camera_refused.connect(self._refuse)
        safety.hidden_changed.connect(self._show)
        safety.raw_changed.connect(self._show)
        self._show()

    def set_running(self, running: bool) -> None:
        """Whether there is a session whose result can be sent."""
        self.button.setEnabled(running)
        self._show()

    def _switched(self, on: bool) -> None:
        self._on = on
        self._show()

    def _refuse(self, error: Exception | None) -> None:
        self._refused = error
        self._show()

    def _show(self) -> None:
        with QSignalBlocker(self.button):
            self.button.setChecked(self._on)
        text = self.tr("Switch off") if self._on else self.tr("Switch on")
        self.button.setText(f"\N{THIN SPACE}{text}")
        self.button.setAccessibleName(self.tr("Virtual camera"))
        cure = ""
        if self._on:
            device = self._outputs.device
            where = self.tr("On as {device}").format(device=device) if device else self.tr("On")
            state = f"{where}. {self._sends()}"
        elif self._refused is not None:
            problem = problem_of(self._refused)
            state, cure = problem.message, problem.hint
        elif self.button.isEnabled():
            state = self.tr("Off: no program sees you.")
        else:
            state = self.tr("Off. Start first.")
        self.state.setText(state)
        self.cure.setText(cure)
        self.cure.setVisible(bool(cure))

    def _sends(self) -> str:
        if self._safety.hidden:
            return self.tr("It sends the slate.")
        if self._safety.raw:
            return self.tr("It sends your own face.")
        return self.tr("It sends the portrait.")
