"""ResultView: the animated portrait, large; a slate while there is nothing to show."""

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QResizeEvent
from PyQt6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from ui.picture import PictureView
from ui.theme import heading, tokens


class ResultView(PictureView):
    """The result, with a slate for "stopped" and "loading", and pills for what is going on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Result"))
        self.setAccessibleDescription(self.tr("The portrait, moving like the face in the camera"))
        self.setMinimumSize(320, 180)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._pills: list[tuple[str, str]] = []
        self._slate = QWidget(self)
        self._title = QLabel(self._slate)
        self._title.setFont(heading(self._title))
        self._detail = QLabel(self._slate)
        self._bar = QProgressBar(self._slate)
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(220, 6)
        self._bar.setAccessibleName(self.tr("Loading"))
        column = QVBoxLayout(self._slate)
        column.setSpacing(10)
        column.addStretch(1)
        for label in (self._title, self._detail):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def sizeHint(self) -> QSize:
        return QSize(640, 640)

    def show_slate(self, title: str, detail: str = "", share: float | None = None) -> None:
        """Cover the picture with a text.

        Args:
            title, detail: what is going on, and what the user can do.
            share: the part done in [0, 1]; below 0 for "busy, nobody knows how long"; None for no
                progress bar.
        """
        self.show_image(None)
        self._title.setText(title)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self._bar.setVisible(share is not None)
        if share is not None:
            self._bar.setRange(0, 0 if share < 0 else 100)
            self._bar.setValue(max(0, round(share * 100)))
        self._slate.show()

    def hide_slate(self) -> None:
        """Uncover the picture."""
        self._slate.hide()

    @property
    def slate(self) -> str:
        """The title of the slate, or an empty string while the picture is uncovered."""
        return "" if self._slate.isHidden() else self._title.text()

    @property
    def progress(self) -> int:
        """Percent shown by the slate's progress bar."""
        return self._bar.value()

    def set_pills(self, pills: list[tuple[str, str]]) -> None:
        """Notes in the corner of the picture: (colour name of the theme, text) each."""
        if pills != self._pills:
            self._pills = pills
            self.update()

    def paint_over(self, painter: QPainter, rect: QRectF) -> None:
        if rect.isEmpty():
            return
        look = tokens(self.palette())
        right = rect.right() - 12
        for colour, text in self._pills:
            width = painter.fontMetrics().horizontalAdvance(text) + 34
            pill = QRectF(right - width, rect.top() + 12, width, 26)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 170))
            painter.drawRoundedRect(pill, 13, 13)
            painter.setBrush(QColor(getattr(look, colour)).lighter(115))
            painter.drawEllipse(QRectF(pill.left() + 10, pill.center().y() - 4, 8, 8))
            painter.setPen(QColor("#ffffff"))
            painter.drawText(
                pill.adjusted(24, 0, 0, 0),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                text,
            )
            right -= width + 8

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._slate.setGeometry(self.rect())
