"""DropVeil: what is laid over the window while a file is dragged across it."""

from pathlib import Path

from PyQt6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PyQt6.QtWidgets import QWidget

from ui.theme import heading, tokens

VIDEOS = frozenset(
    {".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".gif", ".mpg", ".mpeg", ".ts"}
)
"""Suffixes taken for a driving video; everything else is tried as a portrait."""


class DropVeil(QWidget):
    """Catches files dropped anywhere on ``window`` and says which of the two uses they get."""

    picture_dropped = pyqtSignal(Path)
    video_dropped = pyqtSignal(Path)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QDragEnterEvent):  # before QDropEvent: it is one
            path = dropped_file(event.mimeData())
            if path is not None:
                event.acceptProposedAction()
                self._cover(path)
            return True
        if event is not None and event.type() == QEvent.Type.DragLeave:
            self.hide()
            return True
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self.hide()
            path = dropped_file(event.mimeData())
            if path is not None:
                event.acceptProposedAction()
                video = path.suffix.lower() in VIDEOS
                (self.video_dropped if video else self.picture_dropped).emit(path)
            return True
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = tokens(self.palette())
        veil = QColor(look.window)
        veil.setAlpha(215)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(QColor(look.accent), 3, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(16, 16, -16, -16), 14, 14)
        font = heading(self)
        font.setPointSizeF(font.pointSizeF() + 5)
        painter.setFont(font)
        painter.setPen(QColor(look.text))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()

    def _cover(self, path: Path) -> None:
        video = path.suffix.lower() in VIDEOS
        self._text = (
            self.tr("Drop to drive the portrait with this video")
            if video
            else self.tr("Drop to use this picture as the portrait")
        )
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()


def dropped_file(data: QMimeData | None) -> Path | None:
    """The first local file of what is being dragged, or None."""
    if data is None or not data.hasUrls():
        return None
    return next((Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()), None)
