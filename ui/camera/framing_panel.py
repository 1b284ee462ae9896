"""FramingPanel: how the driving crop lies on the camera's picture."""

from collections.abc import Callable

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avatar.config import RunConfig
from avatar.framing import Framing
from ui.camera.sources import Sources
from ui.icons import icon
from ui.theme import caption, heading

ZOOM = 1.05
"""What one press of a zoom key or button, or one notch of the wheel, changes."""

PAN = 0.05
"""What one press of a pan key or button changes, in sides of the crop."""

FINE = 0.2
"""With Shift, so much of it."""


class FramingPanel(QFrame):
    """Follow the face or not, zoom, pan, reset.

    Args:
        sources: carries it out.
        config: the settings at the start.
        pan: moves the crop right and down as it is seen, which may be mirrored.
    """

    def __init__(
        self,
        sources: Sources,
        config: RunConfig,
        pan: Callable[[float, float], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._sources = sources
        title = QLabel(self.tr("Crop"))
        title.setFont(heading(title))
        self.follow = QCheckBox(self.tr("Follow the face"))
        self.follow.setToolTip(
            self.tr("The crop goes with the face, slowly; off, it stays in the middle")
        )
        self.follow.setAccessibleDescription(self.follow.toolTip())
        self.follow.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.follow.toggled.connect(sources.set_following)
        self.value = QLabel()
        self.value.setObjectName("muted")
        self.value.setAccessibleName(self.tr("Zoom and offset of the crop"))
        self.reset = QPushButton(self.tr("Reset"))
        self.reset.setToolTip(self.tr("The usual margin around the face (Shift+Z)"))
        self.reset.setAccessibleDescription(self.reset.toolTip())
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.reset.clicked.connect(sources.reset_view)
        self.closer = self._tool("plus", self.tr("Closer (W)"), lambda: sources.zoom(ZOOM))
        self.further = self._tool(
            "minus", self.tr("Further away (S)"), lambda: sources.zoom(1 / ZOOM)
        )
        self.left = self._tool("left", self.tr("Crop to the left (H)"), lambda: pan(-PAN, 0.0))
        self.up = self._tool("up", self.tr("Crop up (U)"), lambda: pan(0.0, -PAN))
        self.down = self._tool("down", self.tr("Crop down (J)"), lambda: pan(0.0, PAN))
        self.right = self._tool("right", self.tr("Crop to the right (K)"), lambda: pan(PAN, 0.0))
        tools = QHBoxLayout()
        tools.setSpacing(4)
        for button in (self.further, self.closer):
            tools.addWidget(button)
        tools.addSpacing(10)
        for button in (self.left, self.up, self.down, self.right):
            tools.addWidget(button)
        tools.addStretch(1)
        following = QHBoxLayout()
        following.addWidget(self.follow, 1)
        following.addWidget(self.reset)
        hint = QLabel(
            self.tr("Or drag the picture above, and zoom with the wheel. Calibrate again after it.")
        )
        hint.setObjectName("muted")
        hint.setFont(caption(hint))
        hint.setWordWrap(True)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.value)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(following)
        column.addLayout(tools)
        column.addWidget(hint)
        sources.changed.connect(self._keep)
        self._show(config.framing)
        self._show_following(config.crop and config.follow)

    def _keep(self, changes: dict[str, object]) -> None:
        framing, follow = changes.get("framing"), changes.get("follow")
        if isinstance(framing, Framing):
            self._show(framing)
        if isinstance(follow, bool):
            self._show_following(follow)

    def _show(self, framing: Framing) -> None:
        parts = [self.tr("{n} %").format(n=round(100 * (1 + framing.zoom)))]
        if framing.dx or framing.dy:
            parts.append(f"{100 * framing.dx:+.0f}, {100 * framing.dy:+.0f}")
        self.value.setText("   ".join(parts))
        self.reset.setEnabled(framing != Framing())

    def _show_following(self, on: bool) -> None:
        with QSignalBlocker(self.follow):
            self.follow.setChecked(on)

    def _tool(self, sign: str, tip: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(sign))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRepeat(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setObjectName("plain")
        button.clicked.connect(lambda: act())
        return button
