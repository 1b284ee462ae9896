"""ConcernList: why the portrait in use will animate badly, a sentence each."""

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ui.icons import icon
from ui.theme import caption


class ConcernList(QWidget):
    """Not there at all while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[str, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.setAccessibleName(self.tr("Why this portrait may animate badly"))
        self.hide()

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it says now."""
        return self._shown

    def show_concerns(self, sentences: Sequence[str]) -> None:
        """Say these sentences instead."""
        if tuple(sentences) == self._shown:
            return
        self._shown = tuple(sentences)
        while (item := self._column.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for sentence in self._shown:
            self._column.addWidget(self._line(sentence))
        self.setAccessibleDescription(" ".join(self._shown))
        self.setVisible(bool(self._shown))

    def _line(self, sentence: str) -> QWidget:
        sign = QLabel()
        sign.setPixmap(icon("warning", "warning").pixmap(QSize(18, 18)))
        sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        words = QLabel(sentence)
        words.setFont(caption(words))
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(sign)
        row.addWidget(words, 1)
        return line
