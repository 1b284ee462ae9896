"""BuildBar: how far a better engine is that is built while the present one goes on."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from ui.theme import caption


class BuildBar(QFrame):
    """A line above the result: what is built, how much of it is done, and a way to end it."""

    cancel_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setProperty("kind", "info")
        self.setAccessibleName(self.tr("Engine being built"))
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.percent = QLabel()
        self.percent.setObjectName("muted")
        self.percent.setFont(caption(self.percent))
        width = self.percent.fontMetrics().horizontalAdvance("100 %")
        self.percent.setMinimumWidth(width)
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 100)
        self.progress.setFixedHeight(6)
        self.progress.setMinimumWidth(120)
        self.progress.setAccessibleName(self.tr("Engine being built"))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setToolTip(self.tr("Stop building; the present engine goes on"))
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cancel.clicked.connect(self._give_up)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 10, 6)
        row.setSpacing(12)
        row.addWidget(self.words)
        row.addWidget(self.progress, 1)
        row.addWidget(self.percent)
        row.addWidget(self.cancel)
        self.hide()

    def show_build(self, sentence: str, share: float) -> None:
        """Show what is done and how much of it, in [0, 1]."""
        if self.isHidden():
            self.cancel.setEnabled(True)
        self.words.setText(sentence)
        percent = round(min(max(share, 0.0), 1.0) * 100)
        self.progress.setValue(percent)
        self.percent.setText(self.tr("{n} %").format(n=percent))
        self.show()

    def finish(self) -> None:
        """Take the line away: nothing is built any more."""
        self.hide()

    def _give_up(self) -> None:
        self.cancel.setEnabled(False)
        self.words.setText(self.tr("Stopping the build…"))
        self.cancel_wanted.emit()
