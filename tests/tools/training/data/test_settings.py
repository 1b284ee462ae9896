"""The table [data]."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.errors import UsageError
from tools.training.data import DataSettings
from tools.training.recipe import read_table


def test_defaults_are_the_papers() -> None:
    settings = read_table(DataSettings, {}, "[data]")
    assert settings == DataSettings()
    assert not settings.placed and not settings.seen
    assert (settings.size, settings.repeats, settings.time_flip, settings.mirror) == (
        *(256, 75),
        *(0.5, 0.5),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cache", "zip"),
        ("weighting", "clips"),
        ("distance", 2),
        ("validation", 1.0),
        ("validation", -0.1),
        ("mirror", 1.5),
        ("stride", 0),
        ("repeats", 0),
        ("hue", 0.6),
        ("contrast", 1.0),
        ("turn", -1.0),
        ("recolour", float("nan")),
        ("bend", float("inf")),
        ("size", 257),
        ("size", 8),
        ("resolution", 5000),
        ("strict", 1),
        ("colour", 0.1),
    ],
)
def test_nonsense_is_named(name: str, value: object) -> None:
    with pytest.raises(UsageError, match=name):
        read_table(DataSettings, {name: value}, "[data]")


@given(st.floats(0, 0.99), st.integers(1, 9))
def test_what_makes_sense_is_taken(share: float, stride: int) -> None:
    table = {"validation": share, "stride": stride, "cache": "jpeg"}
    settings = read_table(DataSettings, table, "[data]")
    assert (settings.validation, settings.stride, settings.cache) == (share, stride, "jpeg")
