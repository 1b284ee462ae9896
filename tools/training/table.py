"""TOML tables: merged key by key, and read into frozen dataclasses with errors that help.

A :class:`Table` remembers which file set each of its keys, so that a mistake in a recipe that
extends others is looked for in the right file.
"""

import difflib
import json
import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from avatar.errors import UsageError

T = TypeVar("T")

LARGEST = 2**63 - 1
"""TOML's integers have 64 bits; Python's reader takes longer ones."""


class Table(dict[str, Any]):
    """A TOML table, its tables inside being Tables too.

    Attributes:
        origins: for each key that is no table, the file (or option) that set it.
    """

    def __init__(self, values: Mapping[str, Any] | None = None, origin: str = "") -> None:
        super().__init__()
        self.origins: dict[str, str] = {}
        self.merge(values or {}, origin)

    def merge(self, values: Mapping[str, Any], origin: str = "") -> None:
        """Set what ``values`` has, key by key, in tables inside tables too; keep the rest."""
        for key, value in values.items():
            if isinstance(value, Mapping):
                inner = self.get(key)
                if not isinstance(inner, Table):
                    inner = self[key] = Table()
                inner.merge(value, origin)
            else:
                self[key] = value
                self.origins[key] = origin


def read_table(cls: type[T], table: Mapping[str, Any], where: str) -> T:
    """Make a dataclass from a table.

    Fields may be bool, int, float, str, Path, Literal, tuples of these, dict[str, ...] of these, a
    dataclass (a table inside), or any of these ``| None``. A float takes an integer; nothing else
    is converted. What contradicts itself the dataclass refuses by ValueError.

    Args:
        cls: the dataclass.
        table: its values; fields that it lacks get their defaults.
        where: how a user calls the table, "[loss]".

    Raises:
        UsageError: an unknown or missing key, a value of the wrong type, or contradictions.
    """
    if not is_dataclass(cls):
        raise TypeError(f"expected a dataclass, got {cls!r}")
    hints = get_type_hints(cls)
    known = {field.name: field for field in fields(cls) if field.init}
    values = {}
    for key, value in table.items():
        place = _place(table, key, where)
        if key not in known:
            raise UsageError(
                f"{place}: unknown key {key!r}, expected one of {', '.join(known)}.",
                hint=_nearest(key, known),
            )
        values[key] = _value(hints[key], value, f"{place}: {key}", f"{where[:-1]}.{key}]")
    for name, field in known.items():
        if name not in values and field.default is MISSING and field.default_factory is MISSING:
            raise UsageError(f"{where}: {name} is missing.", hint=f"Add {name} to {where}.")
    try:
        return cls(**values)
    except (ValueError, ArithmeticError, TypeError) as error:
        files = sorted({origin for origin in getattr(table, "origins", {}).values() if origin})
        place = f"{', '.join(files)}, {where}" if files else where
        raise UsageError(f"{place}: {error}.", hint=f"Change the values in {where}.") from error


def nearest(name: str, known: Mapping[str, Any] | list[str]) -> str:
    """The known name most like a wrong one; "" where none is like it."""
    found = difflib.get_close_matches(name, list(known), 1)
    return found[0] if found else ""


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Every value by its dotted name: {"run.batch": 8}."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


def to_toml(table: Mapping[str, Any]) -> str:
    """A table as TOML text; reading it gives the same table."""
    return "\n".join(_lines(table, ())).strip() + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    lines = []
    if path and (plain or not table):
        lines = ["", f"[{'.'.join(map(_key, path))}]"]
    lines += [f"{_key(key)} = {_text(value)}" for key, value in plain.items()]
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines += _lines(value, (*path, key))
    return lines


def _key(key: str) -> str:
    plain = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if plain else _text(key)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_text(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(_text(item) for item in value) + "]"


def _place(table: Mapping[str, Any], key: str, where: str) -> str:
    origin = getattr(table, "origins", {}).get(key, "")
    return f"{origin}, {where}" if origin else where


def _nearest(key: str, known: Mapping[str, Any]) -> str:
    name = nearest(key, known)
    return f"Did you mean {name}?" if name else "Remove it."


def _value(hint: Any, value: Any, place: str, inside: str) -> Any:
    """A value as the type ``hint`` wants it."""
    kind = get_origin(hint)
    if kind in (Union, types.UnionType):  # X | None: TOML has no None, absence means it
        (hint,) = (arm for arm in get_args(hint) if arm is not type(None))
        return _value(hint, value, place, inside)
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise _wrong(place, value, "a table")
        return read_table(hint, value, inside)
    if kind is Literal:
        choices = get_args(hint)
        if not any(type(value) is type(choice) and value == choice for choice in choices):
            near = nearest(value, list(choices)) if isinstance(value, str) else ""
            error = _wrong(place, value, " or ".join(map(repr, choices)))
            error.hint = f"Did you mean {near!r}?" if near else error.hint
            raise error
        return value
    if kind is tuple:
        return _items(hint, value, place, inside)
    if kind is dict:
        if not isinstance(value, Mapping):
            raise _wrong(place, value, "a table")
        return {k: _value(get_args(hint)[1], v, f"{place}.{k}", inside) for k, v in value.items()}
    return _plain(hint, value, place)


def _items(hint: Any, value: Any, place: str, inside: str) -> tuple[Any, ...]:
    arms = get_args(hint)
    if not isinstance(value, (list, tuple)):
        raise _wrong(place, value, "a list")
    if len(arms) == 2 and arms[1] is Ellipsis:
        arms = (arms[0],) * len(value)
    elif len(arms) != len(value):
        raise _wrong(place, value, f"a list of {len(arms)}")
    return tuple(
        _value(arm, item, f"{place}[{at}]", inside)
        for at, (arm, item) in enumerate(zip(arms, value, strict=True))
    )


def _plain(hint: Any, value: Any, place: str) -> Any:
    if hint is float:
        if type(value) is int and abs(value) <= LARGEST:
            return float(value)
        if type(value) is float and math.isfinite(value):
            return value
        raise _wrong(place, value, "a number")
    if hint is int:
        if type(value) is int and abs(value) <= LARGEST:
            return value
        raise _wrong(place, value, "a whole number")
    if hint is Path:
        if isinstance(value, str) and value and "\0" not in value:
            return Path(value)
        raise _wrong(place, value, "a path in quotes")
    if hint in (bool, str):
        if type(value) is hint:
            return value
        raise _wrong(place, value, "true or false" if hint is bool else "text in quotes")
    raise TypeError(f"{place}: no reader for a field of type {hint!r}")


def _wrong(place: str, value: Any, expected: str) -> UsageError:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    return UsageError(f"{place} is {shown}, expected {expected}.", hint="Change it.")
