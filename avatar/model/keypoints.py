"""The keypoint detector F_kp (DaGAN section 3.2): RGB and disparity -> keypoints with jacobians.

Without ``keypoint_depth`` it sees RGB alone, as in the first order motion model.
"""

import torch
from torch import Tensor, nn

from avatar.model.blocks import AntiAlias, ConvBlock, Hourglass, coordinate_grid, fitted
from avatar.model.params import ModelParams


class KeypointDetector(nn.Module):
    """Hourglass heat maps; a keypoint is the softmax-weighted mean of the grid, and so is its
    jacobian."""

    def __init__(self, params: ModelParams) -> None:
        super().__init__()
        self.temperature = params.temperature
        self.use_depth = params.detects_by_depth
        k = params.num_keypoints
        channels = 4 if params.detects_by_depth else 3
        side = params.keypoint_size
        self.shrink = AntiAlias(side)
        self.stem = (
            ConvBlock(channels, params.keypoint_stem, stride=2) if params.keypoint_stem else None
        )
        if self.stem is not None:
            channels, side = params.keypoint_stem, side // 2
        self.hourglass = Hourglass(
            channels, params.keypoint_base, params.keypoint_max, params.keypoint_blocks
        )
        channels = self.hourglass.channels
        self.heatmap = nn.Conv2d(
            channels, k, params.keypoint_kernel, padding=params.keypoint_padding
        )
        self.jacobian = nn.Conv2d(
            channels, 4 * k, params.jacobian_kernel, padding=params.jacobian_padding
        )
        nn.init.zeros_(self.jacobian.weight)
        assert self.jacobian.bias is not None
        with torch.no_grad():
            self.jacobian.bias.copy_(torch.tensor([1.0, 0.0, 0.0, 1.0] * k, device="cpu"))
        side = side - params.keypoint_kernel + 1 + 2 * params.keypoint_padding
        self.register_buffer("grid", coordinate_grid(side, side).reshape(-1, 2), persistent=False)

    def reduce(self, rgb: Tensor, disparity: Tensor | None) -> Tensor:
        """What the detector sees: (B, 4, S, S), RGB and disparity at the keypoint size (B, 3
        without)."""
        if disparity is None or not self.use_depth:
            return self.shrink(rgb)
        if disparity.shape == rgb[:, :1].shape:
            return self.shrink(torch.cat([rgb, disparity], 1))
        return torch.cat([self.shrink(rgb), self.shrink(disparity)], 1)

    def forward(
        self, rgb: Tensor, disparity: Tensor | None = None, taps: dict[str, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Keypoints of a picture.

        Args:
            rgb: (B, 3, H, W) in [0, 1].
            disparity: (B, 1, h, w) in (0, 1) from F_d; None only when the detector is RGB.
            taps: receives intermediate tensors by name.

        Returns:
            value (B, K, 2) in [-1, 1], x then y; jacobian (B, K, 2, 2).
        """
        small = self.reduce(rgb, disparity)
        features = self.hourglass(small if self.stem is None else self.stem(small))
        features = fitted(features, self.heatmap.weight)
        logits = self.heatmap(features).flatten(2)
        heat = torch.softmax(logits / self.temperature, -1)  # (B, K, N)
        grid: Tensor = self.grid  # type: ignore[assignment]
        value = torch.matmul(heat, grid)
        maps = self.jacobian(features).flatten(2).unflatten(1, (-1, 4))  # (B, K, 4, N)
        jacobian = torch.matmul(maps, heat.unsqueeze(-1)).reshape(*value.shape, 2)
        if taps is not None:
            taps |= {"kp_input": small, "kp_heatmap": heat}
        return value, jacobian
