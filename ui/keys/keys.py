"""Keys: every keyboard shortcut of the window, in one table that is also what ``?`` shows."""

from collections.abc import Callable, Mapping
from functools import partial

from PyQt6.QtCore import QCoreApplication, QObject, pyqtSignal
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QWidget

from ui.keys.key_map import KeyMap
from ui.keys.sheet import Group, ShortcutSheet
from ui.keys.table import DIGITS, Entry, KeyTable, portable, shown

FIXED = frozenset({"Esc"})
"""Keys that stay with the action that is bound to them, whatever the user chooses."""

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Session", ("start", "calibrate", "best", "reference", "match", "panic", "raw")),
    ("Portrait", ("portrait", "numbers")),
    ("Driving", ("zoom", "pan", "mirror", "view-reset", "reset-view", "framing", "reset-framing")),
    ("Output", ("virtual", "record", "snapshot")),
    ("View", ("view", "overlay", "figures", "opacity", "full", "landmarks", "keypoints", "depth")),
)
"""Words in the names of actions, by the group they are listed in; all others are the window's."""


class Keys(QObject):
    """Binds keys to a window.

    Args:
        window: where they work.

    Attributes:
        table: which action has which keys.

    Signals:
        changed: the keys by action that the user chose, as settings keep them.
        guide_wanted: from the list of keys.
    """

    changed = pyqtSignal(dict)
    guide_wanted = pyqtSignal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.table = KeyTable()
        self._window = window
        self._actions: dict[str, QAction] = {}
        self._told: list[tuple[str, str, str]] = []
        self._sheet: ShortcutSheet | None = None
        self._map: KeyMap | None = None

    def bind(self, name: str, keys: str, what: str, act: Callable[[], object]) -> None:
        """Have any of some keys, separated by spaces, do something.

        Args:
            name: of the action, for settings ("calibrate"); never shown, never translated.
            keys: its keys if the user chose no others; Esc among them stays whatever they choose.
            what: it does, in the user's language.
            act: does it.
        """
        usual = tuple(key for key in keys.split() if key not in FIXED)
        fixed = tuple(key for key in keys.split() if key in FIXED)
        self.table.add(Entry(name, what, usual, fixed))
        self._actions[name] = self._action(what, act)
        self._actions[name].setObjectName(name)
        self._refresh()

    def bind_numbers(self, what: str, act: Callable[[int], object]) -> None:
        """Have the keys 1 to 9 do something, each with its number. They cannot be given away."""
        self.tell("1 – 9", what, "numbers")
        for digit in DIGITS:
            self._action(what, partial(act, int(digit))).setShortcut(QKeySequence(digit))

    def tell(self, keys: str, what: str, name: str = "start") -> None:
        """List keys that are handled elsewhere, in the group that a name belongs to."""
        self._told.append((name, keys, what))

    def use(self, chosen: Mapping[str, str]) -> None:
        """Take the keys that the user chose, by action."""
        self.table.choose(chosen)
        self._refresh()
        self._tell_tips()

    def groups(self) -> list[Group]:
        """(title, lines) of every group that has any; a line is (keys, what they do)."""
        lines: dict[str, list[tuple[str, str]]] = {title: [] for title, _ in GROUPS}
        window = "Window"
        lines[window] = []
        for name, keys, what in self._told:
            lines[_group(name) or window].append((keys, what))
        for name, keys_now in self.table.assigned().items():
            keys = ", ".join(map(shown, keys_now)) or "–"
            lines[_group(name) or window].append((keys, self.table.entries[name].what))
        return [(_title(title), found) for title, found in lines.items() if found]

    def entries(self) -> list[tuple[str, list[Entry]]]:
        """(title, actions) of every group whose keys can be changed."""
        found: dict[str, list[Entry]] = {title: [] for title in (*(t for t, _ in GROUPS), "Window")}
        for entry in self.table.entries.values():
            found[_group(entry.name) or "Window"].append(entry)
        return [(_title(title), entries) for title, entries in found.items() if entries]

    def show_list(self) -> None:
        """Show the list, beside the window."""
        if self._sheet is None:
            self._sheet = ShortcutSheet(self._window)
            self._sheet.change_wanted.connect(self.show_map)
            self._sheet.guide_wanted.connect(self.guide_wanted)
        self._sheet.fill(self.groups())
        _raise(self._sheet)

    def show_map(self) -> None:
        """Show where keys are changed, beside the window."""
        if self._map is None:
            self._map = KeyMap(self.table, self.entries(), self._window)
            self._map.changed.connect(self._keep)
        _raise(self._map)

    def hide_list(self) -> None:
        """Close the list, and where keys are changed, if they are there."""
        for dialog in (self._sheet, self._map):
            if dialog is not None:
                dialog.close()

    def _keep(self) -> None:
        self._refresh()
        self._tell_tips()
        if self._sheet is not None:
            self._sheet.fill(self.groups())
        self.changed.emit(self.table.chosen)

    def _refresh(self) -> None:
        for name, keys in self.table.assigned().items():
            self._actions[name].setShortcuts([QKeySequence(key) for key in keys])

    def _tell_tips(self) -> None:
        """Tips end with their key, "Record (F5)": have them name the one that works."""
        now = self.table.assigned()
        names = {key: e.name for e in self.table.entries.values() for key in map(portable, e.usual)}
        for widget in self._window.findChildren(QWidget):
            tip = widget.property("usual_tip") or widget.toolTip()
            text, bracket, key = tip.rpartition(" (")
            name = names.get(portable(key.rstrip(")"))) if bracket and tip.endswith(")") else None
            if name is not None:
                widget.setProperty("usual_tip", tip)
                widget.setToolTip(f"{text} ({shown(now[name][0])})" if now[name] else text)

    def _action(self, what: str, act: Callable[[], object]) -> QAction:
        action = QAction(what, self._window)
        action.triggered.connect(lambda: act())
        self._window.addAction(action)
        return action


def _group(name: str) -> str:
    """The title of the group that an action's name belongs to; "" for the window's."""
    for title, words in GROUPS:
        if any(word in name for word in words):
            return title
    return ""


def _title(title: str) -> str:
    return {
        "Session": QCoreApplication.translate("Keys", "Session"),
        "Portrait": QCoreApplication.translate("Keys", "Portrait"),
        "Driving": QCoreApplication.translate("Keys", "Camera and framing"),
        "Output": QCoreApplication.translate("Keys", "Outputs"),
        "View": QCoreApplication.translate("Keys", "Views"),
    }.get(title, QCoreApplication.translate("Keys", "Window"))


def _raise(dialog: QWidget) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
