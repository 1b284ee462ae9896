import pytest

from avatar.errors import InputError
from tools.evaluation.halves import half_of


@pytest.mark.parametrize(
    ("people", "half"),
    [
        (("30",), "even"),
        (("47",), "odd"),
        (("id10283",), "odd"),
        (("take 3 of person 8",), "even"),
        (("30", "96"), "even"),
        (("43", "47"), "odd"),
        (("30", "47"), "mixed"),
    ],
)
def test_the_last_number_counts(people: tuple[str, ...], half: str) -> None:
    assert half_of(people) == half


def test_people_without_a_number() -> None:
    with pytest.raises(InputError, match="'anna' has no number"):
        half_of(("30", "anna"))
