"""The arithmetic of the bench: percentiles, ratios with their interval, spread, PSNR."""

from collections.abc import Mapping, Sequence
from math import log10

import numpy as np

from avatar.stats import PERCENTILES

RESAMPLES = 4000
"""How often the bootstrap draws."""

BEST_PSNR_DB = 100.0
"""What equal pictures get, since infinity is no JSON."""


def percentiles(values: Sequence[float]) -> dict[str, float] | None:
    """``{"p50": ..., "p95": ..., "p99": ...}``, linear between values; None without values."""
    if not len(values):
        return None
    found = np.percentile(np.asarray(values, np.float64), PERCENTILES)
    return {f"p{p}": round(float(v), 3) for p, v in zip(PERCENTILES, found, strict=True)}


def stage_percentiles(stages: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """Percentiles of every stage that has values."""
    found = {stage: percentiles(values) for stage, values in stages.items()}
    return {stage: value for stage, value in found.items() if value is not None}


def ratios(reference_ms: Sequence[float], own_ms: Sequence[float]) -> list[float]:
    """How many times faster than the reference, round by round: what disturbs a whole round is in
    both."""
    return [r / o for r, o in zip(reference_ms, own_ms, strict=False) if o > 0]


def median_interval(values: Sequence[float], share: float = 0.95) -> tuple[float, float] | None:
    """Interval of the median by the percentile bootstrap; None of fewer than two values."""
    if len(values) < 2:
        return None
    array = np.asarray(values, np.float64)
    drawn = np.random.default_rng(0).integers(0, len(array), (RESAMPLES, len(array)))
    medians = np.median(array[drawn], axis=1)
    tail = (1 - share) / 2 * 100
    low, high = np.percentile(medians, (tail, 100 - tail))
    return float(low), float(high)


def spread(values: Sequence[float]) -> float:
    """(largest - smallest) / median; 0 of fewer than two values."""
    if len(values) < 2:
        return 0.0
    return float((max(values) - min(values)) / np.median(values))


def psnr_db(pictures: np.ndarray, reference: np.ndarray) -> float:
    """PSNR of uint8 pictures of the same shape over all of them, in dB, at most BEST_PSNR_DB."""
    error = pictures.astype(np.float32) - reference.astype(np.float32)
    mean = float(np.mean(np.square(error), dtype=np.float64))
    return BEST_PSNR_DB if mean == 0 else min(BEST_PSNR_DB, 10 * log10(255**2 / mean))
