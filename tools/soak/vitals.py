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
        memory_mb: resident, children included.
        threads: of this process.
        handles: open files, sockets and pipes (file descriptors; handles on Windows).
    """

    at_s: float
    memory_mb: float
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
        memory = self._process.memory_info().rss
        for child in self._process.children(recursive=True):
            try:
                memory += child.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        handles = getattr(self._process, "num_fds", None) or self._process.num_handles
        sample = Sample(at_s, memory / 2**20, self._process.num_threads(), handles())
        self.samples.append(sample)
        return sample


def growth(samples: Sequence[Sample]) -> list[str]:
    """What grew over a run, a sentence each; empty when nothing did, or too little was seen.

    The first quarter is left out. Of the rest the last third is held against the first third, by
    their medians for memory, since one sample may catch a portrait that is just being decoded, and
    by their lowest values for threads and handles, since work comes and goes but what leaks stays.
    """
    settled = list(samples[int(len(samples) * SETTLED) :])
    third = len(settled) // 3
    if third < FEWEST:
        return []
    early, late = settled[:third], settled[-third:]
    found = []
    before, after = (median(s.memory_mb for s in part) for part in (early, late))
    if after - before > max(MEMORY_LEAST_MB, MEMORY_RISE * before):
        found.append(f"memory grew from {before:.0f} to {after:.0f} MB")
    for what in ("threads", "handles"):
        least, now = (min(getattr(s, what) for s in part) for part in (early, late))
        if now > least + SPARE:
            found.append(f"{what} grew from {least} to {now}")
    return found
