"""RestPanel: what the outputs show when the face is gone."""

from dataclasses import replace

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import (
    QButtonGroup,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from avatar.rest import HOLD, NEUTRAL, SLATE, Rest
from ui.output.safety import Safety
from ui.theme import caption, heading

LONGEST_S = 60.0
"""The longest delay that the panel offers."""


class RestPanel(QFrame):
    """Three rest states and the delay until they begin."""

    def __init__(self, safety: Safety, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._safety = safety
        title = QLabel(self.tr("When your face is gone"))
        title.setFont(heading(title))
        self.modes = {
            HOLD: QRadioButton(self.tr("Hold the last pose")),
            NEUTRAL: QRadioButton(self.tr("Ease to the neutral pose")),
            SLATE: QRadioButton(self.tr("Show the slate")),
        }
        self._group = QButtonGroup(self)
        for button in self.modes.values():
            button.setAccessibleName(button.text())
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button)
            button.clicked.connect(self._choose)
        label = QLabel(self.tr("After"))
        self.delay = QDoubleSpinBox()
        self.delay.setRange(0.0, LONGEST_S)
        self.delay.setDecimals(1)
        self.delay.setSingleStep(0.5)
        self.delay.setSuffix(self.tr(" s"))
        self.delay.setKeyboardTracking(False)
        self.delay.setAccessibleName(self.tr("Seconds until the rest state"))
        self.delay.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.delay.valueChanged.connect(self._choose)
        label.setBuddy(self.delay)
        note = QLabel(self.tr("The same happens when the camera is lost."))
        note.setWordWrap(True)
        note.setFont(caption(note))
        note.setObjectName("muted")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.delay)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(title)
        for button in self.modes.values():
            column.addWidget(button)
        column.addLayout(row)
        column.addWidget(note)
        safety.rest_changed.connect(self._show)
        self._show(safety.rest)

    def _show(self, rest: Rest) -> None:
        with QSignalBlocker(self._group), QSignalBlocker(self.delay):
            self.modes[rest.mode].setChecked(True)
            self.delay.setValue(rest.after_s)
        self.delay.setEnabled(rest.mode != HOLD)

    def _choose(self) -> None:
        mode = next(mode for mode, button in self.modes.items() if button.isChecked())
        self._safety.set_rest(replace(self._safety.rest, mode=mode, after_s=self.delay.value()))
