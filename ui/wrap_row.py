"""WrapRow: controls beside each other, or below each other where their words need the room."""

from PyQt6.QtCore import QEvent, QSize
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QWidget


class WrapRow(QWidget):
    """Takes the width it gets.

    Args:
        controls: in this order.
        spacing: between them, in pixels.
    """

    def __init__(self, *controls: QWidget, spacing: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controls = controls
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(spacing)
        for control in controls:
            self._box.addWidget(control, 1)

    def minimumSizeHint(self) -> QSize:
        """As narrow as its widest control."""
        widest = max((c.minimumSizeHint().width() for c in self._controls), default=0)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._wrap()

    def event(self, event: QEvent | None) -> bool:
        done = super().event(event)
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self._wrap()
        return done

    def _wrap(self) -> None:
        shown = [control for control in self._controls if not control.isHidden()]
        # Each gets the same share.
        need = max((c.minimumSizeHint().width() for c in shown), default=0) * len(shown)
        need += self._box.spacing() * max(0, len(shown) - 1)
        fits = need <= self.width()
        wanted = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if self._box.direction() != wanted:
            self._box.setDirection(wanted)
            self.updateGeometry()
