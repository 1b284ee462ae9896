"""Framing: how close the driving crop is to the face, and how far it is moved aside."""

from dataclasses import dataclass
from math import isfinite

from avatar.errors import UsageError

ZOOM = (-0.5, 2.0)
"""Least and most zoom: the square has twice to a third of its usual side."""

PAN = 1.0
"""The square is moved by at most so many of its own sides, either way."""


@dataclass(frozen=True)
class Framing:
    """Zoom and pan of the square that the networks see, relative to where it would be.

    Attributes:
        zoom: 0 is the margin of the training data; 0.1 is a tenth closer, -0.1 a tenth further.
        dx, dy: offset to the right and down in the camera's picture, in sides of the square.

    Raises:
        UsageError: zoom outside [-0.5, 2], or an offset outside [-1, 1].
    """

    zoom: float = 0.0
    dx: float = 0.0
    dy: float = 0.0

    def __post_init__(self) -> None:
        if not (isfinite(self.zoom) and ZOOM[0] <= self.zoom <= ZOOM[1]):
            raise UsageError(
                f"Got a zoom of {self.zoom:g}; expected {ZOOM[0]:g} to {ZOOM[1]:g}.",
                hint="0 is the usual margin around the face, 0.1 a tenth closer.",
            )
        if not all(isfinite(offset) and abs(offset) <= PAN for offset in (self.dx, self.dy)):
            raise UsageError(
                f"Got a pan of {self.dx:g},{self.dy:g}; expected {-PAN:g} to {PAN:g} each.",
                hint="It counts sides of the crop, to the right and down: 0.1,-0.05.",
            )

    def zoomed(self, factor: float) -> "Framing":
        """Closer by a factor, as far as the bounds allow."""
        zoom = (1.0 + self.zoom) * factor - 1.0
        return Framing(round(min(max(zoom, ZOOM[0]), ZOOM[1]), 4), self.dx, self.dy)

    def panned(self, dx: float, dy: float) -> "Framing":
        """Moved on by parts of the side, as far as the bounds allow."""
        return Framing(self.zoom, _within(self.dx + dx), _within(self.dy + dy))


def _within(offset: float) -> float:
    return round(min(max(offset, -PAN), PAN), 4)
