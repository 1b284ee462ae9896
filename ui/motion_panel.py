"""MotionPanel: how the driver's movement reaches the portrait, and how the preview is shown."""

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)


class MotionPanel(QFrame):
    """Relative or absolute, smoothing, mirrored preview."""

    relative_changed = pyqtSignal(bool)
    smoothing_changed = pyqtSignal(bool)
    mirror_changed = pyqtSignal(bool)
    preview_mirror_changed = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.relative = self._segment(
            "segmentLeft",
            self.tr("Relative"),
            self.tr(
                "Movements are taken relative to your calibrated pose; keeps the portrait's shape"
            ),
        )
        self.absolute = self._segment(
            "segmentRight",
            self.tr("Absolute"),
            self.tr("Your keypoints are used as they are; the portrait takes on your proportions"),
        )
        group = QButtonGroup(self)
        group.addButton(self.relative)
        group.addButton(self.absolute)
        self.relative.toggled.connect(self.relative_changed)
        self.smoothing = QCheckBox(self.tr("Smoothing"))
        self.smoothing.setToolTip(self.tr("Steadies the keypoints; off follows fast moves closest"))
        self.smoothing.toggled.connect(self.smoothing_changed)
        self.mirror = QCheckBox(self.tr("Mirror motion"))
        self.mirror.setToolTip(
            self.tr("The portrait moves like your mirror image, for everyone who sees it (T)")
        )
        self.mirror.toggled.connect(self.mirror_changed)
        self.preview_mirror = QCheckBox(self.tr("Mirror preview"))
        self.preview_mirror.setToolTip(
            self.tr("Show this window like a mirror (R); virtual camera and recording are not")
        )
        self.preview_mirror.toggled.connect(self.preview_mirror_changed)
        for box in (self.smoothing, self.mirror, self.preview_mirror):
            box.setAccessibleName(box.text())
            box.setAccessibleDescription(box.toolTip())
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        modes = QHBoxLayout()
        modes.setSpacing(0)
        modes.addWidget(self.relative, 1)
        modes.addWidget(self.absolute, 1)
        checks = QGridLayout()
        checks.setHorizontalSpacing(14)
        checks.setVerticalSpacing(8)
        checks.addWidget(self.preview_mirror, 0, 0)
        checks.addWidget(self.mirror, 0, 1)
        checks.addWidget(self.smoothing, 1, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(10)
        column.addLayout(modes)
        column.addLayout(checks)

    def show_settings(self, *, relative: bool, smoothing: bool, mirror: bool) -> None:
        """Show settings without a signal."""
        for control, on in (
            (self.relative, relative),
            (self.absolute, not relative),
            (self.smoothing, smoothing),
            (self.mirror, mirror),
        ):
            with QSignalBlocker(control):
                control.setChecked(on)

    def show_preview_mirror(self, on: bool) -> None:
        """Show whether the preview is mirrored, without a signal."""
        with QSignalBlocker(self.preview_mirror):
            self.preview_mirror.setChecked(on)

    def _segment(self, side: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(side)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setAccessibleDescription(tip)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = button.sizePolicy()
        policy.setHorizontalPolicy(policy.Policy.Expanding)
        button.setSizePolicy(policy)
        return button
