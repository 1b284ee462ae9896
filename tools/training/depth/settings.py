"""The ``[loss]`` table of a depth recipe."""

from dataclasses import dataclass
from typing import Literal

from tools.training.depth.geometry import FARTHEST, NEAREST

SCALES = 4
"""Scales at which the decoder gives a disparity."""


@dataclass(frozen=True)
class LossSettings:
    """What depth is learnt from. The defaults are the paper's.

    Raises:
        ValueError: a value out of its range.
    """

    alpha: float = 0.8
    """Share of SSIM in the photometric error, the rest L1 (eq. 4; the public code has 0.85)."""
    smoothness: float = 1e-3
    """Weight of the edge-aware smoothness at the finest scale, halved with every coarser one."""
    scales: int = 4
    """How many of the decoder's four scales are trained, the finest first."""
    minimum: bool = True
    """Per pixel the better neighbour counts, not the mean of both."""
    auto_mask: bool = True
    """Pixels that match better without any warp do not count."""
    nearest: float = NEAREST
    farthest: float = FARTHEST
    """Depths of the disparities 1 and 0."""
    intrinsics: Literal["bounded", "paper", "public"] = "bounded"
    """How the camera is parameterised: bounded (ours), paper, public (with the public trainer's
    flaws); see :func:`tools.training.depth.pose.camera_of`."""
    mirror: float = 0.0
    """Weight of |flip(d(flip I)) - d(I)|; the public code has 0.001 as an option."""
    ordinal: float = 0.0
    """Weight of the prior that MediaPipe's 3-D landmarks are in the order of their depth. Above 0
    the method is no longer free of 3-D labels, as the paper's is: name it with the results."""
    imagenet: str = ""
    """File of torchvision's ResNet that the depth encoder starts from (resnet18-f37072fd.pth,
    resnet50-*.pth); empty: random."""
    imagenet_pose: str = ""
    """The same for the pose network, always a ResNet-18; empty: random."""

    def __post_init__(self) -> None:
        if not 0 <= self.alpha <= 1:
            raise ValueError(f"alpha is {self.alpha}, expected 0 to 1")
        for name in ("smoothness", "mirror", "ordinal"):
            if getattr(self, name) < 0:
                raise ValueError(
                    f"{name} is {getattr(self, name)}, expected a weight of at least 0"
                )
        if not 1 <= self.scales <= SCALES:
            raise ValueError(f"scales is {self.scales}, expected 1 to {SCALES}")
        if not 0 < self.nearest < self.farthest:
            raise ValueError(
                f"nearest is {self.nearest} and farthest {self.farthest}, expected 0 < nearest < "
                "farthest"
            )
