"""The only turn of a step: keypoints, and with them the disparity, towards their targets."""

import torch
import torch.nn.functional as F
from torch import Tensor

from avatar.model.dagan import Dagan
from tools.training import landmarks
from tools.training.detector.loss import keypoint_loss
from tools.training.detector.settings import LossSettings
from tools.training.stage import Batch, Phase, Terms

COARSER = 2
"""The disparity is compared at its size divided by this: landmarks are far apart."""


class DetectorPhase(Phase):
    """Trains the detector, and the depth network where [loss] has a weight for it.

    The disparity is detached before it enters the detector, so that it stays a depth map.
    """

    label = "detector"

    def __init__(self, dagan: Dagan, settings: LossSettings) -> None:
        super().__init__()
        self.settings = settings
        self.keypoints = dagan.keypoints
        learns = dagan.depth is not None and settings.depth > 0
        if learns:
            self.depth = dagan.depth
        self._fixed = () if learns else (dagan.depth,)

    def forward(self, batch: Batch) -> tuple[Terms, Batch]:
        """What :func:`keypoint_loss` gives, and "depth"."""
        seen = batch["picture"]
        disparity = self._disparity(seen)
        given = None if disparity is None else disparity.detach()
        value, jacobian = self.keypoints(seen, given)
        found = keypoint_loss(value, jacobian, batch["value"], batch["jacobian"])
        terms = {name: getattr(self.settings, name) * term for name, term in found.items()}
        if disparity is not None and not self._fixed:
            terms["depth"] = self.settings.depth * depth_loss(disparity, batch["landmarks"])
        with torch.no_grad():
            terms["_px"] = (value - batch["value"]).norm(dim=-1).mean() * 127.5
        return terms, {}

    def _disparity(self, picture: Tensor) -> Tensor | None:
        if not self._fixed:
            assert self.depth is not None
            learned: Tensor = self.depth(picture)
            return learned
        if (depth := self._fixed[0]) is None:
            return None
        depth.eval()  # whoever switched all networks to training meant those that learn
        with torch.no_grad():
            fixed: Tensor = depth(picture)
        return fixed


def depth_loss(disparity: Tensor, points: Tensor) -> Tensor:
    """Mean absolute difference from MediaPipe's z over the face, and from "far" around it.

    Args:
        disparity: (B, 1, h, w) in (0, 1).
        points: landmarks (B, 478, 3) px of a 256-wide picture.
    """
    coarse = F.avg_pool2d(disparity, COARSER)
    wanted, weight = landmarks.disparity(points, coarse.shape[-1])
    return ((coarse - wanted).abs() * weight).mean()
