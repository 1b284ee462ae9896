"""Rest: what is done when nobody drives, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.errors import UsageError
from avatar.rest import MODES, Rest


@given(after_s=st.floats(0, 600), ease_s=st.floats(0, 600), lost=st.lists(st.floats(0, 2e6)))
def test_the_way_to_neutral_only_goes_forward(
    after_s: float, ease_s: float, lost: list[float]
) -> None:
    rest = Rest(after_s=after_s, ease_s=ease_s)
    shares = [rest.eased(ms) for ms in sorted(lost)]
    assert shares == sorted(shares) and all(0 <= share <= 1 for share in shares)
    assert rest.eased(after_s * 1e3) == 0
    assert rest.eased((after_s + ease_s) * 1e3 + 1) == 1


@given(after_s=st.floats(0, 600), ms=st.floats(0, 2e6))
def test_only_the_slate_covers_and_only_neutral_eases(after_s: float, ms: float) -> None:
    for mode in MODES:
        rest = Rest(mode=mode, after_s=after_s)
        assert rest.covers(ms) == (mode == "slate" and ms >= after_s * 1e3)
        assert mode == "neutral" or rest.eased(ms) == 0


def test_no_way_at_all_is_a_jump() -> None:
    rest = Rest(after_s=1, ease_s=0)
    assert rest.eased(1000) == 0 and rest.eased(1001) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"mode": "sleep"}, {"after_s": -1}, {"after_s": float("nan")}, {"ease_s": 601}],
)
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        Rest(**wrong)  # type: ignore[arg-type]
    assert caught.value.hint
