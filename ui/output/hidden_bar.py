"""HiddenBar: the red strip that is there as long as the outputs show something unusual."""

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ui.icons import icon
from ui.output.safety import Safety
from ui.theme import heading


class HiddenBar(QFrame):
    """Says that the user is hidden, or that the raw camera is sent, with the way back."""

    def __init__(self, safety: Safety, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("alarm")
        self._safety = safety
        self._sign = QLabel()
        self.words = QLabel()
        self.words.setFont(heading(self.words))
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.back = QPushButton()
        self.back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.back.clicked.connect(self._go_back)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 8, 7)
        row.setSpacing(10)
        row.addWidget(self._sign)
        row.addWidget(self.words, 1)
        row.addWidget(self.back)
        safety.hidden_changed.connect(self._show)
        safety.raw_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        if self._safety.hidden:
            words, back = self.tr("Hidden: outputs show the slate (B)"), self.tr("Show me again")
        else:
            words = self.tr("RAW CAMERA: outputs show your own face (0)")
            back = self.tr("Stop my camera")
        self.words.setText(words)
        self.back.setText(back)
        self.back.setAccessibleName(back)
        self.setAccessibleName(words)
        self._sign.setPixmap(icon("warning", "on_danger").pixmap(QSize(20, 20)))
        self.setVisible(self._safety.hidden or self._safety.raw)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._show()  # the sign has a colour of the old palette

    def _go_back(self) -> None:
        if self._safety.hidden:
            self._safety.hide(False)
        else:
            self._safety.show_raw(False)
