"""Trial: open engines take turns at the same picture, and each one's median frame is its speed.

In turns, so that what else happens on the machine meanwhile (the camera opens, MediaPipe is
imported) hits all of them alike.
"""

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from avatar.engine import Engine
from avatar.frame import CROP_SIZE, Image

ROUNDS = (2, 8)
"""Rounds after the warm-up: how many there are at least, and at most."""


def picture() -> Image:
    """(256, 256, 3) uint8: soft colours. Networks take as long for it as for a face."""
    ramp = np.linspace(0, 255, CROP_SIZE, dtype=np.float32)
    image = np.empty((CROP_SIZE, CROP_SIZE, 3), np.uint8)
    image[..., 0], image[..., 1], image[..., 2] = ramp, ramp[:, None], 128
    return image


def measure(
    engines: Mapping[str, Engine],
    budget_s: float,
    cancelled: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = perf_counter,
) -> tuple[dict[str, float], dict[str, Exception]]:
    """Milliseconds of a frame (detect and render) by engine, and why others failed.

    Args:
        engines: open ones, by label.
        budget_s: seconds in all; the fewest rounds are done whatever they take.
        cancelled: asked between frames; what was measured by then is returned.
        clock: seconds.
    """
    image = picture()
    took: dict[str, list[float]] = {}
    failed: dict[str, Exception] = {}
    codes: dict[str, Any] = {}
    end = clock() + budget_s
    for turn in range(-1, ROUNDS[1]):
        if turn >= ROUNDS[0] and clock() >= end:
            break
        for name, engine in engines.items():
            if name in failed:
                continue
            if cancelled():
                return _medians(took), failed
            try:
                if name not in codes:
                    codes[name] = engine.encode(image)[0]
                start = clock()
                engine.render(codes[name], engine.detect(image))
                if turn >= 0:  # the first frame allocates and warms up
                    took.setdefault(name, []).append(clock() - start)
            except Exception as error:
                failed[name] = error
                took.pop(name, None)
    return _medians(took), failed


def _medians(took: Mapping[str, list[float]]) -> dict[str, float]:
    return {name: median(seconds) * 1e3 for name, seconds in took.items()}
