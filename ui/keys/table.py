"""KeyTable: which action has which keys, without clashes whatever was chosen. No widgets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from PyQt6.QtGui import QKeySequence

DIGITS = tuple("123456789")

RESERVED = frozenset(
    {"Esc", "Space", "Tab", "Shift+Tab", "Backtab", "Shift+Backtab", "Return", "Enter"}
    | {"Left", "Right", "Up", "Down", "Menu", "Alt+F4"}
    | set(DIGITS)
)
"""Keys that nobody can give away: they move the focus, press what has it, choose portraits, or
always lead out."""


@dataclass(frozen=True)
class Entry:
    """An action.

    Attributes:
        name: for settings; never shown.
        what: it does, in the user's language.
        usual: its keys unless others were chosen.
        fixed: keys that it always has beside those.
    """

    name: str
    what: str
    usual: tuple[str, ...]
    fixed: tuple[str, ...] = ()


class KeyTable:
    """Entries in order, and the keys chosen for some of them.

    A key has one action at most: a fixed key goes first, then what was chosen, then what is usual;
    among equals the action that was added first. So a usual key that someone gave to another action
    is not the first one's any more, and a later version's new action cannot take a chosen key.
    """

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self._chosen: dict[str, tuple[str, ...]] = {}

    def add(self, entry: Entry) -> None:
        """Add an action; an action that is there already is replaced."""
        self.entries[entry.name] = entry

    def choose(self, chosen: Mapping[str, str]) -> None:
        """Take all choices of the settings: keys by name, separated by spaces.

        What cannot be a key, or not this action's, is left out; names that are not known are kept.
        """
        self._chosen = {
            name: tuple(key for key in map(portable, text.split()) if key and key not in RESERVED)
            for name, text in chosen.items()
        }
        for name, keys in self.assigned().items():  # a clash in the file is settled once
            if name in self._chosen:
                fixed = _portable(self.entries[name].fixed)
                self._chosen[name] = tuple(key for key in keys if key not in fixed)

    @property
    def chosen(self) -> dict[str, str]:
        """What :meth:`choose` takes: the choices that differ from what is usual."""
        kept = {}
        for name, keys in self._chosen.items():
            entry = self.entries.get(name)
            if entry is None or keys != _portable(entry.usual):
                kept[name] = " ".join(keys)
        return kept

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys of an action now, the fixed ones first."""
        return self.assigned()[name]

    def assigned(self) -> dict[str, tuple[str, ...]]:
        """The keys of every action now."""
        taken: dict[str, str] = {}
        for entry in self.entries.values():
            _claim(taken, _portable(entry.fixed), entry.name)
        for name in self.entries:
            _claim(taken, self._chosen.get(name, ()), name)
        for entry in self.entries.values():
            if entry.name not in self._chosen:
                _claim(taken, _portable(entry.usual), entry.name)
        return {
            name: tuple(
                key
                for key in dict.fromkeys((*_portable(entry.fixed), *self._wanted(name)))
                if taken.get(key) == name
            )
            for name, entry in self.entries.items()
        }

    def owner(self, key: str) -> str | None:
        """The action that a key belongs to now."""
        for name, keys in self.assigned().items():
            if portable(key) in keys:
                return name
        return None

    def bind(self, name: str, key: str) -> str | None:
        """Give an action one key instead of those it has, "" for none.

        Returns:
            The action that has this key; nothing was changed then. None when it is done.

        Raises:
            ValueError: the key is reserved, or none.
        """
        key = self._free(key)
        other = self.owner(key) if key else None
        if other is not None and other != name:
            return other
        self._set(name, (key,) if key else ())
        return None

    def swap(self, name: str, key: str) -> None:
        """Give an action a key of another, which gets the first of the keys that it had.

        Raises:
            ValueError: the key is reserved, none, or fixed to the other.
        """
        key = self._free(key)
        other = self.owner(key)
        if other is None or other == name:
            self.bind(name, key)
            return
        if key in _portable(self.entries[other].fixed):
            raise ValueError(key)
        mine = [k for k in self.keys(name) if k not in _portable(self.entries[name].fixed)]
        rest = [
            k
            for k in self.keys(other)
            if k != key and k not in _portable(self.entries[other].fixed)
        ]
        self._set(name, (key,))
        self._set(other, (*mine[:1], *rest))

    def reset(self, name: str) -> tuple[str, str] | None:
        """Give an action its usual keys back.

        Returns:
            (a usual key, the action that has it now); nothing was changed then. None when done.
        """
        for key in _portable(self.entries[name].usual):
            other = self.owner(key)
            if other is not None and other != name:
                return key, other
        self._chosen.pop(name, None)
        return None

    def reset_all(self) -> None:
        """Give every action its usual keys back."""
        self._chosen.clear()

    def is_usual(self, name: str) -> bool:
        """Whether an action has its usual keys."""
        entry = self.entries[name]
        usual = {*_portable(entry.usual), *_portable(entry.fixed)}
        return set(self.keys(name)) == usual

    def _wanted(self, name: str) -> tuple[str, ...]:
        return self._chosen.get(name, _portable(self.entries[name].usual))

    def _set(self, name: str, keys: tuple[str, ...]) -> None:
        if keys == _portable(self.entries[name].usual):
            self._chosen.pop(name, None)
        else:
            self._chosen[name] = keys

    @staticmethod
    def _free(key: str) -> str:
        known = portable(key)
        if known in RESERVED or (key and not known):
            raise ValueError(key)
        return known


@lru_cache(maxsize=512)
def portable(key: str) -> str:
    """A key as settings write it, whatever its spelling: ``ctrl+o`` as ``Ctrl+O``; "" for none."""
    sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    text = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    return text if sequence.count() == 1 and " " not in text else ""


def shown(key: str) -> str:
    """A key as this system writes it for people."""
    sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    return sequence.toString(QKeySequence.SequenceFormat.NativeText)


def _portable(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(portable(key) for key in keys)


def _claim(taken: dict[str, str], keys: Iterable[str], name: str) -> None:
    for key in keys:
        taken.setdefault(key, name)
