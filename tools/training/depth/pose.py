"""The pose and intrinsics network F_p (section 3.1, eq. 2): two frames -> how the head moved
between them, and the camera. For training only.

A ResNet whose first convolution takes two pictures; its widths follow the depth encoder's
(ResNet-18 for both published ones), so that a small preset has a small one. The public trainer
predicts two motions and uses the first; here there is one.

DaGAN++ grows its uncertainty map on this network: a decoder over ``features`` and the maps of
``encoder`` would find its place beside :meth:`PoseNetwork.forward`'s heads.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from avatar.model.blocks import AntiAlias, full
from avatar.model.depth import DepthEncoder
from avatar.model.params import ModelParams
from tools.training.depth.geometry import Camera, Motion, rotation

STEP = 0.01
"""Scale of the predicted axis-angle and translation: training starts near no motion."""


class PairPose(NamedTuple):
    """What F_p says of pairs of frames.

    Attributes:
        axis_angle: (B, 3) rad; translation: (B, 3), from the earlier frame's camera coordinates to
            the later one's.
        focal, centre: (B, 2, h, w), the intrinsics heads' raw outputs.
    """

    axis_angle: Tensor
    translation: Tensor
    focal: Tensor
    centre: Tensor

    def motion(self) -> Motion:
        """From the earlier camera to the later one."""
        return Motion(rotation(self.axis_angle), self.translation)

    def halves(self) -> "tuple[PairPose, PairPose]":
        """Of a batch made of two: the first and the second."""
        parts = [value.chunk(2) for value in self]
        return PairPose(*(p[0] for p in parts)), PairPose(*(p[1] for p in parts))


class PairEncoder(DepthEncoder):
    """The depth network's ResNet for two pictures: (B, 6, S, S) in [0, 1] -> five maps."""

    def __init__(self, widths: tuple[int, ...], blocks: tuple[int, ...]) -> None:
        super().__init__(widths, blocks)
        self.conv = nn.Conv2d(6, widths[0], 7, 2, 3, bias=False)


class PoseNetwork(nn.Module):
    """F_p: two frames (B, 3, S, S) in [0, 1], the earlier first -> :class:`PairPose`."""

    def __init__(self, params: ModelParams) -> None:
        super().__init__()
        widths = params.depth_encoder
        if params.depth_bottleneck:  # those inside the bottlenecks: ResNet-18's, for ResNet-50
            widths = (widths[0], *(width // 4 for width in widths[1:]))
        blocks = tuple(min(count, 2) for count in params.depth_blocks)
        inside = max(4, widths[-1] // 2)
        self.shrink = AntiAlias(params.depth_size)
        self.encoder = PairEncoder(widths, blocks)
        self.squeeze = nn.Conv2d(widths[-1], inside, 1)
        self.conv1 = nn.Conv2d(inside, inside, 3, padding=1)
        self.conv2 = nn.Conv2d(inside, inside, 3, padding=1)
        self.pose = nn.Conv2d(inside, 6, 1)
        self.focal = nn.Conv2d(inside, 2, 3, padding=1)
        self.centre = nn.Conv2d(inside, 2, 3, padding=1)

    def features(self, earlier: Tensor, later: Tensor) -> Tensor:
        """What the heads see: (B, C, S/32, S/32)."""
        pair = torch.cat([self.shrink(earlier), self.shrink(later)], 1)
        x = full(self.encoder(pair)[-1])
        x = F.relu(self.squeeze(x))
        return F.relu(self.conv2(F.relu(self.conv1(x))))

    def forward(self, earlier: Tensor, later: Tensor) -> PairPose:
        x = self.features(earlier, later)
        pose = self.pose(x).mean((2, 3)) * STEP
        return PairPose(pose[:, :3], pose[:, 3:], self.focal(x), self.centre(x))


def camera_of(first: PairPose, second: PairPose, side: int, form: str) -> Camera:
    """One camera for a clip, from its two pairs, for pictures of ``side`` pixels.

    ``bounded``, ours, of the heads' spatial means a and b: f = side (0.5 + softplus(a)), c = side/2
    + 0.1 side tanh(b), averaged over both pairs. Focal lengths cannot fall below half the picture
    and the principal point stays near its middle.

    ``paper``: f = side mean softplus(a), c = side (mean softplus(b) + 0.5), averaged likewise.
    softplus(0) = 0.69 puts the principal point at 1.19 side, outside the picture, at the start, and
    it can never be left of or above the middle.

    ``public``: the same formula as the public trainer runs it, to reproduce its flaws: the camera
    is truncated to whole pixels, through which **no gradient reaches the intrinsics heads** (they
    stay as they began, near f = 0.69 side), and the later pair's camera overwrites the earlier
    pair's.
    """
    if form == "bounded":
        both = [
            Camera(
                side * (0.5 + F.softplus(pair.focal.mean((2, 3)))),
                side * (0.5 + 0.1 * torch.tanh(pair.centre.mean((2, 3)))),
            )
            for pair in (first, second)
        ]
    elif form in ("paper", "public"):
        both = [
            Camera(
                side * F.softplus(pair.focal).mean((2, 3)),
                side * (F.softplus(pair.centre).mean((2, 3)) + 0.5),
            )
            for pair in (first, second)
        ]
    else:
        raise ValueError(f"intrinsics are {form!r}, expected bounded, paper or public")
    if form == "public":
        return Camera(torch.trunc(both[1].focal), torch.trunc(both[1].centre))
    return Camera((both[0].focal + both[1].focal) / 2, (both[0].centre + both[1].centre) / 2)
