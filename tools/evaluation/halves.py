"""Even-numbered people apart from odd-numbered ones: what is chosen by one half is reported on the
other."""

import re
from collections.abc import Sequence

from avatar.errors import InputError

HALVES = ("even", "odd", "mixed")
"""Trials of two people are ``mixed`` where one is even and one odd."""


def half_of(people: Sequence[str]) -> str:
    """One of :data:`HALVES`, by the last number in each person's name.

    Raises:
        InputError: a name has no number.
    """
    found = set()
    for person in people:
        numbers = re.findall(r"\d+", person)
        if not numbers:
            raise InputError(
                f"The person {person!r} has no number, so that it is neither even nor odd.",
                hint="Leave --halves out, or number people in manifest.json.",
            )
        found.add(HALVES[int(numbers[-1]) % 2])
    return found.pop() if len(found) == 1 else "mixed"
