"""Which engines are measured."""

from typing import Any

import pytest

from avatar.bench.subject import REFERENCE, Subject, wanted_engines
from avatar.errors import UsageError
from engines.fake import FakeEngine


class Slow(FakeEngine):
    name, rank, precisions = "slow", 10, ("fp32",)


class Fast(FakeEngine):
    name, rank, precisions = "fast", 40, ("fp32", "int8")


FOUND: dict[str, Any] = {"slow": Slow, "fake": FakeEngine, "fast": Fast}


def test_without_a_wish_every_engine_in_every_precision_but_no_fake() -> None:
    assert wanted_engines([], FOUND) == [("fast", "fp32"), ("fast", "int8"), ("slow", "fp32")]


def test_wishes_are_taken_once_with_the_first_precision_where_none_is_named() -> None:
    wishes = ["fake", "fast", "fast:fp32", "fast:int8"]
    assert wanted_engines(wishes, FOUND) == [("fake", "none"), ("fast", "fp32"), ("fast", "int8")]


@pytest.mark.parametrize(
    ("wish", "said"), [("warp", "'warp'"), ("fast:fp4", "fp32, int8"), ("fast:", "''"), ("", "''")]
)
def test_what_there_is_not_is_refused(wish: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as error:
        wanted_engines([wish], FOUND)
    assert error.value.hint


def test_a_subject_survives_its_way_through_a_pipe() -> None:
    subject = Subject("compact", "compact", "ov", "int8")
    assert Subject.from_json(subject.to_json()) == subject
    assert subject.label == "ov:int8"
    assert Subject("compact", None, REFERENCE, "fp32").label == "reference"
