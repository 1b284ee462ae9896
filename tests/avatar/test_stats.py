"""Figures: rates and percentiles that are right and stay bounded."""

import numpy as np
import pytest

from avatar.stats import STAGES, Rate, Series, SinkStats, StageTimes, resident_mb


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


SECOND = 1_000_000_000
NAMED = {"detect": 10.0, "motion": 1.0, "render": 20.0}


def test_stages_of_a_frame_add_up_to_its_age() -> None:
    times = StageTimes(8)
    times.captured(3, 5 * SECOND, 4.0, 6.0)
    times.animated(3, 5 * SECOND, 50.0, NAMED)
    times.displayed(3, 5 * SECOND, 57.5)
    ago_s, ms = times.recent(10, 6 * SECOND)
    assert ago_s.tolist() == [-1.0]
    assert dict(zip(STAGES, ms[0].tolist(), strict=True)) == {
        "capture": 4.0,
        "crop": 6.0,
        "wait": 9.0,
        "detect": 10.0,
        "motion": 1.0,
        "render": 20.0,
        "display": 7.5,
    }


def test_the_age_after_each_stage_is_the_sum_of_the_stages_before() -> None:
    times = StageTimes(8)
    day_ns = 400 * 86_400 * SECOND
    for index in range(3):
        times.captured(index, day_ns + index, 4.0, 6.0)
        times.animated(index, day_ns + index, 50.0, NAMED)
    times.displayed(1, day_ns + 1, 57.5)
    ages = times.ages(10, day_ns + SECOND)
    assert list(ages) == list(STAGES)
    assert [age["p50"] for age in ages.values()] == [4.0, 10.0, 19.0, 29.0, 30.0, 50.0, 57.5]
    assert all(set(age) == {"p50", "p95", "p99"} for age in ages.values())
    assert times.ages(0.5, day_ns + SECOND) == {}


def test_frames_that_were_dropped_or_are_old_are_left_out() -> None:
    times = StageTimes(4)
    for index in range(6):  # two more than there is room for
        times.captured(index, index * SECOND, 1.0, 1.0)
        if index != 4:
            times.animated(index, index * SECOND, 40.0, NAMED)
    times.animated(0, 0, 1000.0, NAMED)  # overtaken long ago
    ago_s, ms = times.recent(3.5, 6 * SECOND)
    assert ago_s.tolist() == [-3.0, -1.0]
    assert np.isnan(ms[:, 6]).all() and ms[:, 2].tolist() == [7.0, 7.0]


def test_no_frames_no_times() -> None:
    ago_s, ms = StageTimes().recent(20, 5 * SECOND)
    assert ago_s.shape == (0,) and ms.shape == (0, 7)
