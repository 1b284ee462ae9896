"""Vitals: what a process uses, sampled over time, and whether it grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import psutil

SETTLED = 0.25
"""Share of the run that counts as warming up: caches fill, runtimes load what they need."""

FEWEST = 5
"""With fewer samples in a third of the settled run nothing is said."""

MEMORY_RISE = 0.08
"""How much more memory the end may take than the settled state, as a share of it."""

MEMORY_LEAST_MB = 24.0
"""A rise below this is noise of the allocators, whatever its share."""

SPARE = 2
"""How many more threads or handles may be open at a moment: work comes and goes."""


@dataclass(frozen=True)
class Sample:
    """The process at one moment.

    Attributes:
        at_s: seconds since the soak began.
        memory_mb: resident.
        children_mb: the same of its child processes together, which come and go: the maps of the
            window are made in one while a view shows them.
        threads: of this process.
        handles: open files, sockets and pipes (file descriptors; handles on Windows).
    """

    at_s: float
    memory_mb: float
    children_mb: float
    threads: int
    handles: int


class Vitals:
    """Samples this process.

    Attributes:
        samples: so far, oldest first.
    """

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.samples: list[Sample] = []

    def take(self, at_s: float) -> Sample:
        """Measure now; takes a millisecond or two, so not on a thread that must not stand still."""
        memory, children = self._process.memory_info().rss, 0
        for child in self._process.children(recursive=True):
            try:
                children += child.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        handles = getattr(self._process, "num_fds", None) or self._process.num_handles
        threads = self._process.num_threads()
        sample = Sample(at_s, memory / 2**20, children / 2**20, threads, handles())
        self.samples.append(sample)
        return sample


def growth(samples: Sequence[Sample]) -> list[str]:
    """What grew over a run, a sentence each; empty when nothing did, or too little was seen.

    The first quarter is left out. Of the rest the last third is held against the first third, by
    their medians for memory, since one sample may catch a portrait that is just being decoded, and
    by their lowest values for threads and handles, since work comes and goes but what leaks stays.
    Moments without a child process do not count for the memory of these: they come and go, but one
    that stays when the next one begins shows.
    """
    settled = list(samples[int(len(samples) * SETTLED) :])
    third = len(settled) // 3
    if third < FEWEST:
        return []
    early, late = settled[:third], settled[-third:]
    found = []
    for what, of in (
        ("memory", lambda s: s.memory_mb),
        ("memory of child processes", lambda s: s.children_mb),
    ):
        levels = [[of(s) for s in part if of(s)] for part in (early, late)]
        if not all(levels):
            continue
        before, after = map(median, levels)
        if after - before > max(MEMORY_LEAST_MB, MEMORY_RISE * before):
            found.append(f"{what} grew from {before:.0f} to {after:.0f} MB")
    for what in ("threads", "handles"):
        least, now = (min(getattr(s, what) for s in part) for part in (early, late))
        if now > least + SPARE:
            found.append(f"{what} grew from {least} to {now}")
    return found
