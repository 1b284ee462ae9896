from math import isnan

import numpy as np
import pytest
from scipy import stats

from tools.evaluation.bootstrap import estimate


def one(*names: str) -> list[tuple[str, ...]]:
    return [(name,) for name in names]


def test_mean_is_over_trials() -> None:
    got = estimate([1, 3, 5], one("a", "a", "b"))
    assert (got.mean, got.trials, got.people) == (3, 3, 2)


def test_people_are_drawn_whole() -> None:
    # Two people: a draw holds a twice (mean 2), both (mean 3) or b twice (mean 5).
    got = estimate([1, 3, 5], one("a", "a", "b"))
    assert (got.low, got.high) == (2, 5)


def test_one_person_has_no_interval() -> None:
    got = estimate([1, 2], one("a", "a"))
    assert got.mean == 1.5
    assert isnan(got.low) and isnan(got.high)


def test_the_same_seed_gives_the_same_interval() -> None:
    random = np.random.default_rng(3)
    values, people = random.normal(size=40).tolist(), one(*"abcdefghij" * 4)
    assert estimate(values, people) == estimate(values, people)
    assert estimate(values, people, seed=1).low != estimate(values, people).low


def test_interval_is_scipys_for_one_trial_a_person() -> None:
    values = np.random.default_rng(0).normal(10, 2, size=60)
    want = stats.bootstrap(
        (values,), np.mean, n_resamples=20000, method="percentile", rng=1
    ).confidence_interval
    got = estimate(values.tolist(), one(*map(str, range(60))), draws=20000)
    assert got.low == pytest.approx(want.low, abs=0.03)
    assert got.high == pytest.approx(want.high, abs=0.03)


def test_a_pair_counts_when_both_are_drawn() -> None:
    # With two people, a draw of one of them twice holds no trial at all.
    got = estimate([2.0, 4.0], [("a", "b"), ("b", "a")])
    assert (got.low, got.high) == (3, 3)


def test_pairs_are_drawn_as_often_as_their_people() -> None:
    random = np.random.default_rng(0)
    names = "abcdef"
    figures = {(a, b): random.normal() for a in names for b in names if a < b}
    means = []
    for _ in range(4000):
        drawn = random.choice(list(names), len(names))
        found = [figures[a, b] for a in drawn for b in drawn if (a, b) in figures]
        means += [np.mean(found)] if found else []
    low, high = np.percentile(means, [2.5, 97.5])
    got = estimate(list(figures.values()), list(figures), draws=4000)
    assert (got.low, got.high) == pytest.approx((low, high), abs=0.05)


def test_pairs_of_more_people_vary_more_than_if_they_were_independent() -> None:
    random = np.random.default_rng(0)
    names = [f"p{i}" for i in range(8)]
    effect = dict(zip(names, random.normal(size=8), strict=True))
    people = [(a, b) for a in names for b in names if a != b]
    values = [effect[a] + effect[b] for a, b in people]
    got = estimate(values, people)
    independent = estimate(values, one(*map(str, range(len(values)))))
    assert got.high - got.low > 1.5 * (independent.high - independent.low)


def test_medians_of_redrawn_people() -> None:
    random = np.random.default_rng(0)
    values, names = random.normal(size=15), [f"p{i % 6}" for i in range(15)]
    got = estimate(values.tolist(), one(*names), median=True)
    assert got.mean == np.median(values)
    again, medians = np.random.default_rng(0), []
    for counts in again.multinomial(6, np.full(6, 1 / 6), size=2000):
        times = [counts[int(name[1:])] for name in names]
        medians.append(np.median(np.repeat(values, times)))
    assert (got.low, got.high) == pytest.approx(tuple(np.percentile(medians, [2.5, 97.5])))
