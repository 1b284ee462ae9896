"""PortraitPanel: the portrait in use, what is wrong with it, and the gallery."""

from pathlib import Path

import numpy as np
from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from avatar.frame import Image, Portrait
from avatar.portraits.entry import Entry
from ui.gallery.concern_list import ConcernList
from ui.gallery.crop_editor import CropEditor
from ui.gallery.crop_job import CropJob
from ui.gallery.grid import Gallery, reveal
from ui.gallery.incoming import incoming
from ui.gallery.portraits import Portraits
from ui.gallery.rename_row import RenameRow
from ui.gallery.thumb import spoken
from ui.picture import PictureView
from ui.theme import caption, heading
from ui.wrap_row import WrapRow


class PortraitPanel(QFrame):
    """Shows the portraits and passes on what the user wants with them.

    Args:
        portraits: its part of the controller.

    Signals:
        browse_wanted: pictures shall be chosen in a file dialog.
    """

    browse_wanted = pyqtSignal()

    def __init__(self, portraits: Portraits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._portraits = portraits
        self._editors: dict[Path, CropEditor] = {}
        self.view = PictureView()
        self.view.setFixedSize(104, 104)
        self.view.setAccessibleName(self.tr("Portrait"))
        self.name = QLabel()
        self.name.setFont(heading(self.name))
        self.name.setWordWrap(True)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        hint = QLabel(self.tr("Drop or paste a picture anywhere"))
        hint.setObjectName("muted")
        hint.setFont(caption(hint))
        hint.setWordWrap(True)
        self.choose = _button(self.tr("Open…"), self.tr("Open portraits"))
        self.choose.setToolTip(self.tr("Open pictures with a face (Ctrl+O)"))
        self.choose.clicked.connect(self.browse_wanted)
        self.crop = _button(self.tr("Crop…"), self.tr("Crop the portrait"))
        self.crop.setToolTip(self.tr("Choose by hand what of the picture is animated"))
        self.crop.clicked.connect(lambda: portraits.collection.edit_crop(portraits.path))
        self.concerns = ConcernList()
        self.gallery = Gallery()
        self.rename = RenameRow()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName(self.tr("Adding portraits"))
        self.adding = QLabel()
        self.adding.setObjectName("muted")
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setAccessibleName(self.tr("Add no more portraits"))
        self.cancel.clicked.connect(portraits.collection.adding.cancel)
        self._lay_out(hint)
        self._show_progress(0, 0)
        self._connect()

    def pick(self, number: int) -> None:
        """Choose the portrait of a number, counted from 1; nothing where there is none."""
        self.gallery.pick(number)

    def step(self, by: int) -> None:
        """Choose the next (+1) or the previous (-1) portrait, going round."""
        self.gallery.step(by)

    @property
    def paths(self) -> list[Path]:
        """The files of the gallery, in order."""
        return self.gallery.paths

    def paste(self) -> None:
        """Take the picture in the clipboard, or the files named there."""
        clipboard = QGuiApplication.clipboard()
        self._portraits.bringing.paste(
            incoming(None if clipboard is None else clipboard.mimeData())
        )

    # -- construction -----------------------------------------------------------------------------

    def _lay_out(self, hint: QLabel) -> None:
        beside = QVBoxLayout()
        beside.setSpacing(4)
        beside.addWidget(self.name)
        beside.addWidget(hint)
        beside.addStretch(1)
        beside.addWidget(WrapRow(self.choose, self.crop, spacing=6))
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.view)
        top.addLayout(beside, 1)
        running = QHBoxLayout()
        running.addWidget(self.adding, 1)
        running.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self.concerns)
        column.addWidget(self.progress)
        column.addLayout(running)
        column.addWidget(self.rename)
        column.addWidget(self.gallery)

    def _connect(self) -> None:
        portraits, collection = self._portraits, self._portraits.collection
        portraits.used.connect(self._show_portrait)
        collection.listed.connect(self._show_entries)
        collection.thumbnails.drawn.connect(self._show_thumbnail)
        collection.adding.progress.connect(self._show_progress)
        collection.crop_ready.connect(self._open_editor)
        self.gallery.wanted.connect(self._act)
        self.gallery.add_wanted.connect(self.browse_wanted)
        self.rename.renamed.connect(portraits.collection.rename)

    # -- what there is to show --------------------------------------------------------------------

    def _show_portrait(self, portrait: Portrait, path: Path | None) -> None:
        self.view.show_image(np.asarray(portrait.image))
        self.name.setText(spoken(portrait.name))
        self.name.setToolTip(portrait.name)
        self.gallery.mark(path)
        entry = self._portraits.collection.entry(path)
        self.concerns.show_concerns(portrait.warnings if entry is None else entry.warnings)

    def _show_entries(self, entries: list[Entry]) -> None:
        self.gallery.show_entries(entries)
        current, path = self._portraits.current, self._portraits.path
        if current is not None:
            self._show_portrait(current, path)
        elif (entry := self._portraits.collection.entry(path)) is not None:
            self.name.setText(spoken(entry.name))  # what the first start will animate
            self.gallery.mark(path)

    def _show_thumbnail(self, path: Path, image: Image) -> None:
        self.gallery.set_picture(path, image)
        if self._portraits.current is None and path == self._portraits.path:
            self.view.show_image(image)

    def _show_progress(self, done: int, count: int) -> None:
        for widget in (self.progress, self.adding, self.cancel):
            widget.setVisible(count > 0)
        self.progress.setRange(0, max(1, count))
        self.progress.setValue(done)
        self.adding.setText(
            self.tr("Adding {done} of {count}").format(done=min(done + 1, count), count=count)
        )

    def _open_editor(self, job: CropJob) -> None:
        old = self._editors.get(job.path)
        if old is not None:
            old.raise_()
            old.activateWindow()
            return
        editor = CropEditor(job, self.window())
        self._editors[job.path] = editor
        editor.chosen.connect(lambda box: self._portraits.set_crop(job.path, box))
        editor.finished.connect(lambda _: self._editors.pop(job.path, None))
        editor.show()

    # -- what the user wants ----------------------------------------------------------------------

    def _act(self, word: str, path: Path) -> None:
        portraits = self._portraits
        if word == "use":
            portraits.choose(path)
        elif word == "crop":
            portraits.collection.edit_crop(path)
        elif word == "reload":
            portraits.reload_path(path)
        elif word == "remove":
            portraits.collection.remove(path)
        elif word == "rename":
            entry = portraits.collection.entry(path)
            if entry is not None:
                self.rename.ask(path, entry.name)
                QTimer.singleShot(0, lambda: reveal(self.rename))  # once it has its place


def _button(label: str, name: str) -> QPushButton:
    button = QPushButton(label)
    button.setAccessibleName(name)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
