import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Literal

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from avatar.config import RunConfig
from avatar.errors import UsageError
from avatar.settings.records import from_table, merge, to_table


class Colour(Enum):
    RED = "red"
    BLUE = 2


@dataclass(frozen=True, kw_only=True)
class Inner:
    gain: float = 1.0
    names: tuple[str, ...] = ("a",)
    limit: float | None = 30.0

    def __post_init__(self) -> None:
        if self.gain < 0:
            raise UsageError(f"Got a gain of {self.gain:g}; expected 0 or more.")


@dataclass(frozen=True, kw_only=True)
class Outer:
    on: bool = False
    count: int = 3
    text: str = ""
    file: Path | None = None
    size: tuple[int, int] | None = None
    colour: Colour = Colour.RED
    kind: Literal["one", "two"] = "one"
    inner: Inner = Inner()
    maybe: Inner | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    low: int = 0
    high: int = 10

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise UsageError(f"Got {self.low} to {self.high}; expected a range.")


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
NUMBER = st.floats(0, 1e6)
INNER = st.builds(
    Inner, gain=NUMBER, names=st.lists(TEXT, max_size=3).map(tuple), limit=st.none() | NUMBER
)
INTEGER = st.integers(-(2**62), 2**62)
OUTER = st.builds(
    Outer,
    on=st.booleans(),
    count=INTEGER,
    text=TEXT,
    file=st.none() | TEXT.map(Path),
    size=st.none() | st.tuples(INTEGER, INTEGER),
    colour=st.sampled_from(Colour),
    kind=st.sampled_from(["one", "two"]),
    inner=INNER,
    maybe=st.none() | INNER,
    keys=st.dictionaries(TEXT, TEXT, max_size=3),
    low=st.integers(-5, 0),
    high=st.integers(1, 5),
)

PLAIN = st.recursive(
    st.booleans() | st.integers() | st.floats() | TEXT | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(OUTER)
def test_what_is_written_is_read_back(record):
    text = tomli_w.dumps(to_table(record, Outer()))
    read = from_table(tomllib.loads(text), Outer())
    assert read.value == record and not read.refused and not read.unknown


@given(st.dictionaries(st.sampled_from([*Outer.__annotations__, "other"]), PLAIN, max_size=5))
def test_any_table_gives_a_record_and_names_what_is_wrong(table):
    read = from_table(table, Outer())
    assert isinstance(read.value, Outer)
    assert ("other" in read.unknown) == ("other" in table)
    again = from_table(to_table(read.value, Outer()), Outer())
    assert again.value == read.value


@given(OUTER, OUTER, OUTER)
def test_merging_keeps_what_did_not_change(saved, started, current):
    merged = merge(saved, started, current)
    assert merge(saved, current, current) == saved
    assert merge(saved, saved, current) == current
    if current.on != started.on:
        assert merged.on == current.on
    if current.inner == started.inner:
        assert merged.inner == saved.inner


def test_a_default_is_not_written():
    assert to_table(Outer(), Outer()) == {}
    changed = replace(Outer(), inner=Inner(gain=2.0, limit=None))
    assert to_table(changed, Outer()) == {"inner": {"gain": 2.0, "limit": {"none": True}}}


def test_one_bad_value_falls_back_alone_and_is_named():
    table = {"on": True, "count": "many", "inner": {"gain": -1, "names": ["b"]}, "text": "kept"}
    read = from_table(table, Outer(), name="run")
    assert read.value == Outer(on=True, text="kept", inner=Inner(names=("b",)))
    assert read.refused == (
        "run.count: got 'many', expected a whole number",
        "run.inner.gain: Got a gain of -1; expected 0 or more.",
    )


def test_values_that_only_fit_together_are_taken_together():
    assert from_table({"low": 20, "high": 30}, Outer()).value == Outer(low=20, high=30)
    read = from_table({"low": 20, "high": "x"}, Outer())
    assert read.value == Outer() and len(read.refused) == 2


@pytest.mark.parametrize(
    ("key", "plain", "expected"),
    [
        ("on", 1, "true or false"),
        ("count", True, "a whole number"),
        ("count", 10**30, "a whole number"),
        ("size", [1, 2, 3], "a list of 2"),
        ("size", [1, "x"], "a whole number"),
        ("colour", "green", "red or blue"),
        ("kind", "three", "one or two"),
        ("file", "a\0b", "a path"),
        ("inner", 3, "a table"),
        ("keys", {"a": 1}, "text"),
        ("maybe", {"unheard": 1}, "a table without 'unheard'"),
    ],
)
def test_says_what_was_expected(key, plain, expected):
    (refusal,) = from_table({key: plain}, Outer()).refused
    assert refusal.startswith(key) and expected in refusal


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**400])
def test_only_finite_numbers(number):
    assert len(from_table({"inner": {"gain": number}}, Outer()).refused) == 1


def test_text_that_is_none_is_left_out_and_the_rest_is_saved():
    table = to_table(Outer(on=True, file=Path("a\udcff.png")), Outer())
    assert table == {"on": True}


def test_merging_what_contradicts_itself_takes_what_is_there_now():
    saved, started = Outer(low=8, high=9), Outer(low=1, high=9)
    assert merge(saved, started, Outer(low=1, high=5)) == Outer(low=1, high=5)


def test_every_setting_of_a_run_can_be_saved():
    config = RunConfig(camera="0", size=(640, 480), fps=25.0, portrait=Path("/p/a.png"))
    assert from_table(to_table(config, RunConfig()), RunConfig()).value == config
