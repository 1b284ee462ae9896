"""FP16 networks in which everything that makes coordinates stays FP32.

The modules cast at their doors, by the type of their own weights, so one network runs in either
precision: :func:`to_half` only changes the weights. In FP32 stay: pictures and their normalisation,
heat maps to keypoints, all of the dense motion but its hourglass, both warps, the scores of the
attention, and what leaves the last convolution. FP16 rounds to 2^-11: nothing to a feature, but a
tenth of a pixel to a coordinate, and the scores of the attention are bounded by nothing but
training.
"""

import torch
from torch import Tensor, nn

from avatar.model.dagan import Dagan

ISLANDS = (
    "keypoints.heatmap.",
    "keypoints.jacobian.",
    "generator.attention.query.",
    "generator.attention.key.",
)
"""Parameters that stay FP32, by the start of their names."""


class ScaleShift(nn.Module):
    """What batch normalisation is in evaluation mode: x * scale + shift, per channel.

    Scale and shift are made in FP32 from the statistics, which FP16 might not hold.
    """

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        assert norm.running_mean is not None and norm.running_var is not None
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        shift = norm.bias - norm.running_mean * scale
        self.scale = nn.Parameter(scale.detach()[:, None, None], requires_grad=False)
        self.shift = nn.Parameter(shift.detach()[:, None, None], requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale + self.shift


def to_half(network: Dagan) -> Dagan:
    """Make an FP32 network in evaluation mode a mixed one, in place.

    Buffers (coordinate grids, Gaussian kernels) stay FP32, as do the :data:`ISLANDS`; inputs and
    outputs of ``detect``, ``encode`` and ``render`` are FP32 as before. Fold batch normalisation
    first: what is left of it becomes a scale and a shift.
    """
    network.eval()
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, name, ScaleShift(child))
    for name, parameter in network.named_parameters():
        if not name.startswith(ISLANDS):
            parameter.data = parameter.data.half()
    return network
