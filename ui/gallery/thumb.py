"""Thumb: one picture of the gallery."""

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QMenu, QToolButton, QWidget

from avatar.frame import Image
from avatar.portraits.entry import Entry
from ui.icons import icon
from ui.picture import PictureView
from ui.theme import caption, tokens

THUMB = 64
"""Side of a gallery picture, in pixels."""

_MARGIN = 3
_SIGN = 18.0
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class _Marks(QWidget):
    """The number, the warning sign and the frame, over the picture."""

    def __init__(self, thumb: "Thumb") -> None:
        super().__init__(thumb)
        self._thumb = thumb
        self._sign = icon("warning", "warning")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(0, 0, THUMB, THUMB)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        thumb, look = self._thumb, tokens(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if thumb.number <= 9:
            self._disc(painter, QRectF(6, 6, _SIGN, _SIGN))
            painter.setFont(caption(self))
            painter.setPen(QColor(look.text))
            disc = QRectF(6, 6, _SIGN, _SIGN)
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(thumb.number))
        if thumb.entry.warnings:
            disc = QRectF(THUMB - 6 - _SIGN, THUMB - 6 - _SIGN, _SIGN, _SIGN)
            self._disc(painter, disc)
            size = QSize(14, 14)
            painter.drawPixmap(
                disc.center() - QPointF(7, 7.5),
                self._sign.pixmap(size, self.devicePixelRatioF()),
                QRectF(),
            )
        if thumb.isChecked() or thumb.hasFocus() or thumb.underMouse():
            colour = look.accent if thumb.isChecked() else look.border
            style = Qt.PenStyle.SolidLine
            if thumb.hasFocus():
                colour = look.text
            painter.setPen(QPen(QColor(colour), 2.5, style))
            painter.drawRoundedRect(QRectF(1.5, 1.5, THUMB - 3, THUMB - 3), 11, 11)
            if thumb.hasFocus() and thumb.isChecked():
                painter.setPen(QPen(QColor(look.accent), 2))
                painter.drawRoundedRect(QRectF(4, 4, THUMB - 8, THUMB - 8), 9, 9)
        painter.end()

    def _disc(self, painter: QPainter, where: QRectF) -> None:
        colour = QColor(tokens(self.palette()).panel)
        colour.setAlpha(225)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(where)
        painter.setBrush(Qt.BrushStyle.NoBrush)


class Thumb(QToolButton):
    """A picture with its number, a sign where it animates badly, and a menu.

    Signals:
        wanted: a word from its menu or keys: "use", "rename", "remove", "crop", "reload".
        step: the arrow keys: by how many columns and rows.
    """

    wanted = pyqtSignal(str)
    step = pyqtSignal(int, int)

    def __init__(self, entry: Entry, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = PictureView(self)
        self._view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._view.setGeometry(_MARGIN, _MARGIN, THUMB - 2 * _MARGIN, THUMB - 2 * _MARGIN)
        self._marks = _Marks(self)
        self.setObjectName("thumb")
        self.setFixedSize(THUMB, THUMB)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda: self.wanted.emit("use"))
        self.toggled.connect(self._marks.update)
        self.show_entry(entry, number)

    def show_entry(self, entry: Entry, number: int) -> None:
        """Stand for an entry, which has a number in the gallery, counted from 1."""
        self.entry, self.number = entry, number
        name = spoken(entry.name)
        tip = self.tr("{name} ({number})").format(name=name, number=number)
        self.setToolTip("\n".join([tip if number <= 9 else name, *entry.warnings]))
        self.setAccessibleName(self.tr("Portrait {name}").format(name=name))
        self.setAccessibleDescription(" ".join(entry.warnings))
        self._marks.update()

    def sizeHint(self) -> QSize:
        return QSize(THUMB, THUMB)

    @property
    def picture(self) -> Image | None:
        """The small picture, if it was read."""
        return self._view.image

    def set_picture(self, image: Image | None) -> None:
        """Show the small picture: (H, W, 3) uint8 RGB."""
        self._view.show_image(image)

    def menu_of(self) -> QMenu:
        """What can be done with the portrait; not yet shown."""
        menu = QMenu(self)
        for word, label, keys in (
            ("use", self.tr("Use"), self.tr("Enter")),
            ("crop", self.tr("Crop…"), ""),
            ("rename", self.tr("Rename…"), "F2"),
            ("reload", self.tr("Read it again"), ""),
            ("remove", self.tr("Remove"), self.tr("Del")),
        ):
            action = menu.addAction(f"{label}\t{keys}" if keys else label)
            if action is not None:
                action.setEnabled(self.can(word))
                action.triggered.connect(lambda _, w=word: self.wanted.emit(w))
        return menu

    def can(self, word: str) -> bool:
        """Whether something can be done with this portrait: the bundled ones stay as they are."""
        entry = self.entry
        return {"rename": entry.own, "remove": entry.own or entry.guest}.get(word, True)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is not None:
            menu = self.menu_of()
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        key = event.key()
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key in _STEPS:
            self.step.emit(*_STEPS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif key == Qt.Key.Key_F2:
            self._want("rename")
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._want("remove")
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Nothing of a button is drawn: the picture and the marks over it are all."""

    def _want(self, word: str) -> None:
        if self.can(word):
            self.wanted.emit(word)


def spoken(name: str) -> str:
    """A file's name as a title: ``old_man`` is "Old man"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
