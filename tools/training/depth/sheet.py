"""The contact sheet of stage 1: what depth does to a few triplets."""

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray

from avatar.model.depth import DepthNetwork
from tools.training.depth.pose import PoseNetwork
from tools.training.depth.reconstruction import Triplet, predict, rebuild, static_errors
from tools.training.depth.settings import LossSettings

BRIGHTEST = 0.25
"""Error shown as white."""

Image = NDArray[np.uint8]


def sheet(depth: DepthNetwork, pose: PoseNetwork, frames: Triplet, settings: LossSettings) -> Image:
    """A row per triplet: target, disparity (bright is near, from the picture's least to its most),
    the previous frame as it is, and warped to the target, the error that counts, and where a warp
    and not a static pixel made it (white).

    Returns:
        (B S, 6 S, 3) uint8 RGB.
    """
    with torch.no_grad():
        prediction = predict(depth, pose, frames, settings)
        static = static_errors(frames, settings)
        rebuilt = rebuild(frames, prediction.disparities[0], prediction, static, settings)
    side = frames.target.shape[-1]
    rows = []
    for i in range(len(frames.target)):
        error = (rebuilt.chosen.error[i, 0] / BRIGHTEST).clamp(0, 1)
        tiles = [
            _picture(frames.target[i]),
            _near(prediction.disparities[0][i, 0], side),
            _picture(frames.previous[i]),
            _picture(rebuilt.warped[0][i]),
            _picture(error.expand(3, -1, -1)),
            _picture(rebuilt.chosen.kept[i].float().expand(3, -1, -1)),
        ]
        rows.append(np.concatenate(tiles, 1))
    return np.concatenate(rows, 0)


def _picture(tensor: torch.Tensor) -> Image:
    """(3, H, W) in [0, 1] -> (H, W, 3) uint8."""
    values = (tensor.detach().cpu().clamp(0, 1) * 255).round().byte()
    return np.ascontiguousarray(values.permute(1, 2, 0).numpy())


def _near(disparity: torch.Tensor, side: int) -> Image:
    """Disparity (h, w) in false colours, (side, side, 3) uint8 RGB."""
    import cv2

    values = disparity.detach().float().cpu().numpy()
    low, high = np.percentile(values, (1, 99))
    scaled = np.clip((values - low) / max(float(high - low), 1e-6), 0, 1)
    coloured = cv2.applyColorMap((scaled * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    large = cv2.resize(coloured, (side, side), interpolation=cv2.INTER_LINEAR)
    return cast(Image, np.ascontiguousarray(large[..., ::-1]))
