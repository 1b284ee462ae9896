"""Face tracking and portrait, as their process tells."""

from typing import Any

import pytest

from avatar.doctor.apart import NoAnswer
from avatar.doctor.face import check
from avatar.doctor.finding import Status


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"faces": 1, "ms": 9, "size": [5, 5], "cut": True}, (Status.OK, Status.OK)),
        ({"faces": 0, "ms": 9, "size": [5, 5], "cut": False}, (Status.FAILED, Status.FAILED)),
        (NoAnswer("It crashed."), (Status.FAILED, Status.SKIPPED)),
    ],
)
def test_both_are_told(told: Any, answer: Any, expected: tuple[Status, Status]) -> None:
    tracking, portrait = check(told(answer))
    assert (tracking.status, portrait.status) == expected
