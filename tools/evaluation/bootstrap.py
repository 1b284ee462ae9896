"""Means, or medians, with 95 % intervals that redraw people, not frames: frames of one person are
not independent."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000


@dataclass(frozen=True)
class Estimate:
    """A mean (or median) over trials, its interval, and of how many trials and people it is.

    The interval is NaN with fewer than two people.
    """

    mean: float
    low: float
    high: float
    trials: int
    people: int


def estimate(
    values: Sequence[float],
    people: Sequence[tuple[str, ...]],
    draws: int = DRAWS,
    seed: int = 0,
    *,
    median: bool = False,
) -> Estimate:
    """Mean of one figure a trial, with the 2.5th and 97.5th percentile of its bootstrap.

    Every draw takes as many people as there are, with replacement. A trial then counts as often as
    its person was drawn; a trial of two people as often as both, multiplied, which is the bootstrap
    for pairs (Snijders and Borgatti, 1999).

    Args:
        values: one figure a trial; at least one.
        people: who is in each trial, one or two.
        draws: how often.
        seed: the same seed gives the same interval.
        median: of the trials, instead of their mean.
    """
    figures = np.asarray(values, np.float64)
    names = sorted({person for each in people for person in each})
    mean = float(np.median(figures) if median else figures.mean())
    if len(names) < 2:
        return Estimate(mean, nan, nan, len(figures), len(names))
    number = {name: i for i, name in enumerate(names)}
    first = np.array([number[each[0]] for each in people])
    second = np.array([number[each[-1]] for each in people])
    random = np.random.default_rng(seed)
    counts = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    weights = np.where(first == second, counts[:, first], counts[:, first] * counts[:, second])
    total = weights.sum(1)
    drawn = total > 0  # with few people a draw may have no trial in it
    if median:
        means = _medians(figures, weights[drawn])
    else:
        means = (weights[drawn] @ figures) / total[drawn]
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(mean, float(low), float(high), len(figures), len(names))


def _medians(figures: NDArray[np.float64], counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """The median of (N,) figures each repeated as often as a row of (draws, N) counts says."""
    order = np.argsort(figures)
    ordered, upto = figures[order], np.cumsum(counts[:, order], axis=1)
    total = upto[:, -1:]
    # The two in the middle of the repeated row, which are one and the same for an odd number.
    low = (upto > (total - 1) // 2).argmax(axis=1)
    high = (upto > total // 2).argmax(axis=1)
    return np.asarray((ordered[low] + ordered[high]) / 2)
