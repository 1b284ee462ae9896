"""The generator (DaGAN section 3.3): warp the portrait's features, attend, decode."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from avatar.model.blocks import AntiAlias, ConvBlock, DownBlock, ResBlock, UpBlock, fitted, full
from avatar.model.flow import DenseMotion
from avatar.model.params import ModelParams
from avatar.model.spade import SpadeDecoder


class Code(NamedTuple):
    """Everything that depends on the portrait alone. Batch first; empty tensors where a switch is
    off.

    portrait: (B, 3, H, W) in [0, 1]; half: at half resolution; small: at the flow size.
    features: (B, C, H/4, W/4), F. query: (B, c, n), from the portrait's depth; empty where warped
    appearance asks. projections: (B, c + C, g, g), the keys W_k F and the values W_v F on the
    attention grid, both without bias: 1x1 convolutions commute with the warp and the occlusion
    product, their bias does not. Where appearance asks, W_q F comes before them: (B, 2c + C, g, g).
    """

    portrait: Tensor
    half: Tensor
    small: Tensor
    features: Tensor
    query: Tensor
    projections: Tensor


class Encoder(nn.Sequential):
    """Same 7x7, then two Down blocks: (B, inputs, S, S) -> (B, widths[2], S/4, S/4)."""

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__(
            ConvBlock(inputs, widths[0], 7),
            DownBlock(widths[0], widths[1]),
            DownBlock(widths[1], widths[2]),
        )


class Attention(nn.Module):
    """Attention (eqs. 6 to 9): keys and values from warped appearance, queries from the portrait's
    depth (cross-modal attention) or from the same appearance (self-attention).

    q = ReLU(W_q f_d + b), k = ReLU(W_k f + b), v = ReLU(W_v f + b); out = gamma * softmax(q^T k) v.
    """

    def __init__(self, features: int, asking: int | None, channels: int, pool: int) -> None:
        """``asking``: channels of the depth features that ask; None where appearance does."""
        super().__init__()
        self.pool = pool
        self.by_depth = asking is not None
        self.query = nn.Conv2d(features if asking is None else asking, channels, 1)
        self.key = nn.Conv2d(features, channels, 1)
        self.value = nn.Conv2d(features, features, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def encode(self, features: Tensor, depth_features: Tensor | None) -> tuple[Tensor, Tensor]:
        """The portrait's part: query (B, c, n) or empty, and the projections without bias on the
        grid."""
        grid = F.avg_pool2d(features, self.pool) if self.pool > 1 else features
        if depth_features is None:
            return features.new_empty(0), F.conv2d(grid, torch.cat(self._projecting("weight")))
        depth_features = fitted(depth_features, self.query.weight)
        ratio = depth_features.shape[-1] // grid.shape[-1]
        if ratio > 1:
            depth_features = F.avg_pool2d(depth_features, ratio)
        query = F.relu(self.query(depth_features)).flatten(2)
        return query, F.conv2d(grid, torch.cat(self._projecting("weight")))

    def forward(
        self, query: Tensor, projections: Tensor, taps: dict[str, Tensor] | None = None
    ) -> Tensor:
        """Context (B, C, g, g) from warped and occluded projections that still lack their bias."""
        bias = torch.cat(self._projecting("bias"))[:, None, None]
        together = F.relu(projections + bias)
        channels = self.query.out_channels
        if not self.by_depth:
            query, together = together[:, :channels].flatten(2), together[:, channels:]
        k, v = together[:, :channels].flatten(2), together[:, channels:].flatten(2)
        weights = torch.softmax(torch.matmul(query.transpose(1, 2), k), -1)  # (B, n, n)
        # Of FP16 only the second product, which is most of the work.
        shares, v = fitted(weights, self.value.weight), fitted(v, self.value.weight)
        context = torch.matmul(shares, v.transpose(1, 2)).transpose(1, 2)
        if taps is not None:
            taps["attention"] = weights
        return self.gamma * context.unflatten(2, projections.shape[-2:])

    def _projecting(self, kind: str) -> list[Tensor]:
        """Weights or biases of what the warped features go through, in the order of projections."""
        asking = [] if self.by_depth else [self.query]
        return [full(getattr(conv, kind)) for conv in (*asking, self.key, self.value)]


class Generator(nn.Module):
    """Portrait code and motion -> picture."""

    def __init__(self, params: ModelParams) -> None:
        super().__init__()
        self.params = params
        features = params.encoder[2]
        skip = 3 if params.warp_skips else 0
        self.shrink = AntiAlias(params.flow_size)
        self.halve = nn.AvgPool2d(2)
        self.encoder = Encoder(3, params.encoder)
        self.flow = DenseMotion(params)
        self.depth_encoder: Encoder | None = None
        self.attention: Attention | None = None
        asking: int | None = None
        if params.attends_by_depth:
            self.depth_encoder = Encoder(1, params.depth_features)
            asking = params.depth_features[2]
        if params.use_attention:
            self.attention = Attention(
                features, asking, params.attention_channels, params.attention_pool
            )
        self.motion: nn.Conv2d | None = None
        if params.motion_features:
            self.motion = nn.Conv2d(self.flow.channels, features, 1)
            nn.init.zeros_(self.motion.weight)  # weights that were trained without it stay valid
            assert self.motion.bias is not None
            nn.init.zeros_(self.motion.bias)
        self.spade: SpadeDecoder | None = None
        if params.spade:
            self.spade = SpadeDecoder(features)
            return  # the paper's decoder, which follows, is not built
        self.bottleneck = nn.Sequential(*(ResBlock(features) for _ in range(params.bottleneck)))
        self.up1 = UpBlock(features, params.decoder[0], skip)
        self.up2 = UpBlock(params.decoder[0], params.decoder[1], skip)
        kernel = params.output_kernel
        self.output = nn.Conv2d(
            params.decoder[1], 4 if params.blend else 3, kernel, padding=kernel // 2
        )
        if params.blend:
            assert self.output.bias is not None
            with torch.no_grad():
                self.output.bias[3] = 1.0  # start by trusting the warp

    def encode(
        self, portrait: Tensor, disparity: Tensor | None, taps: dict[str, Tensor] | None = None
    ) -> Code:
        """The portrait's code.

        Args:
            portrait: (B, 3, H, W) in [0, 1].
            disparity: (B, 1, h, w) of the portrait; None only where depth does not attend.
            taps: receives intermediate tensors by name.
        """
        features = full(self.encoder(portrait))
        query = projections = portrait.new_empty(0)
        depth_features: Tensor | None = None
        if self.depth_encoder is not None:
            if disparity is None:
                raise ValueError(
                    "this model attends by depth: encode needs the portrait's disparity"
                )
            depth_features = self.depth_encoder(disparity)
            if taps is not None:
                taps["depth_features"] = depth_features
        if self.attention is not None:
            query, projections = self.attention.encode(features, depth_features)
        half = self.halve(portrait) if self.params.warp_skips else portrait.new_empty(0)
        if taps is not None:
            taps["features"] = features
        return Code(portrait, half, self.shrink(portrait), features, query, projections)

    def forward(
        self,
        code: Code,
        source: Tensor,
        driving: Tensor,
        affine: Tensor,
        taps: dict[str, Tensor] | None = None,
    ) -> Tensor:
        """The portrait in the driving pose: (B, 3, H, W) in [0, 1].

        Args:
            code: from :meth:`encode`.
            source, driving: (B, K, 2) keypoints in [-1, 1].
            affine: (B, K, 2, 2), J_s J_d^-1 of each keypoint.
            taps: receives intermediate tensors by name.
        """
        flow, occlusion, motion = self.flow(code.small, source, driving, affine, taps)
        x = self.warp(code.features, flow) * self.fit(occlusion, code.features)  # eq. 8
        if taps is not None:
            taps["warped"] = x
        if self.attention is not None:
            visible = self.fit(occlusion, code.projections)
            moved = self.warp(code.projections, flow) * visible
            context = self.attention(code.query, moved, taps)
            if context.shape[-1] != x.shape[-1]:
                context = F.interpolate(
                    context, size=x.shape[-2:], mode="bilinear", align_corners=False
                )
            x = x + full(context)
            if taps is not None:
                taps["attended"] = x
        if self.motion is not None:
            x = x + self.motion(self.fit(motion, x))
        if self.spade is not None:
            seen = self.warp(code.portrait, flow) * self.fit(occlusion, code.portrait)
            return torch.sigmoid(full(self.spade(x, seen)))
        x = self.bottleneck(x)
        if not self.params.warp_skips:
            return self.compose(self.output(self.up2(self.up1(x))), code, flow, taps)
        x = self.up1(x, self.warp(code.half, flow))
        warped = self.warp(code.portrait, flow)
        return self.compose(self.output(self.up2(x, warped)), code, flow, taps, warped)

    def compose(
        self,
        output: Tensor,
        code: Code,
        flow: Tensor,
        taps: dict[str, Tensor] | None,
        warped: Tensor | None = None,
    ) -> Tensor:
        """The picture from the last convolution's output, blended with the warped portrait if
        asked."""
        output = torch.sigmoid(full(output))
        if not self.params.blend:
            return output
        rgb, trust = output[:, :3], output[:, 3:]
        warped = self.warp(code.portrait, flow) if warped is None else warped
        if taps is not None:
            taps |= {"blend": trust, "warped_portrait": warped, "synthesised": rgb}
        return rgb + trust * (warped - rgb)

    def warp(self, x: Tensor, flow: Tensor) -> Tensor:
        """Sample x (B, C, h, w) where the flow (B, g, g, 2) says, at x's own resolution."""
        if flow.shape[1:3] != x.shape[-2:]:
            flow = F.interpolate(
                flow.permute(0, 3, 1, 2),
                size=x.shape[-2:],
                mode="bilinear",
                align_corners=self.params.align_corners,
            ).permute(0, 2, 3, 1)
        return F.grid_sample(x, flow, align_corners=self.params.align_corners)

    def fit(self, made: Tensor, like: Tensor) -> Tensor:
        """What dense motion made, at the resolution of ``like``."""
        if made.shape[-2:] == like.shape[-2:]:
            return made
        return F.interpolate(made, size=like.shape[-2:], mode="bilinear", align_corners=False)
