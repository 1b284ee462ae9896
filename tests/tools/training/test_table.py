import math
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.errors import UsageError
from tools.training.settings import Optimiser, Run, Schedule
from tools.training.table import Table, flat, nearest, read_table, to_toml


@dataclass(frozen=True)
class Inner:
    depth: int = 1


@dataclass(frozen=True)
class Everything:
    needed: int
    share: float = 0.5
    on: bool = False
    name: str = ""
    file: Path | None = None
    kind: Literal["a", "bcd"] = "a"
    pair: tuple[float, float] = (0.0, 1.0)
    many: tuple[int, ...] = ()
    scales: dict[str, float] = field(default_factory=dict)
    inner: Inner = Inner()

    def __post_init__(self) -> None:
        if self.share > 1:
            raise ValueError(f"share is {self.share}, expected at most 1")


VALUES = st.recursive(
    st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
KEYS = st.sampled_from([*Everything.__dataclass_fields__, *Run.__dataclass_fields__, "x"])
TABLES = st.dictionaries(KEYS | st.text(max_size=4), VALUES, max_size=6)


def read(**values: Any) -> Everything:
    return read_table(Everything, {"needed": 1, **values}, "[all]")


def test_every_kind_of_field() -> None:
    found = read(
        share=1, on=True, name="n", file="a/b", kind="bcd", pair=[1, 2.5], many=[3, 4],
        scales={"x.y": 2}, inner={"depth": 5},
    )  # fmt: skip
    assert found == Everything(
        1, 1.0, True, "n", Path("a/b"), "bcd", (1.0, 2.5), (3, 4), {"x.y": 2.0}, Inner(5)
    )
    assert type(found.share) is float and type(found.pair[0]) is float


def test_defaults_stay() -> None:
    assert read() == Everything(1)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"needed": True}, "needed is True, expected a whole number"),
        ({"needed": 1.0}, "needed is 1.0, expected a whole number"),
        ({"needed": 2**63}, "expected a whole number"),
        ({"share": "1"}, "share is '1', expected a number"),
        ({"share": math.nan}, "share is nan, expected a number"),
        ({"share": 10**400}, "expected a number"),
        ({"on": 1}, "on is 1, expected true or false"),
        ({"name": 3}, "name is 3, expected text in quotes"),
        ({"file": ""}, "file is '', expected a path in quotes"),
        ({"kind": "bcc"}, "kind is 'bcc', expected 'a' or 'bcd'. Did you mean 'bcd'?"),
        ({"pair": [1]}, "pair is [1], expected a list of 2"),
        ({"pair": 1}, "pair is 1, expected a list"),
        ({"many": [1, "2"]}, "many[1] is '2', expected a whole number"),
        ({"scales": 1}, "scales is 1, expected a table"),
        ({"scales": {"x": "y"}}, "scales.x is 'y', expected a number"),
        ({"inner": {"depht": 2}}, "[all.inner]: unknown key 'depht', expected one of depth"),
        ({"neded": 1}, "unknown key 'neded'"),
        ({"share": 2.0}, "[all]: share is 2.0, expected at most 1"),
    ],
)
def test_what_is_wrong_is_said(values: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(**values)
    assert said in str(caught.value)


def test_a_missing_value_is_named() -> None:
    with pytest.raises(UsageError, match="needed is missing"):
        read_table(Everything, {}, "[all]")


def test_an_error_names_the_file_that_set_the_key() -> None:
    table = Table({"needed": 1, "share": 0.1}, "base.toml")
    table.merge({"share": "x"}, "child.toml")
    with pytest.raises(UsageError, match=r"child\.toml, \[all\]: share"):
        read_table(Everything, table, "[all]")


def test_tables_merge_key_by_key() -> None:
    table = Table({"a": {"x": 1, "y": 2}, "b": 1}, "one")
    table.merge({"a": {"y": 3}, "b": {"z": 4}}, "two")
    assert table == {"a": {"x": 1, "y": 3}, "b": {"z": 4}}
    assert table["a"].origins == {"x": "one", "y": "two"}
    assert flat(table) == {"a.x": 1, "a.y": 3, "b.z": 4}


@given(TABLES)
def test_no_table_gives_anything_but_settings_or_our_error(table: dict[str, Any]) -> None:
    for kind in (Everything, Run, Schedule, Optimiser):
        try:
            assert isinstance(read_table(kind, Table(table, "f.toml"), "[t]"), kind)
        except UsageError as error:
            assert "[t" in error.message


@given(TABLES)
def test_a_table_survives_being_written(table: dict[str, Any]) -> None:
    back = tomllib.loads(to_toml(table))
    assert repr(sorted(flat(back).items(), key=repr)) == repr(sorted(flat(table).items(), key=repr))


def test_nearest() -> None:
    assert nearest("perceptul", ["adversarial", "perceptual"]) == "perceptual"
    assert nearest("xyz", ["adversarial"]) == ""
