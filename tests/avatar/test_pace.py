import pytest

from avatar.pace import Pace, share_for, usable_cores


def test_rests_in_proportion_to_the_cost():
    pace = Pace(0.2)
    assert pace.rest_s(0.06) == pytest.approx(0.24)  # 0.06 of 0.3 s: a fifth


def test_one_hiccup_does_not_stop_the_show():
    pace = Pace(0.2)
    for cost_s in (0.06, 0.06, 0.5):
        rest_s = pace.rest_s(cost_s)
    assert rest_s == pytest.approx(0.24)


def test_no_more_often_than_anybody_sees():
    assert Pace(1.0).rest_s(0.005) == pytest.approx(1 / 8 - 0.005)


def test_what_was_done_before_is_forgotten():
    pace = Pace(0.5)
    for _ in range(3):
        pace.rest_s(1.0)
    pace.forget()
    assert pace.rest_s(0.2) == pytest.approx(0.2)


def test_small_machines_give_a_fifth():
    assert share_for(1) == share_for(2) == 0.2
    assert share_for(4) == 0.4 and share_for(32) == 0.6
    assert usable_cores() >= 1
