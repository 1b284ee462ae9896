"""Whatever anybody adds to the settings can be saved, without a line of code for it."""

import tomllib
import types
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
import tomli_w

from avatar.config import RunConfig
from avatar.errors import UsageError
from avatar.settings.records import from_table, to_table
from ui.look import Look


def samples(hint: Any) -> list[Any]:
    """Values of a type, some of which the class may refuse."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return [value for part in inner for value in samples(part)]
    if origin is Literal:
        return list(inner)
    if origin is tuple:
        kinds = inner[:1] if inner[-1] is Ellipsis else inner
        return [tuple(samples(kind)[-1] for kind in kinds)]
    if origin is not None:
        return [{"a": samples(inner[1])[-1]}]
    if hint is type(None):
        return [None]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        return [changed for field in fields(hint) for changed in variants(hint(), field.name)]
    known = {bool: [False, True], int: [1, 640], float: [0.0, 0.25, 1.5, 24.0]}
    return {**known, str: ["", "hold", "slate", "x"], Path: [Path("x")]}[hint]


def variants(record: Any, name: str) -> list[Any]:
    """A record with other values of one field, those that its class accepts."""
    found = []
    for value in samples(get_type_hints(type(record))[name]):
        try:
            found.append(replace(record, **{name: value}))
        except UsageError:
            continue
    return [other for other in found if other != record]


FIELDS = [(kind(), field.name) for kind in (RunConfig, Look) for field in fields(kind)]


@pytest.mark.parametrize(
    ("record", "name"), FIELDS, ids=[f"{type(r).__name__}.{name}" for r, name in FIELDS]
)
def test_every_field_is_saved_and_read(record, name):
    changed = variants(record, name)
    # What only makes sense together with another field has no variant of its own.
    assert changed or name in {"virtual_camera_device", "loop"}
    for other in changed:
        read = from_table(tomllib.loads(tomli_w.dumps(to_table(other, record))), record)
        assert read.value == other and not read.refused and not read.unknown


def test_an_opacity_is_a_share():
    with pytest.raises(UsageError, match="opacity"):
        Look(overlay_opacity=1.5)
