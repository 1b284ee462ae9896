"""DaGAN as three pure graphs with named tensors: encode (portrait), detect (driving), render.

The networks know nothing of motion transfer: between detect and render,
:class:`avatar.motion.transfer.Motion` moves the keypoints, and :func:`combine_jacobians` makes the
affine maps that render takes.
"""

from typing import NamedTuple

import numpy as np
from torch import Tensor, nn

from avatar.frame import Floats
from avatar.model.depth import DepthNetwork
from avatar.model.generator import Code, Generator
from avatar.model.keypoints import KeypointDetector
from avatar.model.params import ModelParams
from avatar.motion.geometry import inverse_2x2


class Detected(NamedTuple):
    """value (B, K, 2), jacobian (B, K, 2, 2), disparity (B, 1, h, w) or an empty tensor without
    depth."""

    value: Tensor
    jacobian: Tensor
    disparity: Tensor


class Encoded(NamedTuple):
    """The portrait's keypoints and code."""

    value: Tensor
    jacobian: Tensor
    code: Code


class Dagan(nn.Module):
    """The whole network: depth F_d, keypoints F_kp, and the generator with its dense motion."""

    def __init__(self, params: ModelParams) -> None:
        super().__init__()
        self.params = params
        self.depth = DepthNetwork(params) if params.use_depth else None
        self.keypoints = KeypointDetector(params)
        self.generator = Generator(params)

    def detect(self, driving: Tensor, taps: dict[str, Tensor] | None = None) -> Detected:
        """Depth and keypoints of a picture (B, 3, H, W) in [0, 1].

        Without ``keypoint_depth`` the disparity is made for the attention, which needs it of the
        portrait, and to be shown.
        """
        disparity = self.depth(driving) if self.depth is not None else None
        value, jacobian = self.keypoints(driving, disparity, taps)
        return Detected(value, jacobian, driving.new_empty(0) if disparity is None else disparity)

    def encode(self, portrait: Tensor, taps: dict[str, Tensor] | None = None) -> Encoded:
        """Everything that depends on the portrait (B, 3, H, W) in [0, 1] alone."""
        value, jacobian, disparity = self.detect(portrait, taps)
        code = self.generator.encode(portrait, disparity if self.depth is not None else None, taps)
        return Encoded(value, jacobian, code)

    def render(
        self,
        code: Code,
        source: Tensor,
        driving: Tensor,
        affine: Tensor,
        taps: dict[str, Tensor] | None = None,
    ) -> Tensor:
        """The portrait in the driving pose, (B, 3, H, W) in [0, 1]; see
        :meth:`Generator.forward`."""
        return self.generator(code, source, driving, affine, taps)


def combine_jacobians(source: Floats, driving: Floats) -> Floats:
    """J_s J_d^-1 per keypoint, from (K, 2, 2) float32 each; a singular J_d gives finite numbers."""
    return np.matmul(source, inverse_2x2(driving))
