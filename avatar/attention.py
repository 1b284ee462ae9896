"""Where the depth-aware attention looks: one row of its weights, carried back onto the portrait.

The weights (n, n) have one row per place of the result (the query, from the portrait's depth) and
one column per place of the *warped* portrait features (the key). A key at place z shows what the
flow fetched from flow(z), so the portrait lights up there (DaGAN section 3.3, eqs. 6 to 9).
"""

from math import isqrt

import numpy as np

from avatar.frame import Floats

HEAT_SIZE = 64
"""Side of a heat map."""

BLUR = 0.5
"""Standard deviation, in cells of the attention, that closes the gaps between the keys."""


def grid_side(count: int) -> int:
    """The side of the square grid of ``count`` places.

    Raises:
        ValueError: they make no square.
    """
    side = isqrt(count)
    if count < 1 or side * side != count:
        raise ValueError(f"attention needs a square number of places, got {count}")
    return side


def query_at(point: tuple[float, float], count: int) -> int:
    """The row of the attention that belongs to a point of the result.

    Args:
        point: x and y in [0, 1] from the upper left corner; what lies outside is taken to the edge.
        count: n, how many rows there are.
    """
    side = grid_side(count)
    column, row = (min(side - 1, max(0, int(v * side))) for v in point)
    return row * side + column


def centre_of(query: int, count: int) -> tuple[float, float]:
    """The middle of a query's cell, x and y in [0, 1]."""
    side = grid_side(count)
    return (query % side + 0.5) / side, (query // side + 0.5) / side


def heat_on_portrait(row: Floats, flow: Floats) -> Floats:
    """One query's weights as heat over the portrait, in multiples of an even look around.

    Args:
        row: (n,) float32, the weights of one query; they add up to 1.
        flow: (h, w, 2) float32, where in the portrait, in [-1, 1], each place comes from.

    Returns:
        (64, 64) float32: 1 where it looks as much as if it looked everywhere alike, 0 at places of
        the portrait that are not in the result at all.
    """
    import cv2

    side = grid_side(row.size)
    places = cv2.resize(flow, (side, side), interpolation=cv2.INTER_LINEAR).reshape(-1, 2)
    at = (places + np.float32(1)) * np.float32(0.5 * HEAT_SIZE) - np.float32(0.5)
    low = np.floor(at).astype(np.int32)
    share = at - low
    looks: Floats = np.zeros(HEAT_SIZE * HEAT_SIZE, np.float32)
    keys: Floats = np.zeros_like(looks)
    for down in (0, 1):
        for right in (0, 1):
            x, y = low[:, 0] + right, low[:, 1] + down
            part = np.abs(1 - right - share[:, 0]) * np.abs(1 - down - share[:, 1])
            inside = (x >= 0) & (x < HEAT_SIZE) & (y >= 0) & (y < HEAT_SIZE)
            cell, part = y[inside] * HEAT_SIZE + x[inside], part[inside]
            keys += np.bincount(cell, part, keys.size).astype(np.float32)
            looks += np.bincount(cell, part * row[inside], looks.size).astype(np.float32)
    # The blur spreads a key over as many cells as lie between two of them.
    spread = BLUR * HEAT_SIZE / side
    square = (HEAT_SIZE, HEAT_SIZE)
    looked = cv2.GaussianBlur(looks.reshape(square), (0, 0), spread) * np.float32(row.size)
    counted = cv2.GaussianBlur(keys.reshape(square), (0, 0), spread)
    enough = np.float32(0.2 * row.size / keys.size)  # a fifth of the usual number of keys
    heat: Floats = np.where(counted > enough, looked / np.maximum(counted, enough), np.float32(0))
    return heat
