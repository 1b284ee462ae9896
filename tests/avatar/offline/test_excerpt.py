from fractions import Fraction

import pytest

from avatar.errors import UsageError
from avatar.offline.excerpt import Excerpt, parse_time, shown


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("75", 75),
        ("75.5", Fraction(151, 2)),
        (" 1:15.5 ", Fraction(151, 2)),
        ("90:00", 5400),
        ("1:02:03", 3723),
        ("0", 0),
    ],
)
def test_times(text, seconds):
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "a", "-1", "1:60", "1:75:00", "1::2", "1:2:3:4", "1,5", "1e3"]
)
def test_no_times(text):
    with pytest.raises(UsageError, match="is no time") as error:
        parse_time(text)
    assert "1:15" in error.value.hint


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(Fraction(0), "0:00"), (Fraction(15, 2), "0:07.5"), (Fraction(600), "10:00")],
)
def test_shown(seconds, text):
    assert shown(seconds) == text


@pytest.mark.parametrize(("start", "end"), [(5, 5), (5, 2), (-1, None)])
def test_contradictions(start, end):
    with pytest.raises(UsageError):
        Excerpt(Fraction(start), None if end is None else Fraction(end))


def test_the_whole():
    assert Excerpt().whole
    assert not Excerpt(Fraction(1)).whole and not Excerpt(end=Fraction(1)).whole
