"""GainSlider: one number with its name, a slider and the value in percent."""

from PyQt6.QtCore import QEvent, QObject, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

PERCENT = 0.01
"""What the slider counts in, so that what a screen reader tells is what is shown."""

STEP = 5
"""What a key press changes, in percent."""

NAME_WIDTH = 108
VALUE_WIDTH = 48


class GainSlider(QWidget):
    """Sets a number; a double click sets the usual one again.

    Args:
        name: shown before the slider.
        tip: what it does.
        limits: least and greatest value.
        usual: where a double click leads.
        off: what stands for the value at 0; without it, the value itself.

    Attributes:
        slider: the slider itself, which has the keyboard.
    """

    changed = pyqtSignal(float)

    def __init__(
        self,
        name: str,
        tip: str,
        limits: tuple[float, float],
        usual: float,
        off: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._usual, self._off, self._tip = usual, off, tip
        self._name = QLabel(name)
        self._name.setFixedWidth(NAME_WIDTH)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(limits[0] / PERCENT), round(limits[1] / PERCENT))
        self.slider.setSingleStep(STEP)
        self.slider.setPageStep(4 * STEP)
        self.slider.setAccessibleName(name)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.installEventFilter(self)
        self._text = QLabel()
        self._text.setFixedWidth(VALUE_WIDTH)
        self._text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._name)
        row.addWidget(self.slider, 1)
        row.addWidget(self._text)
        self.slider.valueChanged.connect(self._moved)
        self.set_reason("")
        self.show_value(usual)

    @property
    def value(self) -> float:
        """The number the slider stands at."""
        return round(self.slider.value() * PERCENT, 2)

    @property
    def text(self) -> str:
        """The number as it is shown."""
        return self._text.text()

    def show_value(self, value: float) -> None:
        """Show a number without a signal."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(value / PERCENT))
        self._say(value)

    def set_tip(self, tip: str) -> None:
        """Say what it does."""
        self._tip = tip
        if self.isEnabled():
            self.set_reason("")

    def set_reason(self, reason: str) -> None:
        """Disable it for a reason; an empty one enables it."""
        self.setEnabled(not reason)
        told = reason or self._tip
        self.setToolTip(told)
        self.slider.setAccessibleDescription(told)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self.slider and event is not None and self.isEnabled():
            if event.type() == QEvent.Type.MouseButtonDblClick:
                self.slider.setValue(round(self._usual / PERCENT))
                return True
            if event.type() == QEvent.Type.Wheel and not self.slider.hasFocus():
                event.ignore()  # the page scrolls instead
                return True
        return super().eventFilter(watched, event)

    def _moved(self) -> None:
        self._say(self.value)
        self.changed.emit(self.value)

    def _say(self, value: float) -> None:
        text = self.tr("{percent} %").format(percent=round(value / PERCENT))
        self._text.setText(self._off if self._off and value == 0 else text)
