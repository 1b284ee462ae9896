"""Gallery: every portrait as a small picture, in rows that fit the width."""

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QScrollArea,
    QToolButton,
    QWidget,
)

from avatar.frame import Image
from avatar.portraits.entry import Entry
from ui.gallery.thumb import THUMB, Thumb
from ui.icons import icon

GAP = 6


class AddTile(QToolButton):
    """The tile with the plus, as large as a picture looks."""

    def sizeHint(self) -> QSize:
        return QSize(THUMB - 6, THUMB - 6)


class Gallery(QWidget):
    """Pictures to choose from, and a tile to add more. The page that it is on scrolls.

    Signals:
        wanted: what to do ("use", "rename", "remove", "crop", "reload") and the path of with which.
        add_wanted: the tile with the plus.
    """

    wanted = pyqtSignal(str, Path)
    add_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbs: list[Thumb] = []
        self._marked: Path | None = None
        self._columns = 0
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self.add = AddTile()
        self.add.setIcon(icon("plus", "muted"))
        self.add.setAccessibleName(self.tr("Add a portrait"))
        self.add.setToolTip(self.tr("Add pictures (Ctrl+O); drop or paste them as well"))
        self.add.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.add.clicked.connect(self.add_wanted)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setMinimumWidth(THUMB)
        self.setAccessibleName(self.tr("Gallery"))
        self._lay_out(4)

    @property
    def paths(self) -> list[Path]:
        """The files of the portraits, in order."""
        return [thumb.entry.path for thumb in self._thumbs]

    @property
    def columns(self) -> int:
        """How many pictures there are in a row."""
        return self._columns

    def thumb(self, path: Path | None) -> Thumb | None:
        """The picture of a file."""
        return next((thumb for thumb in self._thumbs if thumb.entry.path == path), None)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show these portraits; the pictures of those that were there stay."""
        before = {thumb.entry.path: thumb for thumb in self._thumbs}
        focused = next((thumb for thumb in self._thumbs if thumb.hasFocus()), None)
        place = 0 if focused is None else self._thumbs.index(focused)
        thumbs: list[Thumb] = []
        for number, entry in enumerate(entries, 1):
            thumb = before.pop(entry.path, None)
            if thumb is None:
                thumb = Thumb(entry, number, self)
                thumb.wanted.connect(lambda word, t=thumb: self._want(word, t))
                thumb.step.connect(lambda x, y, t=thumb: self._step_focus(t, x, y))
                self._group.addButton(thumb)
            else:
                thumb.show_entry(entry, number)
            thumbs.append(thumb)
        self._thumbs = thumbs
        for gone in before.values():
            self._group.removeButton(gone)
            gone.hide()
            gone.deleteLater()  # not at once: its own menu may be calling
        self._lay_out(self._columns)
        self.mark(self._marked)
        if focused is not None and focused not in thumbs and thumbs:
            thumbs[min(place, len(thumbs) - 1)].setFocus()

    def set_picture(self, path: Path, image: Image | None) -> None:
        """Show the small picture of a file: (H, W, 3) uint8 RGB."""
        thumb = self.thumb(path)
        if thumb is not None:
            thumb.set_picture(image)

    def mark(self, path: Path | None) -> None:
        """Mark one portrait as the one in use, and bring it into view."""
        changed, self._marked = path != self._marked, path
        for thumb in self._thumbs:
            thumb.setChecked(thumb.entry.path == path)
        marked = self.thumb(path)
        if changed and marked is not None:
            QTimer.singleShot(0, lambda: self._reveal(path))

    def step(self, by: int) -> None:
        """Choose the next (+1) or the previous (-1) portrait, going round."""
        if self._thumbs:
            marked = [i for i, thumb in enumerate(self._thumbs) if thumb.isChecked()]
            start = marked[0] if marked else (-1 if by > 0 else 0)
            self._want("use", self._thumbs[(start + by) % len(self._thumbs)])

    def pick(self, number: int) -> None:
        """Choose the portrait of a number, counted from 1; nothing where there is none."""
        if 1 <= number <= len(self._thumbs):
            self._want("use", self._thumbs[number - 1])

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        columns = max(1, (self.width() + GAP) // (THUMB + GAP))
        if columns != self._columns:
            self._lay_out(columns)

    def sizeHint(self) -> QSize:
        return QSize(4 * (THUMB + GAP) - GAP, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(THUMB, self.height())

    def _want(self, word: str, thumb: Thumb) -> None:
        if word == "use":
            self.mark(thumb.entry.path)
        self.wanted.emit(word, thumb.entry.path)

    def _step_focus(self, thumb: Thumb, x: int, y: int) -> None:
        place = self._thumbs.index(thumb) + x + y * self._columns
        if 0 <= place < len(self._thumbs):
            target: QWidget = self._thumbs[place]
        elif place >= len(self._thumbs) and (x or y):
            target = self.add
        else:
            return
        target.setFocus(Qt.FocusReason.TabFocusReason)
        reveal(target)

    def _reveal(self, path: Path | None) -> None:
        thumb = self.thumb(path)
        if thumb is not None:
            reveal(thumb)

    def _lay_out(self, columns: int) -> None:
        self._columns = columns
        while self._grid.takeAt(0) is not None:
            pass
        tiles: list[QWidget] = [*self._thumbs, self.add]
        for place, tile in enumerate(tiles):
            # A tile that is smaller than its cell must say so, or its row shrinks with it.
            how = Qt.AlignmentFlag.AlignCenter if tile is self.add else Qt.AlignmentFlag(0)
            self._grid.addWidget(tile, place // columns, place % columns, how)
            tile.show()
        # The style sheet gives buttons a least height of its own, which would let rows shrink.
        count = -(-len(tiles) // columns)
        for row in range(max(count, self._grid.rowCount())):
            self._grid.setRowMinimumHeight(row, THUMB if row < count else 0)
        for one, other in zip(tiles, tiles[1:], strict=False):
            QWidget.setTabOrder(one, other)
        self.setFixedHeight(count * (THUMB + GAP) - GAP)
        self.updateGeometry()


def reveal(widget: QWidget) -> None:
    """Scroll the page that a widget is on, if it is on one, until it is seen."""
    around = widget.parentWidget()
    while around is not None and not isinstance(around, QScrollArea):
        around = around.parentWidget()
    if around is not None:
        around.ensureWidgetVisible(widget, 0, GAP)
