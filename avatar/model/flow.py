"""Dense motion F_m (DaGAN section 3.3, first-order motion): keypoints -> flow and occlusion.

The jacobians arrive combined: ``affine`` = J_s J_d^-1, made outside the graph in float32, so that
no engine has to invert a matrix.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from avatar.model.blocks import ConvBlock, Hourglass, UpBlock, coordinate_grid, full
from avatar.model.params import ModelParams

GAUSSIAN_VARIANCE = 0.01


class Motion(NamedTuple):
    """flow (B, h, w, 2): where in the portrait each place comes from; occlusion (B, 1, h, w) in (0,
    1); features (B, C, h, w): what both were made from."""

    flow: Tensor
    occlusion: Tensor
    features: Tensor


class DenseMotion(nn.Module):
    """Mixes K + 1 candidate motions (the background stands still) by a predicted mask."""

    def __init__(self, params: ModelParams) -> None:
        super().__init__()
        self.align_corners = params.align_corners
        self.residual_scale = params.flow_residual
        k, base = params.num_keypoints, params.flow_base
        channels = 4 * (k + 1)
        self.stem = ConvBlock(channels, params.flow_stem, stride=2) if params.flow_stem else None
        self.hourglass = Hourglass(
            params.flow_stem or channels, base, params.flow_max, params.flow_blocks
        )
        channels = self.hourglass.channels
        self.unstem = UpBlock(channels, base) if params.flow_stem else None
        channels = self.channels = base if params.flow_stem else channels
        kernel = params.flow_kernel
        self.mask = nn.Conv2d(channels, k + 1, kernel, padding=kernel // 2)
        self.occlusion = nn.Conv2d(channels, 1, kernel, padding=kernel // 2)
        self.residual: nn.Conv2d | None = None
        if params.flow_residual:
            self.residual = nn.Conv2d(channels, 2, kernel, padding=kernel // 2)
            nn.init.zeros_(self.residual.weight)
            assert self.residual.bias is not None
            nn.init.zeros_(self.residual.bias)
        side = params.flow_size
        grid = coordinate_grid(side, side)
        self.register_buffer("grid", grid, persistent=False)
        flat = grid.reshape(-1, 2)
        points = torch.cat([flat, torch.ones_like(flat[:, :1])], 1)
        self.register_buffer("homogeneous", points, persistent=False)

    def forward(
        self,
        small: Tensor,
        source: Tensor,
        driving: Tensor,
        affine: Tensor,
        taps: dict[str, Tensor] | None = None,
    ) -> Motion:
        """The motion that takes the portrait to the driving pose.

        Args:
            small: (B, 3, h, w) portrait at the flow size.
            source, driving: (B, K, 2) keypoints in [-1, 1].
            affine: (B, K, 2, 2), J_s J_d^-1 of each keypoint.
            taps: receives intermediate tensors by name.
        """
        batch, k = source.shape[:2]
        grid: Tensor = self.grid  # type: ignore[assignment]
        h, w = grid.shape[:2]
        # T_k(z) = J_s J_d^-1 (z - p_d) + p_s, as one product of (x, y, 1) with a 3x2 matrix.
        shift = source - (affine * driving.unsqueeze(-2)).sum(-1)
        columns = torch.cat([affine.transpose(-1, -2), shift.unsqueeze(-2)], -2)  # (B, K, 3, 2)
        points: Tensor = self.homogeneous  # type: ignore[assignment]
        moved = torch.matmul(points, columns).unflatten(2, (h, w))
        still = grid.expand(batch, 1, h, w, 2)
        candidates = torch.cat([still, moved], 1)  # (B, K + 1, h, w, 2)

        copies = small[:, None].expand(batch, k + 1, 3, h, w).reshape(-1, 3, h, w)
        warped = F.grid_sample(
            copies, candidates.reshape(-1, h, w, 2), align_corners=self.align_corners
        ).reshape(batch, k + 1, 3, h, w)
        heat = gaussians(driving, grid) - gaussians(source, grid)
        heat = torch.cat([torch.zeros_like(heat[:, :1]), heat], 1).unsqueeze(2)
        x = torch.cat([heat, warped], 2).flatten(1, 2)

        if self.stem is not None:
            x = self.stem(x)
        x = self.hourglass(x)
        if self.unstem is not None:
            x = self.unstem(x)
        mask = torch.softmax(full(self.mask(x)), 1)
        flow = (mask.unsqueeze(-1) * candidates).sum(1)
        if self.residual is not None:
            flow = flow + self.residual_scale * full(self.residual(x)).permute(0, 2, 3, 1)
        occlusion = torch.sigmoid(full(self.occlusion(x)))
        if taps is not None:
            taps |= {"mask": mask, "flow": flow, "occlusion": occlusion, "candidates": warped}
        return Motion(flow, occlusion, x)


def gaussians(keypoints: Tensor, grid: Tensor) -> Tensor:
    """(B, K, h, w): exp(-|z - p|^2 / (2 * 0.01)) of each keypoint (B, K, 2) over the grid (h, w,
    2)."""
    scale = -0.5 / GAUSSIAN_VARIANCE
    x = torch.exp((grid[0, :, 0] - keypoints[..., 0:1]).square() * scale)  # (B, K, w)
    y = torch.exp((grid[:, 0, 1] - keypoints[..., 1:2]).square() * scale)  # (B, K, h)
    return y.unsqueeze(-1) * x.unsqueeze(-2)
