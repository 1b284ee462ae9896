"""Banners: messages that appear above the result and never block."""

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.icons import icon
from ui.theme import heading

_COLOURS = {"error": "danger", "warning": "warning", "info": "accent"}
_RANKS = {"info": 0, "warning": 1, "error": 2}


class Banner(QFrame):
    """One message with its hint, a button to dismiss it and at most one thing to do about it."""

    def __init__(self, kind: str, message: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind, self.message, self.hint = kind, message, hint
        self.gone = False
        self.setObjectName("banner")
        self.setProperty("kind", kind)
        self.setAccessibleName(
            {
                "error": self.tr("Error"),
                "warning": self.tr("Warning"),
                "info": self.tr("Note"),
            }[kind]
        )
        self.setAccessibleDescription(f"{message} {hint}".strip())
        sign = QLabel()
        sign.setPixmap(icon(kind, _COLOURS[kind]).pixmap(QSize(20, 20)))
        sign.setAccessibleName(self.accessibleName())
        sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        sign.setContentsMargins(0, 4, 0, 0)
        title, detail = QLabel(message), QLabel(hint)
        title.setFont(heading(title))
        for label in (title, detail):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        if not hint:  # shown here, without a parent yet, it would be a window for a moment
            detail.hide()
        words = QVBoxLayout()
        words.setSpacing(3)
        words.setContentsMargins(0, 5, 0, 0)
        words.addWidget(title)
        words.addWidget(detail)
        self.dismiss = QToolButton()
        self.dismiss.setObjectName("plain")
        self.dismiss.setIcon(icon("close", "muted"))
        self.dismiss.setAccessibleName(self.tr("Dismiss"))
        self.dismiss.setToolTip(self.tr("Dismiss"))
        self.dismiss.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.dismiss.clicked.connect(self.close_banner)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 6, 10)
        self._row.setSpacing(10)
        self._row.addWidget(sign)
        self._row.addLayout(words, 1)
        self._row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)

    def offer(self, label: str, act: Callable[[], None]) -> None:
        """Add a button that does something about the message, then dismisses it."""
        button = QPushButton(label)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self.close_banner)
        button.clicked.connect(lambda: act())
        self._row.insertWidget(2, button, 0, Qt.AlignmentFlag.AlignTop)

    def close_banner(self) -> None:
        """Take the banner away, and its place with the last one."""
        holder = self.parentWidget()
        self.gone = True
        self.hide()
        self.deleteLater()  # not at once: its own button may be calling
        if isinstance(holder, Banners) and not holder.shown():
            holder.hide()


class Banners(QWidget):
    """The newest messages, at most :data:`LIMIT`; an error outlives notes and warnings."""

    LIMIT = 3

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.hide()

    def shown(self) -> list[Banner]:
        """The banners now visible, oldest first."""
        only_own = Qt.FindChildOption.FindDirectChildrenOnly
        return [b for b in self.findChildren(Banner, options=only_own) if not b.gone]

    def show_message(self, kind: str, message: str, hint: str = "") -> Banner:
        """Show a message; the same one again replaces itself instead of piling up.

        Args:
            kind: "error", "warning" or "info".
            message: what happened: what was got and what was expected.
            hint: what the user can do.
        """
        for old in self.shown():
            if old.message == message:
                old.close_banner()
        banner = Banner(kind, message, hint)
        self._column.addWidget(banner)
        self.show()
        shown = self.shown()
        while len(shown) > self.LIMIT:
            others = [b for b in shown if b is not banner]
            victim = min(others, key=lambda b: (_RANKS[b.kind], others.index(b)))
            shown.remove(victim)
            victim.close_banner()
        return banner

    def clear(self, kind: str | None = None) -> None:
        """Dismiss every banner, or those of one kind."""
        for banner in self.shown():
            if kind is None or banner.kind == kind:
                banner.close_banner()
