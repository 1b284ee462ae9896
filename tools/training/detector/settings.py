"""The table [loss] of a recipe of the detector's stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LossSettings:
    """Weights; 0 leaves a term out.

    Raises:
        ValueError: a weight is negative, or nothing is trained.
    """

    value: float = 1.0
    """Of the keypoints' places."""
    gap: float = 1.0
    """Of the openings of eyes and mouth."""
    jacobian: float = 1.0
    depth: float = 1.0
    """Of the disparity against MediaPipe's z; 0: the depth network stays as it came (from the
    self-supervised stage, for example). Above 0 the depth is supervised, which leaves the paper's
    claim."""

    def __post_init__(self) -> None:
        weights = (self.value, self.gap, self.jacobian, self.depth)
        if min(weights) < 0:
            raise ValueError("weights cannot be negative")
        if not self.value:
            raise ValueError("value is 0, expected more: without places there are no keypoints")
