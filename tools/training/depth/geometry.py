"""Pinhole geometry of eq. 3: disparity to depth, rigid motion, and where a pixel of the target is
seen in a neighbouring frame.

**Pixels.** The centre of the first pixel is 0 and that of the last W - 1; normalised for sampling
by q -> 2 q / (W - 1) - 1 with ``align_corners=True``, whatever the preset's ``align_corners`` is
for the generator. So the identity motion samples every pixel at exactly its own place, whatever the
depth. A camera sees x to the right, y down, z ahead; everything here is float32.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

NEAREST, FARTHEST = 0.1, 100.0
"""Depths of the disparities 1 and 0; the unit is arbitrary, as no baseline is known."""

LEAST_AHEAD = 0.01
"""What a point is at least ahead of the camera when projected: points that a wrong motion puts
behind it would come out mirrored."""


class Camera(NamedTuple):
    """Pinhole intrinsics: focal lengths (B, 2) and principal point (B, 2) as (x, y), in pixels."""

    focal: Tensor
    centre: Tensor


class Motion(NamedTuple):
    """A rigid motion X -> R X + t: rotation (B, 3, 3), translation (B, 3)."""

    rotation: Tensor
    translation: Tensor

    def inverse(self) -> "Motion":
        """X -> R^T (X - t)."""
        back = self.rotation.transpose(1, 2)
        return Motion(back, -(back @ self.translation[..., None])[..., 0])


def depth_of(disparity: Tensor, nearest: float = NEAREST, farthest: float = FARTHEST) -> Tensor:
    """Depth of a disparity in [0, 1], same shape: 1 / (1/farthest + (1/nearest - 1/farthest) d)."""
    least, most = 1 / farthest, 1 / nearest
    return 1 / (least + (most - least) * disparity)


def rotation(axis_angle: Tensor) -> Tensor:
    """Rodrigues' formula: (B, 3), an axis times an angle in radians, -> (B, 3, 3).

    R = I + sin(a)/a W + (1 - cos a)/a^2 W^2, with the second factor written as half the square of
    sin(a/2)/(a/2), which is exact for small angles too; the gradient at 0 is finite.
    """
    angle = (axis_angle.square().sum(-1) + 1e-12).sqrt()[:, None, None]
    x, y, z = axis_angle.unbind(-1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).unflatten(-1, (3, 3))
    half = angle / 2
    first, second = torch.sin(angle) / angle, 0.5 * (torch.sin(half) / half).square()
    identity = torch.eye(3, dtype=axis_angle.dtype, device=axis_angle.device)
    return identity + first * cross + second * (cross @ cross)


def back_project(depth: Tensor, camera: Camera) -> Tensor:
    """Z K^-1 p for every pixel: depth (B, 1, H, W) -> points (B, H, W, 3)."""
    height, width = depth.shape[-2:]
    y, x = torch.meshgrid(
        torch.arange(height, dtype=depth.dtype, device=depth.device),
        torch.arange(width, dtype=depth.dtype, device=depth.device),
        indexing="ij",
    )
    rays = torch.stack([x, y], -1) - camera.centre[:, None, None]
    rays = rays / camera.focal[:, None, None]
    return F.pad(rays, (0, 1), value=1.0) * depth[:, 0, ..., None]


def project(points: Tensor, camera: Camera) -> Tensor:
    """K X, divided by its depth: points (B, H, W, 3) -> pixels (B, H, W, 2), x then y."""
    ahead = points[..., 2:].clamp(min=LEAST_AHEAD)
    return points[..., :2] / ahead * camera.focal[:, None, None] + camera.centre[:, None, None]


def sampling_grid(depth: Tensor, camera: Camera, motion: Motion) -> Tensor:
    """Where the target's pixels lie in a neighbour, q ~ K (R Z(p) K^-1 p + t) (eq. 3).

    Args:
        depth: (B, 1, H, W) of the target.
        camera: of both frames.
        motion: takes points as the target's camera sees them to how the neighbour's sees them.

    Returns:
        (B, H, W, 2), x then y, normalised for :func:`sample`; outside [-1, 1] is off the picture.
    """
    height, width = depth.shape[-2:]
    points = back_project(depth, camera)
    moved = points @ motion.rotation.transpose(1, 2)[:, None] + motion.translation[:, None, None]
    last = depth.new_tensor([width - 1, height - 1])
    return 2 * project(moved, camera) / last - 1


def sample(picture: Tensor, grid: Tensor) -> Tensor:
    """The picture (B, C, H, W) at a grid, bilinearly; beyond its border the border goes on."""
    return F.grid_sample(picture, grid, padding_mode="border", align_corners=True)
