"""What every check's tests put in the place of other processes."""

from collections.abc import Callable
from typing import Any

import pytest

from avatar.doctor.apart import Apart


class Told(Apart):
    """Answers by itself; ``asked`` has the names of the functions with their arguments."""

    def __init__(self, answer: Callable[..., Any]) -> None:
        super().__init__()
        self.asked: list[tuple[str, ...]] = []
        self._answer = answer

    def ask(self, function: str, *args: str, limit_s: float) -> dict[str, Any]:
        self.asked.append((function, *args))
        answer = self._answer(function, *args)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def told() -> Callable[..., Told]:
    """Makes one of a function (function, *args) -> dict, or an exception to raise; or of one
    answer for everything."""

    def make(answer: Any) -> Told:
        return Told(answer if callable(answer) else lambda *args: answer)

    return make
