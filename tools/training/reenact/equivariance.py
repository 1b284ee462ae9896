"""Keypoint equivariance (DaGAN eq. 12, first-order motion's section 3.2): keypoints of a warped
picture must lie where the warp says.

The transform is T(x) = A x + b + sum_i w_i U(|x - c_i|_1), U(r) = r^2 ln(r + 1e-6), with c_i a 5x5
grid over [-1, 1]; the sum is added to both coordinates. The warped picture is X_t(z) = X(T(z)).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from tools.training.motion import inverse
from tools.training.reenact.pyramid import grid_on
from tools.training.stage import Batch, Item

CONTROLS = 5
AFFINE_SPREAD = 0.05
SPLINE_SPREAD = 0.005
EPSILON = 1e-6


def draw(random: np.random.Generator) -> Item:
    """The numbers of one item: "transform_affine" (2, 3), [A|b] = [I|0] + N(0, 0.05^2),
    and "transform_spline" (25,), w_i of N(0, 0.005^2), row by row."""
    affine = np.eye(2, 3) + random.normal(0, AFFINE_SPREAD, (2, 3))
    spline = random.normal(0, SPLINE_SPREAD, CONTROLS * CONTROLS)
    return {
        "transform_affine": torch.from_numpy(affine.astype(np.float32)),
        "transform_spline": torch.from_numpy(spline.astype(np.float32)),
    }


@dataclass(frozen=True)
class Transform:
    """T for every picture of a batch.

    Attributes:
        affine: (B, 2, 3), A and b; spline: (B, 25), w_i.
    """

    affine: Tensor
    spline: Tensor

    @staticmethod
    def of(batch: Batch) -> "Transform":
        """The transform whose numbers :func:`draw` put into the items."""
        return Transform(batch["transform_affine"], batch["transform_spline"])

    def points(self, x: Tensor) -> Tensor:
        """T(x) for x (B, N, 2) in [-1, 1]."""
        linear, move = self.affine[..., :2], self.affine[..., 2]
        moved = x @ linear.transpose(1, 2) + move[:, None]
        r = self._apart(x).abs().sum(-1)
        bend = (r.square() * torch.log(r + EPSILON) * self.spline[:, None]).sum(-1)
        return moved + bend[..., None]

    def jacobian(self, x: Tensor) -> Tensor:
        """dT/dx at x (B, N, 2): (B, N, 2, 2), rows for the outputs. In closed form:

        U'(r) = 2 r ln(r + 1e-6) + r^2 / (r + 1e-6), times the sign of x - c_i.
        """
        apart = self._apart(x)
        r = apart.abs().sum(-1)
        slope = 2 * r * torch.log(r + EPSILON) + r.square() / (r + EPSILON)
        bend = ((slope * self.spline[:, None])[..., None] * apart.sign()).sum(-2)  # (B, N, 2)
        return self.affine[:, None, :, :2] + bend[:, :, None, :]

    def picture(self, image: Tensor, align_corners: bool) -> Tensor:
        """X_t(z) = X(T(z)) for (B, C, H, W); outside, the picture is mirrored."""
        h, w = image.shape[-2:]
        grid = grid_on(h, w, image.device).reshape(1, -1, 2).expand(len(image), -1, 2)
        places = self.points(grid).unflatten(1, (h, w))
        return F.grid_sample(image, places, padding_mode="reflection", align_corners=align_corners)

    def _apart(self, x: Tensor) -> Tensor:
        """x - c_i: (B, N, 25, 2)."""
        controls = grid_on(CONTROLS, CONTROLS, x.device).reshape(-1, 2)
        return x[:, :, None] - controls


def value_loss(driving: Tensor, transformed: Tensor, transform: Transform) -> Tensor:
    """L_E = mean |p_d - T(p_t)| (eq. 12): keypoints (B, K, 2) of the picture, and of it warped."""
    return (driving - transform.points(transformed)).abs().mean()


def jacobian_loss(
    driving: Tensor, transformed_value: Tensor, transformed: Tensor, transform: Transform
) -> Tensor:
    """L_EJ = mean |I - J_d^-1 (dT/dx)(p_t) J_t|; not in the paper, but in its code.

    Args:
        driving: (B, K, 2, 2), J_d; transformed: (B, K, 2, 2), J_t of the warped picture.
        transformed_value: (B, K, 2), p_t.
    """
    expected = transform.jacobian(transformed_value) @ transformed
    identity = torch.eye(2, device=driving.device)
    return (identity - inverse(driving) @ expected).abs().mean()
