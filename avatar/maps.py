"""Maps of one result, and the scale that depths are shown in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from avatar.frame import Animated, Floats, Image, Portrait

Point = tuple[float, float]
"""x and y in [0, 1] from the upper left corner of a picture."""


@dataclass(frozen=True, slots=True)
class Maps:
    """Maps of one result.

    Attributes:
        of: the result they belong to, with its driving crop.
        portrait: the one it shows.
        maps: float32 by name, as :meth:`avatar.engine.Engine.inspect` names them, without
            "attention": depth (h, w) of the driving crop as it lies, flow (h, w, 2), occlusion
            (1, h, w), mask (K + 1, h, w).
        portrait_depth: (h, w) float32; None unless depth was wanted.
        range: what depths become the darkest and the brightest colour; it changes smoothly.
        heat: (64, 64) float32 over the portrait, in multiples of an even look around (see
            :func:`avatar.attention.heat_on_portrait`); None without a point.
        point: the middle of the cell that the heat belongs to, in [0, 1] of the result.
        cells: how many cells the attention has on a side; 0 without heat.
        took_ms: what the engine took.
        engine: its label.
        pictures: of the maps, by name, as whoever asked for them paints them; empty if nobody does.
    """

    of: Animated
    portrait: Portrait
    maps: Mapping[str, Floats]
    portrait_depth: Floats | None = None
    range: tuple[float, float] = (0.0, 1.0)
    heat: Floats | None = None
    point: Point | None = None
    cells: int = 0
    took_ms: float = 0.0
    engine: str = ""
    pictures: Mapping[str, Image] = field(default_factory=dict)


Paint = Callable[[Maps], Mapping[str, Image]]
"""Makes pictures of maps; called where the maps are made, not in the window's thread."""


def depth_range(driving: Floats, portrait: Floats | None) -> tuple[float, float]:
    """What both depth maps have in common: the ends of their colours."""
    both = [driving.ravel()] if portrait is None else [driving.ravel(), portrait.ravel()]
    low, high = np.percentile(np.concatenate(both), (0.5, 99.8))
    return float(low), max(float(high), float(low) + 1e-4)


def eased(before: tuple[float, float] | None, now: tuple[float, float]) -> tuple[float, float]:
    """A quarter of the way, so that colours do not flicker."""
    if before is None:
        return now
    return before[0] + 0.25 * (now[0] - before[0]), before[1] + 0.25 * (now[1] - before[1])
