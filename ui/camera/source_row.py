"""SourceRow: one camera or video to choose: its picture, its name, what is known about it."""

from PyQt6.QtCore import QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QApplication, QSizePolicy, QToolButton, QWidget

from avatar.frame import Image
from ui.icons import icon
from ui.picture import PictureView
from ui.theme import caption, tokens

HEIGHT = 52
_PICTURE = QRect(6, 5, 75, 42)  # 16:9, as most cameras are
_TEXT_X = 91


class SourceRow(QToolButton):
    """Checked while it is the one in use.

    Args:
        spec: of the source.
        name: what it is called.
        sign: the icon where there is no picture.

    Attributes:
        spec: of the source.
        detail: the second line.
        sign: the icon.
    """

    def __init__(self, spec: str, name: str, sign: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.detail = ""
        self.sign = sign
        self._alarm = False
        self._view = PictureView(self)
        self._view.setGeometry(_PICTURE)
        self._view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._view.hide()
        self.setObjectName("thumb")
        self.setText(name)
        self.setCheckable(True)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_detail("")

    def set_detail(self, text: str, more: str = "", *, alarm: bool = False) -> None:
        """Show a second line, and more on request; ``alarm`` for something that is wrong."""
        self.detail, self._alarm = text, alarm
        self.setAccessibleName(f"{self.text()}. {text}".rstrip(". "))
        self.setAccessibleDescription(more)
        self.setToolTip(f"{self.text()}\n{more or text}".strip())
        self.update()

    def set_picture(self, image: Image | None) -> None:
        """Show what it sees: (H, W, 3) uint8 RGB; None = its icon."""
        self._view.show_image(image)
        self._view.setVisible(image is not None)
        self.update()

    @property
    def picture(self) -> Image | None:
        """What is shown."""
        return self._view.image

    def set_mirrored(self, on: bool) -> None:
        """Show the picture like a mirror."""
        self._view.set_mirrored(on)

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, HEIGHT)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = tokens(QApplication.palette())  # its own is transparent
        around = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            painter.setBrush(QColor(look.hover))
            painter.drawRoundedRect(around, 9, 9)
        if self.isChecked() or self.hasFocus():
            painter.setPen(QPen(QColor(look.accent if self.hasFocus() else look.border), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(around, 9, 9)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.accent))
            painter.drawRoundedRect(QRectF(1, 12, 3, HEIGHT - 24), 1.5, 1.5)
        if not self._view.isVisible():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.canvas))
            painter.drawRoundedRect(QRectF(_PICTURE), 8, 8)
            spot = QRect(0, 0, 24, 24)
            spot.moveCenter(_PICTURE.center())
            icon(self.sign, "muted").paint(painter, spot)
        self._write(painter, self.text(), 6, self.font(), look.text)
        if self.detail:
            colour = look.warning if self._alarm else look.muted
            self._write(painter, self.detail, 26, caption(self), colour)
        painter.end()

    def _write(self, painter: QPainter, text: str, y: int, font: object, colour: str) -> None:
        painter.setFont(font)  # type: ignore[arg-type]  # a QFont
        painter.setPen(QColor(colour))
        room = self.width() - _TEXT_X - 8
        if not self.detail:
            y = 16
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(
            QRect(_TEXT_X, y, room, 20),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            shown,
        )
