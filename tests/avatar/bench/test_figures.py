"""The bench's arithmetic against cases worked out by hand."""

import numpy as np
import pytest

from avatar.bench import figures


def test_percentiles_are_linear_between_values() -> None:
    # 0..100: the p-th percentile is p itself. Of 10, 20, 30: 0.95 * 2 = 1.9 steps from the first.
    assert figures.percentiles(range(101)) == {"p50": 50, "p95": 95, "p99": 99}
    assert figures.percentiles([30, 10, 20]) == {"p50": 20, "p95": 29, "p99": 29.8}
    assert figures.percentiles([]) is None


def test_stages_without_values_are_left_out() -> None:
    found = figures.stage_percentiles({"crop": [2.0], "sink": []})
    assert found == {"crop": {"p50": 2, "p95": 2, "p99": 2}}


def test_ratios_pair_the_rounds() -> None:
    # the second round was disturbed for both: the ratio stays
    assert figures.ratios([100, 300], [50, 150]) == [2, 2]
    assert figures.ratios([100, 300], [50]) == [2]
    assert figures.ratios([100], [0]) == []


def test_the_interval_of_equal_rounds_is_a_point_and_of_one_none() -> None:
    assert figures.median_interval([2.0, 2.0, 2.0]) == (2, 2)
    assert figures.median_interval([2.0]) is None


def test_the_interval_is_that_of_the_median_of_what_is_drawn_anew() -> None:
    # Of three values the median drawn is the smallest when at least two of three draws are: 7/27,
    # far more than 2.5 %. So the interval is the whole range.
    assert figures.median_interval([1.0, 2.0, 4.0]) == (1, 4)
    # Of nine, the two outliers would have to be drawn five times: (2/9)^5 * C(9,5) ... < 2.5 %.
    low, high = figures.median_interval([1.0, 9.0] + [2.0] * 7) or (0, 0)
    assert (low, high) == (2, 2)


def test_the_spread_is_in_parts_of_the_median() -> None:
    assert figures.spread([9, 10, 12]) == pytest.approx(0.3)
    assert figures.spread([9]) == 0


def test_psnr_of_one_level_everywhere() -> None:
    black = np.zeros((2, 4, 4, 3), np.uint8)
    # error 1 everywhere: 20 log10(255) = 48.13 dB; in a quarter of the values: 6.02 dB more
    assert figures.psnr_db(black + 1, black) == pytest.approx(48.1308, abs=1e-3)
    quarter = black.copy()
    quarter[:, 0] = 1
    assert figures.psnr_db(black, quarter) == pytest.approx(54.1514, abs=1e-3)
    assert figures.psnr_db(black, black) == figures.BEST_PSNR_DB
    # uint8 must not wrap round
    assert figures.psnr_db(black, black + 255) == pytest.approx(0)
