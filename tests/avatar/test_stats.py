"""Figures: rates and percentiles that are right and stay bounded."""

import numpy as np
import pytest

from avatar.stats import Rate, Series, SinkStats, resident_mb


def test_percentiles_are_those_of_numpy() -> None:
    series = Series()
    assert series.percentiles() == {}
    for value in range(101):
        series.add(value)
    assert series.percentiles() == {"p50": 50.0, "p95": 95.0, "p99": 99.0}


def test_only_the_newest_values_are_kept() -> None:
    series = Series(size=10)
    for value in np.arange(1000):
        series.add(float(value))
    assert series.percentiles()["p50"] == pytest.approx(994.5)


def test_overall_rate_counts_intervals() -> None:
    rate = Rate()
    assert rate.overall == 0
    for i in range(11):
        rate.add(100 + i * 0.1)
    assert rate.count == 11
    assert rate.overall == pytest.approx(10)


def test_lately_sees_a_stream_slow_down_and_stop() -> None:
    rate = Rate(window_s=2)
    for i in range(100):
        rate.add(i * 0.05)
    assert rate.lately(4.95) == pytest.approx(20, rel=0.05)
    assert rate.lately(5.95) < 15
    assert rate.lately(60) == 0


def test_sink_stats_and_memory() -> None:
    stats = SinkStats()
    stats.delivered(0, 12.0)
    stats.delivered(1, 14.0)
    stats.delivered(1, 400.0)  # the same frame again, from a source that stalls
    assert stats.rate.count == 2 and stats.age_ms.percentiles()["p50"] == 13
    assert resident_mb() >= 0
