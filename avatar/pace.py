"""Pace: how often something may be done that only watches, without being in the way."""

import os
from collections import deque
from statistics import median_high

MOST_A_SECOND = 8.0
"""More pictures of maps than that tell nobody more."""


class Pace:
    """Says how long to rest after each time.

    Args:
        share: the part of a core's time that may be spent, in (0, 1].
        most_a_second: so many times at most.
    """

    def __init__(self, share: float, most_a_second: float = MOST_A_SECOND) -> None:
        self._share = share
        self._most = most_a_second
        self._costs_s: deque[float] = deque(maxlen=5)

    def rest_s(self, cost_s: float) -> float:
        """How long to leave the cores alone after a time that cost so much, in seconds.

        It goes by the median of the newest five: one hiccup does not stop the show.
        """
        self._costs_s.append(cost_s)
        return max(1 / self._most - cost_s, median_high(self._costs_s) * (1 / self._share - 1))

    def forget(self) -> None:
        """Something else is done from now on."""
        self._costs_s.clear()


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share_for(cores: int) -> float:
    """The part of a core's time that maps may take on a machine with so many cores."""
    return 0.2 if cores <= 2 else min(0.6, 0.1 * cores)
