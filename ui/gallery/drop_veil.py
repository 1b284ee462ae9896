"""DropVeil: what is laid over the window while something is dragged across it."""

from pathlib import Path

from PyQt6.QtCore import QEvent, QObject, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PyQt6.QtWidgets import QWidget

from ui.gallery.incoming import VIDEOS, Incoming, incoming, promised
from ui.theme import heading, tokens

__all__ = ["VIDEOS", "DropVeil"]


class DropVeil(QWidget):
    """Catches what is dropped anywhere on ``window`` and says what will become of it.

    Signals:
        brought: an Incoming with pictures, or with an address on the web.
        video_dropped: a video file.
    """

    brought = pyqtSignal(object)
    video_dropped = pyqtSignal(Path)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QDragEnterEvent):  # before QDropEvent: it is one
            came = promised(event.mimeData())
            if came:
                event.acceptProposedAction()
                self._cover(came)
            return True
        if event is not None and event.type() == QEvent.Type.DragLeave:
            self.hide()
            return True
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self.hide()
            came = incoming(event.mimeData())
            if came:
                event.acceptProposedAction()
                if came.video is not None:
                    self.video_dropped.emit(came.video)
                else:
                    self.brought.emit(came)
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
        inside = self.rect().adjusted(40, 40, -40, -40)
        painter.drawText(inside, int(_CENTRE | Qt.TextFlag.TextWordWrap), self._text)
        painter.end()

    def _cover(self, came: Incoming) -> None:
        if came.video is not None:
            self._text = self.tr("Drop to drive the portrait with this video")
        elif came.web:
            self._text = self.tr("Save the picture first: nothing is downloaded")
        elif len(came.files) > 1:
            self._text = self.tr("Drop to add these pictures to your portraits")
        else:
            self._text = self.tr("Drop to use this picture as the portrait")
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()


_CENTRE = Qt.AlignmentFlag.AlignCenter
