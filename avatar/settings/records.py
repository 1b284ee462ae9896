"""Records: frozen dataclasses as plain tables and back, for files that people may edit.

A record's fields are bool, int, float, str, Path, an Enum, a Literal, None, tuples and string-keyed
mappings of those, and further records. Nothing here knows a field by name.

Only what differs from a record's default is written, so that a better default of a later version
reaches everybody who never chose. None is written as the table ``{none = true}``, since TOML has no
word for it. Reading never fails as a whole: each value that cannot be used is named and left at its
default, and keys that are not known are handed back, to be written again.
"""

import logging
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from math import isfinite
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from avatar.errors import AvatarError

R = TypeVar("R")

Table = dict[str, Any]

log = logging.getLogger(__name__)

NONE: Table = {"none": True}

_REFUSALS = (AvatarError, ValueError, TypeError, ArithmeticError)
"""What a record's own check may raise over values of the right type."""


class _Unfit(Exception):
    """A value that is not of its field's type: what was expected."""


@dataclass(frozen=True)
class Read:
    """What came of a table.

    Attributes:
        value: the record.
        unknown: keys that no field claims, nested as they were.
        refused: what was wrong with each value that was left at its default, naming it.
    """

    value: Any
    unknown: Table
    refused: tuple[str, ...] = ()


def to_table(record: Any, default: Any, skip: frozenset[str] = frozenset()) -> Table:
    """The values of a record that differ from ``default``, as a table.

    Args:
        record: to write.
        default: of the same class.
        skip: names of fields that are left out.
    """
    table: Table = {}
    for field in fields(record):
        value, usual = getattr(record, field.name), getattr(default, field.name)
        if field.name in skip or value == usual:
            continue
        if _is_record(value) and type(value) is type(usual):
            plain: Any = to_table(value, usual)
        else:
            plain = _plain(value)
        try:
            _check_text(plain)
        except UnicodeEncodeError:
            log.warning("%s is not saved: %r is not text", field.name, value)
            continue
        table[field.name] = plain
    return table


def from_table(table: Any, default: R, skip: frozenset[str] = frozenset(), name: str = "") -> Read:
    """Put a table's values into a copy of ``default``.

    Args:
        table: anything that a TOML file can hold.
        default: the record whose values stand where the table has none, or none of use.
        skip: names of fields that are not read.
        name: of the record, to name its values by.
    """
    if not isinstance(table, dict):
        return Read(default, {}, (f"{name or 'settings'}: got {_told(table)}, expected a table",))
    hints = get_type_hints(type(default))
    known = {field.name for field in fields(default)} - skip  # type: ignore[arg-type]
    found: Table = {}
    unknown: Table = {key: value for key, value in table.items() if key not in known}
    refused: list[str] = []
    for key in (key for key in hints if key in known and key in table):
        path = f"{name}.{key}" if name else key
        usual = getattr(default, key)
        if _is_record(usual) and table[key] != NONE:
            inner = from_table(table[key], usual, name=path)
            found[key] = inner.value
            refused += inner.refused
            if inner.unknown:
                unknown[key] = inner.unknown
            continue
        try:
            found[key] = _value(table[key], hints[key])
        except _Unfit as unfit:
            refused.append(f"{path}: got {_told(table[key])}, expected {unfit}")
    value, objections = _fitted(default, found, name)
    return Read(value, unknown, (*refused, *objections))


def merge(saved: R, started: R, current: R) -> R:
    """``saved`` with whatever has changed from ``started`` to ``current``, field by field.

    Where the mixture contradicts itself, ``current`` as it is: it holds together.
    """
    changes: Table = {}
    for field in fields(current):  # type: ignore[arg-type]
        old, was, now = (getattr(record, field.name) for record in (saved, started, current))
        if _is_record(now) and type(old) is type(was) is type(now):
            changes[field.name] = merge(old, was, now)
        else:
            changes[field.name] = old if now == was else now
    try:
        return replace(saved, **changes)  # type: ignore[type-var]
    except _REFUSALS as error:
        log.info("saved as it is now: %s", error)
        return current


def _fitted(default: R, found: Table, name: str) -> tuple[R, list[str]]:
    """``default`` with the values that its class accepts together, and the rest told."""
    try:
        return replace(default, **found), []  # type: ignore[type-var]
    except _REFUSALS:
        pass
    value, left, why = default, dict(found), dict.fromkeys(found, "")
    while left:
        taken = []
        for key, wanted in left.items():
            try:
                value = replace(value, **{key: wanted})  # type: ignore[type-var]
                taken.append(key)
            except _REFUSALS as error:
                why[key] = getattr(error, "message", str(error))
        if not taken:
            break  # what is left contradicts what was taken, or is wrong by itself
        for key in taken:
            del left[key]
    return value, [f"{name}.{key}: {why[key]}" if name else f"{key}: {why[key]}" for key in left]


def _is_record(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def _plain(value: Any) -> Any:
    """A value as TOML knows it."""
    if value is None:
        return dict(NONE)
    if _is_record(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name.lower()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"cannot save a {type(value).__name__}")


def _check_text(plain: Any) -> None:
    """Raise UnicodeEncodeError where text cannot be written, as in some file names."""
    if isinstance(plain, str):
        plain.encode()
    elif isinstance(plain, dict):
        for key, item in plain.items():
            key.encode()
            _check_text(item)
    elif isinstance(plain, list):
        for item in plain:
            _check_text(item)


def _value(plain: Any, hint: Any) -> Any:
    """What a TOML value means where ``hint`` is expected; raises _Unfit with what that is."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _one_of(plain, inner)
    if hint is type(None):
        if plain == NONE:
            return None
        raise _Unfit("none")
    if origin is Literal:
        if any(plain == word and type(plain) is type(word) for word in inner):
            return plain
        raise _Unfit(" or ".join(str(word) for word in inner))
    if origin is tuple:
        return _tuple(plain, inner)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(plain, dict):
            raise _Unfit("a table")
        return {key: _value(item, inner[1]) for key, item in plain.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        return _record(plain, hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        for member in hint:
            if plain == _plain(member):
                return member
        raise _Unfit(" or ".join(str(_plain(member)) for member in hint))
    return _scalar(plain, hint)


def _scalar(plain: Any, hint: Any) -> Any:
    if hint is bool:
        if isinstance(plain, bool):
            return plain
        raise _Unfit("true or false")
    if hint is int:
        if isinstance(plain, int) and not isinstance(plain, bool) and abs(plain) < 2**63:
            return plain
        raise _Unfit("a whole number")
    if hint is float:
        if isinstance(plain, int | float) and not isinstance(plain, bool):
            try:
                number = float(plain)
            except OverflowError:
                raise _Unfit("a number") from None
            if isfinite(number):
                return number
        raise _Unfit("a number")
    if hint in (str, Path):
        if isinstance(plain, str) and "\0" not in plain:
            return hint(plain)
        raise _Unfit("text" if hint is str else "a path")
    raise TypeError(f"cannot read a {hint}")


def _one_of(plain: Any, hints: tuple[Any, ...]) -> Any:
    if plain == NONE and type(None) in hints:
        return None
    expected = []
    for hint in hints:
        try:
            return _value(plain, hint)
        except _Unfit as unfit:
            if hint is not type(None):
                expected.append(str(unfit))
    raise _Unfit(" or ".join(expected))


def _tuple(plain: Any, hints: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(plain, list):
        raise _Unfit("a list")
    if len(hints) == 2 and hints[1] is Ellipsis:
        return tuple(_value(item, hints[0]) for item in plain)
    if len(plain) != len(hints):
        raise _Unfit(f"a list of {len(hints)}")
    return tuple(_value(item, hint) for item, hint in zip(plain, hints, strict=True))


def _record(plain: Any, kind: type) -> Any:
    """A record without a default to fall back on: whole or not at all."""
    if not isinstance(plain, dict):
        raise _Unfit("a table")
    hints = get_type_hints(kind)
    try:
        return kind(**{key: _value(item, hints[key]) for key, item in plain.items()})
    except KeyError as error:
        raise _Unfit(f"a table without {error}") from error
    except _REFUSALS as error:
        raise _Unfit(getattr(error, "message", str(error))) from error


def _told(plain: Any) -> str:
    """A value of a file, short enough for a message."""
    if isinstance(plain, dict):
        return "a table"
    text = repr(plain)
    return text if len(text) <= 40 else f"{text[:37]}..."
