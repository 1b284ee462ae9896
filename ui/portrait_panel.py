"""PortraitPanel: the portrait in use, the gallery, and how to bring another picture."""

from pathlib import Path

import numpy as np
from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avatar.frame import Image, Portrait
from ui.icons import icon
from ui.picture import PictureView
from ui.theme import caption, heading, tokens

THUMB = 60
"""Side of a gallery picture, in pixels."""


class Thumb(QToolButton):
    """One picture of the gallery."""

    def __init__(self, path: Path, number: int) -> None:
        super().__init__()
        self.path = path
        self._view = PictureView(self)
        self._view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._view.setGeometry(3, 3, THUMB - 6, THUMB - 6)
        self.setObjectName("thumb")
        self.setFixedSize(THUMB, THUMB)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        name = spoken(path.stem)
        tip = self.tr("{name} ({number})").format(name=name, number=number)
        self.setToolTip(tip if number <= 9 else name)
        self.setAccessibleName(self.tr("Portrait {name}").format(name=name))

    def set_picture(self, image: Image) -> None:
        """Show the small picture: (H, W, 3) uint8 RGB."""
        self._view.show_image(image)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if not (self.isChecked() or self.hasFocus() or self.underMouse()):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = tokens(self.palette())
        colour = look.accent if self.isChecked() or self.hasFocus() else look.border
        painter.setPen(QPen(QColor(colour), 2.5))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 11, 11)
        painter.end()


class PortraitPanel(QFrame):
    """Shows the portrait; emits the path of another one that the user picked."""

    path_chosen = pyqtSignal(Path)
    browse_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._thumbs: list[Thumb] = []
        self._group = QButtonGroup(self)
        self.view = PictureView()
        self.view.setFixedSize(104, 104)
        self.view.setAccessibleName(self.tr("Portrait"))
        self.name = QLabel()
        self.name.setFont(heading(self.name))
        self.name.setWordWrap(True)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        hint = QLabel(self.tr("Drop a picture anywhere in the window"))
        hint.setObjectName("muted")
        hint.setFont(caption(hint))
        hint.setWordWrap(True)
        self.choose = QPushButton(icon("picture"), "\N{THIN SPACE}" + self.tr("Choose…"))
        self.choose.setAccessibleName(self.tr("Choose a portrait"))
        self.choose.setToolTip(self.tr("Open a picture with a face (Ctrl+O)"))
        self.choose.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.choose.clicked.connect(self.browse_wanted)
        beside = QVBoxLayout()
        beside.setSpacing(4)
        beside.addWidget(self.name)
        beside.addWidget(hint)
        beside.addStretch(1)
        beside.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignLeft)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.view)
        top.addLayout(beside, 1)
        strip = QWidget()
        self._row = QHBoxLayout(strip)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._row.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(strip)
        self._scroll.setWidgetResizable(True)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setFixedHeight(THUMB + 2)
        self._scroll.setAccessibleName(self.tr("Gallery"))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self._scroll)

    @property
    def paths(self) -> list[Path]:
        """The pictures of the gallery, in order."""
        return [thumb.path for thumb in self._thumbs]

    def add_picture(self, path: Path, image: Image | None = None) -> None:
        """Put a picture into the gallery, once; ``image`` is its small picture if known."""
        thumb = self._thumb(path)
        if thumb is None:
            thumb = Thumb(path, len(self._thumbs) + 1)
            thumb.clicked.connect(lambda _, p=path: self._clicked(p))
            self._thumbs.append(thumb)
            self._group.addButton(thumb)
            self._row.insertWidget(self._row.count() - 1, thumb)
            wide = len(self._thumbs) * (THUMB + 6) > 280
            self._scroll.setFixedHeight(THUMB + (14 if wide else 2))
        if image is not None:
            thumb.set_picture(image)

    def show_portrait(self, portrait: Portrait, path: Path | None) -> None:
        """Show the portrait in use and mark it in the gallery."""
        self.view.show_image(np.asarray(portrait.image))
        self.name.setText(spoken(portrait.name))
        self.name.setToolTip(portrait.name)
        if path is not None:
            self.add_picture(path, portrait.image)
        self.mark(path)

    def mark(self, path: Path | None) -> None:
        """Mark one picture of the gallery as the one in use."""
        self._group.setExclusive(False)
        for thumb in self._thumbs:
            thumb.setChecked(thumb.path == path)
        self._group.setExclusive(True)

    def step(self, by: int) -> None:
        """Choose the next (+1) or the previous (-1) picture of the gallery, going round."""
        if self._thumbs:
            marked = [i for i, thumb in enumerate(self._thumbs) if thumb.isChecked()]
            self._clicked(self.paths[((marked[0] if marked else -by) + by) % len(self._thumbs)])

    def pick(self, number: int) -> None:
        """Choose the picture of a number, counted from 1; nothing where there is none."""
        if 1 <= number <= len(self._thumbs):
            self._clicked(self.paths[number - 1])

    def sizeHint(self) -> QSize:
        return QSize(300, 212)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self.update()

    def _clicked(self, path: Path) -> None:
        self.mark(path)
        self.path_chosen.emit(path)

    def _thumb(self, path: Path) -> Thumb | None:
        return next((thumb for thumb in self._thumbs if thumb.path == path), None)


def spoken(name: str) -> str:
    """A file's name as a title: ``old_man`` is "Old man"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
