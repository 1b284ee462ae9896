"""ThreadGovernor: one thread or all of them, whichever gives frames sooner just now.

PyTorch's threads meet at a barrier after every operation, hundreds of times a frame. On quiet cores
two are faster than one; where another program uses a core, each meeting waits for the scheduler,
and a frame takes ten times as long as on a single thread. Which of the two it is changes while a
video call goes on, so it is measured while frames are made. Figures are in tools/LOG.md.
"""

import os
import time
from collections import deque
from collections.abc import Callable
from statistics import median

WINDOW = 3
"""Frames whose median is compared, so that one hiccup decides nothing."""

WORSE = 1.25
"""All threads are given up when a frame takes this many times what it takes on one."""

BETTER = 0.95
"""A trial of all threads succeeds when a frame takes less than this share of it."""

HOPELESS = 2.0
"""A trial ends with its first frame when that takes this many times as long."""

PATIENCE_S = (3.0, 60.0)
"""Waiting times before another trial: the first, and the longest after doubling."""


class ThreadGovernor:
    """Sets the number of threads by how long frames take. One thread uses it.

    Args:
        most: how many threads there may be.
        set_threads: called with the number to use from now on.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        most: int,
        set_threads: Callable[[int], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.most = most
        self.threads = 1
        self._set = set_threads
        self._clock = clock
        self._times: deque[float] = deque(maxlen=WINDOW)
        self._one_s = 0.0  # what a frame last took on one thread
        self._trial = False
        self._wait_s = PATIENCE_S[0]
        self._try_at = 0.0
        set_threads(1)

    def took(self, seconds: float) -> None:
        """Note how long a frame took; may change the number of threads for the next."""
        if self.most == 1:
            return
        self._times.append(seconds)
        full = len(self._times) == WINDOW
        if self.threads == 1:
            if full:
                self._one_s = median(self._times)
                if self._clock() >= self._try_at:
                    self._trial = True
                    self._use(self.most)
        elif self._trial:
            if seconds > HOPELESS * self._one_s:
                self._give_up()
            elif full:
                self._trial = False
                if median(self._times) > BETTER * self._one_s:
                    self._give_up()
                else:
                    self._wait_s = PATIENCE_S[0]
        elif full and median(self._times) > WORSE * self._one_s:
            self._give_up()

    def _give_up(self) -> None:
        self._trial = False
        self._try_at = self._clock() + self._wait_s
        self._wait_s = min(2 * self._wait_s, PATIENCE_S[1])
        self._use(1)

    def _use(self, threads: int) -> None:
        self.threads = threads
        self._times.clear()
        self._set(threads)


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
