"""CropEditor: choosing by hand what of a picture is animated, beside the window, which goes on."""

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from avatar.frame import CROP_SIZE
from avatar.square import Square
from ui.gallery.crop_canvas import CropCanvas
from ui.gallery.crop_job import CropJob
from ui.gallery.crop_square import fitted
from ui.gallery.thumb import spoken
from ui.picture import PictureView
from ui.theme import caption

_PREVIEW_MS = 16


class CropEditor(QDialog):
    """The picture with a square on it, and what the networks will see.

    Signals:
        chosen: the square's box in pixels of the file, or None for the automatic one.
    """

    chosen = pyqtSignal(object)

    def __init__(self, job: CropJob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job = job
        self._automatic = not job.by_hand and job.automatic is not None
        self.setWindowTitle(self.tr("Crop {name}").format(name=spoken(job.name)))
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.canvas = CropCanvas(job)
        self.canvas.show_square(fitted(job.square, *job.size))
        self.preview = PictureView()
        self.preview.setFixedSize(CROP_SIZE, CROP_SIZE)
        self.preview.setAccessibleName(self.tr("What is animated"))
        self.automatic = QPushButton(self.tr("Automatic"))
        self.automatic.setAccessibleName(self.tr("Automatic crop"))
        self.automatic.setEnabled(job.automatic is not None)
        self.automatic.setToolTip(
            self.tr("The square around the face, as it was found")
            if job.automatic is not None
            else self.tr("No face was found in this picture")
        )
        self.automatic.clicked.connect(self._use_automatic)
        self.state = QLabel()
        self.state.setObjectName("muted")
        self.state.setWordWrap(True)
        hint = QLabel(
            self.tr(
                "Drag the square or its corners; the wheel resizes it. Arrow keys, + and − do the "
                "same, with Shift in small steps. Leave room above the hair and show the shoulders."
            )
        )
        hint.setObjectName("muted")
        hint.setFont(caption(hint))
        hint.setWordWrap(True)
        title = QLabel(self.tr("What is animated"))
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        for button in buttons.buttons():
            button.setIcon(QIcon())  # no other button of ours has the platform's pictures
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        beside = QVBoxLayout()
        beside.setSpacing(10)
        beside.addWidget(title)
        beside.addWidget(self.preview)
        beside.addWidget(self.automatic)
        beside.addWidget(self.state)
        beside.addStretch(1)
        beside.addWidget(hint)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self.canvas, 1)
        row.addLayout(beside)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.setSpacing(12)
        column.addLayout(row, 1)
        column.addWidget(buttons)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PREVIEW_MS)
        self._timer.timeout.connect(self._show_preview)
        self.canvas.changed.connect(self._changed)
        self.resize(840, 580)
        self._show_preview()
        self.canvas.setFocus()

    def accept(self) -> None:
        """Take the square."""
        box = None if self._automatic else self._job.box(self.canvas.square)
        self.chosen.emit(box)
        super().accept()

    def _use_automatic(self) -> None:
        if self._job.automatic is not None:
            self._automatic = True
            self.canvas.show_square(fitted(self._job.automatic, *self._job.size))
            self._show_preview()

    def _changed(self, square: Square) -> None:
        self._automatic = False
        if not self._timer.isActive():  # not once for every movement of a fast mouse
            self._timer.start()

    def _show_preview(self) -> None:
        self.preview.show_image(self._job.preview(self.canvas.square))
        self.state.setText(
            self.tr("Around the face, found by itself")
            if self._automatic
            else self.tr("Chosen by hand")
        )
