"""The one phase of stage 1: depth and pose together minimise the error of the rebuilt target."""

import torch
from torch import Tensor

from avatar.model.depth import DepthNetwork
from tools.training.depth.ordinal import ordinal_loss
from tools.training.depth.photometric import smoothness
from tools.training.depth.pose import PoseNetwork
from tools.training.depth.reconstruction import (
    Prediction,
    Triplet,
    predict_motion,
    rebuild,
    static_errors,
)
from tools.training.depth.settings import LossSettings
from tools.training.stage import Batch, Phase, Terms


class DepthPhase(Phase):
    """Section 3.1's objective: photometric error (eq. 4) with minimum reprojection and auto-mask,
    and smoothness, means over scales; on wish the mirror and the ordinal term.

    Reported beside the terms: focal lengths and principal point in shares of the picture's side
    (they move if a gradient reaches them), the share of pixels that count, the angle between
    neighbouring frames in degrees, and the mean disparity.
    """

    label = "depth"

    def __init__(self, depth: DepthNetwork, pose: PoseNetwork, settings: LossSettings) -> None:
        super().__init__()
        self.depth = depth
        self.pose = pose
        self.settings = settings

    def forward(self, batch: Batch) -> tuple[Terms, Batch]:
        """The networks look at the ``_seen`` frames; the errors are those of the clean ones."""
        settings = self.settings
        clean, seen = Triplet.of(batch), Triplet.of(batch, seen=True)
        size = len(seen.target)
        pictures = seen.target
        if settings.mirror:
            pictures = torch.cat([pictures, pictures.flip(-1)])
        pyramid = self.depth.pyramid(pictures)
        disparities = [each[:size] for each in pyramid[: settings.scales]]
        prediction = Prediction(disparities, *predict_motion(self.pose, seen, settings.intrinsics))
        terms = self._reprojection(clean, prediction)
        if settings.mirror:
            mirrored = pyramid[0][size:].flip(-1)
            terms["mirror"] = settings.mirror * (mirrored - disparities[0]).abs().mean()
        if settings.ordinal:
            terms["ordinal"] = settings.ordinal * ordinal_loss(
                disparities[0], batch["target_landmarks"]
            )
        terms |= self._report(prediction, clean.target.shape[-1])
        return terms, {}

    def _reprojection(self, clean: Triplet, prediction: Prediction) -> Terms:
        settings = self.settings
        static = static_errors(clean, settings)
        errors, rough, kept = [], [], clean.target.new_zeros(())
        for scale, disparity in enumerate(prediction.disparities):
            chosen = rebuild(clean, disparity, prediction, static, settings).chosen
            errors.append(chosen.error.mean())
            rough.append(settings.smoothness / 2**scale * smoothness(disparity, clean.target))
            if scale == 0:
                kept = chosen.kept.float().mean()
        return {
            "photometric": torch.stack(errors).mean(),
            "smoothness": torch.stack(rough).mean(),
            "_kept": kept,
        }

    @staticmethod
    def _report(prediction: Prediction, side: int) -> dict[str, Tensor]:
        focal, centre = (value.detach().mean(0) / side for value in prediction.camera)
        return {
            "_focal_x": focal[0],
            "_focal_y": focal[1],
            "_centre_x": centre[0],
            "_centre_y": centre[1],
            "_turn_deg": prediction.turn_deg.mean(),
            "_disparity": prediction.disparities[0].detach().mean(),
        }
