"""What only shows over time: trembling, and whether the result follows the driver.

Arrays have one row a frame; rows of NaN are frames in which no face was found.
"""

from math import nan

import numpy as np
from numpy.typing import NDArray

Track = NDArray[np.floating]

FEWEST = 4
"""A correlation over fewer frames says nothing."""

AT_REST = 0.5
"""A driver slower than this, in px per frame at 256 px, is at rest. On real footage MediaPipe's
landmarks accelerate by 0.4 px per frame squared even then."""

STILL = 1e-6
"""A standard deviation under this is rounding, not movement."""


def acceleration(track: Track) -> NDArray[np.float64]:
    """Mean length of the second difference of each inner frame: (T, N, 2 or more) px -> (T - 2,)
    px per frame squared."""
    points = np.asarray(track, np.float64)[..., :2]
    second = points[2:] - 2 * points[1:-1] + points[:-2]
    return np.asarray(np.linalg.norm(second, axis=-1).mean(-1))


def speed(track: Track) -> NDArray[np.float64]:
    """How far the landmarks move on average in the two steps around each inner frame: (T, N, 2 or
    more) px -> (T - 2,) px per frame."""
    points = np.asarray(track, np.float64)[..., :2]
    steps = np.linalg.norm(points[1:] - points[:-1], axis=-1).mean(-1)
    return np.asarray((steps[1:] + steps[:-1]) / 2)


def jitter(got: Track, driver: Track, *, slowest: float = np.inf) -> float:
    """Acceleration of the result's landmarks beyond the driver's, mean over frames.

    A result that trembles has more than the driver; one that lags or shrinks movements has less,
    and the figure is then negative. NaN where no three neighbouring frames have faces in both.

    Args:
        got, driver: (T, N, 2 or more) px, neighbouring frames of the video.
        slowest: count only frames in which the driver moves less than this, in px per frame: what
            trembles there was not asked for.

    Returns:
        px per frame squared, at 256 pixels.
    """
    beyond = acceleration(got) - acceleration(driver)
    beyond = beyond[np.isfinite(beyond) & (speed(driver) < slowest)]
    return float(beyond.mean()) if len(beyond) else nan


def correlation(got: Track, driver: Track, *, least: float = STILL) -> float:
    """Pearson's correlation of two (T,) figures over time, in [-1, 1].

    0 where the driver moves and the result does not; NaN where the driver does not move, or fewer
    than four frames have both.

    Args:
        got, driver: one figure a frame.
        least: a driver with a smaller standard deviation counts as not moving.
    """
    both = np.isfinite(got) & np.isfinite(driver)
    x, y = np.asarray(got, np.float64)[both], np.asarray(driver, np.float64)[both]
    if len(x) < FEWEST or y.std() < least:
        return nan
    if x.std() < STILL:
        return 0.0
    return float(np.corrcoef(x, y)[0, 1])
