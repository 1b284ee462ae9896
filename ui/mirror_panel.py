"""MirrorPanel: what is shown or moved like in a mirror."""

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QWidget


class MirrorPanel(QFrame):
    """The preview and the output, each by itself."""

    preview_changed = pyqtSignal(bool)
    output_changed = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.preview = QCheckBox(self.tr("Mirror preview"))
        self.preview.setToolTip(
            self.tr("Show this window like a mirror (R); virtual camera and recording are not")
        )
        self.preview.toggled.connect(self.preview_changed)
        self.output = QCheckBox(self.tr("Mirror motion"))
        self.output.setToolTip(
            self.tr("The portrait moves like your mirror image, for everyone who sees it (T)")
        )
        self.output.toggled.connect(self.output_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(14)
        for box in (self.preview, self.output):
            box.setAccessibleName(box.text())
            box.setAccessibleDescription(box.toolTip())
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(box, 1)

    def show_preview(self, on: bool) -> None:
        """Show whether the preview is mirrored, without a signal."""
        with QSignalBlocker(self.preview):
            self.preview.setChecked(on)

    def show_output(self, on: bool) -> None:
        """Show whether the output is mirrored, without a signal."""
        with QSignalBlocker(self.output):
            self.output.setChecked(on)
