"""How far keypoints are from where landmarks put them."""

from torch import Tensor

from tools.training.landmarks import GAPS
from tools.training.stage import Terms

WEIGHTS = (1.0,) * 5 + (1.5,) * 4 + (2.0,) * 8 + (1.0,) * 3
"""Of the keypoints: eyes and mouth count more than jaw and forehead."""

JACOBIAN = 0.15
"""Of the jacobians against the places."""


def keypoint_loss(
    value: Tensor, jacobian: Tensor, target: Tensor, target_jacobian: Tensor
) -> Terms:
    """Distances to the targets: places, opening of lids and lips, local affine maps.

    Args:
        value, target: (B, K, 2) in [-1, 1].
        jacobian, target_jacobian: (B, K, 2, 2).

    Returns:
        "value", "gap" (mean over the batch of the difference between the openings, weighted by
        :data:`tools.training.landmarks.GAPS`) and "jacobian", each a mean absolute difference.
    """
    weight = value.new_tensor(WEIGHTS)[:, None]
    gap = value.new_zeros(())
    for upper, lower, share in GAPS:
        got = value[:, lower] - value[:, upper]
        gap = gap + share * (got - (target[:, lower] - target[:, upper])).abs().mean()
    return {
        "value": ((value - target).abs() * weight).mean(),
        "gap": gap,
        "jacobian": JACOBIAN * (jacobian - target_jacobian).abs().mean(),
    }
