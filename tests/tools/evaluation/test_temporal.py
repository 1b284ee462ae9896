from math import isnan, nan

import numpy as np
import pytest

from tools.evaluation import temporal


def moving(x: list[float]) -> np.ndarray:
    """(T, 2, 3): two landmarks that move together along x."""
    track = np.zeros((len(x), 2, 3))
    track[..., 0] = np.array(x)[:, None]
    return track


def test_acceleration_by_hand() -> None:
    assert temporal.acceleration(moving([0, 1, 4, 9])).tolist() == [2, 2]
    assert temporal.acceleration(moving([0, 3, 6, 9])).tolist() == [0, 0]


def test_jitter_is_what_the_driver_does_not_have() -> None:
    steady, trembling = moving([0, 1, 2, 3, 4]), moving([0, 2, 2, 4, 4])
    assert temporal.jitter(steady, steady) == 0
    assert temporal.jitter(trembling, steady) == pytest.approx(2)
    assert temporal.jitter(steady, trembling) == pytest.approx(-2)
    assert temporal.jitter(moving([7] * 5), steady) == 0  # standing still does not tremble


def test_jitter_at_rest_sees_only_the_frames_without_movement() -> None:
    driver = moving([0, 0, 0, 0, 10, 20, 30, 30, 30, 30])
    got = driver.copy()
    got[1, :, 0] += 1  # trembles once at rest
    got[5, :, 0] += 5  # and far more while it moves
    assert temporal.speed(driver).tolist() == [0, 0, 5, 10, 10, 5, 0, 0]
    assert temporal.jitter(got, driver, slowest=0.5) == pytest.approx((2 + 1) / 4)
    assert temporal.jitter(got, driver) == pytest.approx((2 + 1 + 5 + 10 - 5) / 8)


def test_jitter_leaves_out_frames_without_a_face() -> None:
    steady = moving([0, 1, 2, 3, 4, 5])
    got = moving([0, 1, 2, 50, 4, 5])
    got[3] = nan
    assert temporal.jitter(got, steady) == 0
    got[1] = nan
    assert isnan(temporal.jitter(got, steady))


def test_correlation_by_hand() -> None:
    driver = np.array([0.0, 1, 2, 3])
    assert temporal.correlation(2 * driver + 5, driver) == pytest.approx(1)
    assert temporal.correlation(-driver, driver) == pytest.approx(-1)
    assert temporal.correlation(np.array([1.0, -1, -1, 1]), driver) == pytest.approx(0)


def test_a_result_that_stands_still_follows_nothing() -> None:
    driver = np.arange(6.0)
    assert temporal.correlation(np.ones(6), driver) == 0
    assert isnan(temporal.correlation(driver, np.ones(6)))  # nothing to follow


def test_correlation_needs_four_common_frames() -> None:
    driver = np.arange(6.0)
    got = driver.copy()
    got[[0, 1]] = nan
    assert temporal.correlation(got, driver) == pytest.approx(1)
    got[2] = nan
    assert isnan(temporal.correlation(got, driver))
