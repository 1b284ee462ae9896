"""Keys: every keyboard shortcut of the window, in one table that is also what ``?`` shows."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QWidget

from ui.shortcuts import ShortcutSheet


class Keys:
    """Binds keys to a window.

    Args:
        window: where they work.

    Attributes:
        rows: (keys, what they do) of every line of the list.
    """

    def __init__(self, window: QWidget) -> None:
        self.rows: list[tuple[str, str]] = []
        self._window = window
        self._sheet: ShortcutSheet | None = None

    def bind(self, name: str, keys: str, what: str, act: Callable[[], object]) -> None:
        """Have any of some keys, separated by spaces, do something.

        Args:
            name: of the action, for settings ("calibrate"); never shown, never translated.
            keys: its keys if the user chose no others.
            what: it does, in the user's language.
            act: does it.
        """
        self.tell(", ".join(keys.split()), what)
        self._action(keys.split(), what, act)

    def bind_numbers(self, what: str, act: Callable[[int], object]) -> None:
        """Have the keys 1 to 9 do something, each with its number."""
        self.tell("1 – 9", what)
        for number in range(1, 10):
            self._action([str(number)], what, partial(act, number))

    def tell(self, keys: str, what: str) -> None:
        """List keys that are handled elsewhere."""
        self.rows.append((keys, what))

    def show_list(self) -> None:
        """Show the list, beside the window."""
        if self._sheet is None:
            self._sheet = ShortcutSheet(self.rows, self._window)
        self._sheet.show()
        self._sheet.raise_()
        self._sheet.activateWindow()

    def hide_list(self) -> None:
        """Close the list if it is there."""
        if self._sheet is not None:
            self._sheet.close()

    def _action(self, keys: list[str], what: str, act: Callable[[], object]) -> None:
        action = QAction(what, self._window)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(lambda: act())
        self._window.addAction(action)
