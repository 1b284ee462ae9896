"""KeyMap: where keys are changed. A key that is taken has to be swapped, or it is not changed."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.icons import icon
from ui.keys.button import KeyButton
from ui.keys.table import Entry, KeyTable, shown
from ui.theme import heading


class KeyMap(QDialog):
    """A list of actions by group, each with a button that takes its next key.

    Args:
        table: is changed here.
        groups: (title, actions) each.

    Signals:
        changed: the table.
    """

    changed = pyqtSignal()

    def __init__(
        self,
        table: KeyTable,
        groups: Sequence[tuple[str, Sequence[Entry]]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Change keys"))
        self.setModal(False)
        self.setObjectName("key-map")
        self._table = table
        self._wanted: tuple[str, str] | None = None
        self.buttons: dict[str, KeyButton] = {}
        self.resets: dict[str, QToolButton] = {}

        intro = QLabel(
            self.tr(
                "Press a button, then the new key. Backspace removes a key. Esc, Space and 1 to 9 "
                "always mean the same."
            )
        )
        intro.setWordWrap(True)
        grid = QGridLayout()
        grid.setContentsMargins(4, 4, 14, 4)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        for title, entries in groups:
            self._add_group(grid, title, entries)
        content = QWidget()
        content.setLayout(grid)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setAccessibleName(self.tr("Keys by action"))
        scroll.setWidget(content)

        self.strip = QFrame()
        self.strip.setObjectName("panel")
        self._words = QLabel()
        self._words.setWordWrap(True)
        self.swap = QPushButton(self.tr("&Swap"))
        self.swap.clicked.connect(self._swap)
        self.cancel = QPushButton(self.tr("&Leave as it is"))
        self.cancel.clicked.connect(self._settle)
        row = QHBoxLayout(self.strip)
        row.addWidget(self._words, 1)
        row.addWidget(self.swap)
        row.addWidget(self.cancel)
        self.strip.hide()

        self.reset_all = QPushButton(self.tr("&Reset all"))
        self.reset_all.setAutoDefault(False)
        self.reset_all.clicked.connect(self._reset_all)
        close = QPushButton(self.tr("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        bottom = QHBoxLayout()
        bottom.addWidget(self.reset_all)
        bottom.addStretch(1)
        bottom.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(intro)
        column.addWidget(scroll, 1)
        column.addWidget(self.strip)
        column.addLayout(bottom)
        self.resize(max(520, content.sizeHint().width() + 80), 640)
        self._show()

    def _add_group(self, grid: QGridLayout, title: str, entries: Sequence[Entry]) -> None:
        row = grid.rowCount()
        head = QLabel(title)
        head.setObjectName("muted")
        head.setFont(heading(head))
        head.setContentsMargins(0, 10 if row > 1 else 0, 0, 0)
        grid.addWidget(head, row, 0, 1, 3)
        for number, entry in enumerate(entries, row + 1):
            button = KeyButton(entry.what)
            button.setAutoDefault(False)
            name = entry.name
            button.taken.connect(lambda key, name=name: self._bind(name, key))
            button.listening_changed.connect(self._hush)
            reset = QToolButton()
            reset.setIcon(icon("refresh"))
            reset.setObjectName("plain")
            reset.setToolTip(self.tr("Reset to {keys}").format(keys=_list(entry.usual)))
            reset.setAccessibleName(self.tr("Reset the key of: {what}").format(what=entry.what))
            reset.clicked.connect(lambda _, name=name: self._reset(name))
            label = QLabel(entry.what)
            label.setBuddy(button)
            label.setWordWrap(True)
            grid.addWidget(label, number, 0)
            grid.addWidget(button, number, 1)
            grid.addWidget(reset, number, 2)
            self.buttons[name], self.resets[name] = button, reset

    def _bind(self, name: str, key: str) -> None:
        try:
            other = self._table.bind(name, key)
        except ValueError:
            words = self.tr("{key} has a fixed meaning. Choose another key.")
            self._ask(words.format(key=shown(key) or self.tr("That key")))
            return
        if other is not None:
            self._ask_to_swap(name, key, other)
        else:
            self._settle()
            self.changed.emit()

    def _reset(self, name: str) -> None:
        clash = self._table.reset(name)
        if clash is not None:
            self._ask_to_swap(name, *clash)
        else:
            self._settle()
            self.changed.emit()

    def _reset_all(self) -> None:
        self._table.reset_all()
        self._settle()
        self.changed.emit()

    def _ask_to_swap(self, name: str, key: str, other: str) -> None:
        entry = self._table.entries[other]
        words = self.tr("{key} is the key for: {what}.").format(key=shown(key), what=entry.what)
        can_swap = key not in entry.fixed
        self._ask(words, (name, key) if can_swap else None)

    def _ask(self, words: str, wanted: tuple[str, str] | None = None) -> None:
        self._wanted = wanted
        self._words.setText(words)
        self.swap.setVisible(wanted is not None)
        self.strip.show()
        (self.swap if wanted is not None else self.cancel).setFocus()

    def _swap(self) -> None:
        if self._wanted is not None:
            self._table.swap(*self._wanted)
            name = self._wanted[0]
            self._settle()
            self.buttons[name].setFocus()
            self.changed.emit()

    def _settle(self) -> None:
        self._wanted = None
        self.strip.hide()
        self._show()

    def _hush(self, listening: bool) -> None:
        if listening:
            self._settle()

    def _show(self) -> None:
        keys = self._table.assigned()
        for name, button in self.buttons.items():
            button.show_keys(keys[name])
            self.resets[name].setEnabled(not self._table.is_usual(name))


def _list(keys: Sequence[str]) -> str:
    return ", ".join(map(shown, keys)) or "–"
