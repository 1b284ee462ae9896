"""Disturbances of training pictures: place, colour, sharpness, noise and things in front of a face.

Every function takes and returns batches of (B, 3, H, W) float32 in [0, 1].
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Placement:
    """Where pictures are put: out(z) = in(linear z + move + bend(z)), z in [-1, 1].

    Attributes:
        linear: (B, 2, 2); move: (B, 2); bend: (B, 2, n, n), a coarse grid of offsets.
    """

    linear: Tensor
    move: Tensor
    bend: Tensor

    def image(self, image: Tensor, size: int) -> Tensor:
        """Resample pictures to ``size``; the outside mirrors the inside.

        Samples lie where the networks' own shrinking takes them: on the top left pixel of blocks.
        """
        b, h, w = len(image), size, size
        base = F.affine_grid(
            torch.cat([self.linear, self.move[..., None]], -1), [b, 3, h, w], align_corners=False
        )
        base = base - (1 / size - 1 / image.shape[-1])
        offset = F.interpolate(self.bend, size=(h, w), mode="bicubic", align_corners=False)
        grid = base + offset.permute(0, 2, 3, 1)
        return F.grid_sample(image, grid, padding_mode="reflection", align_corners=False)

    def points(self, points: Tensor) -> Tensor:
        """The same for landmarks in pixels of 256, (B, N, 3); z grows with the zoom."""
        outward = torch.linalg.inv(self.linear).transpose(1, 2)
        field = F.interpolate(self.bend, size=(64, 64), mode="bicubic", align_corners=False)
        there = points[..., :2] / 128 - 1 - self.move[:, None]
        found = there @ outward
        for _ in range(4):  # solves for z by fixed point; the bend is gentle
            offset = F.grid_sample(
                field, found[:, :, None], padding_mode="border", align_corners=False
            )
            found = (there - offset[..., 0].transpose(1, 2)) @ outward
        zoom = torch.linalg.det(self.linear).abs().rsqrt()[:, None]
        return torch.cat([(found + 1) * 128, (points[..., 2] * zoom)[..., None]], -1)


def placement(
    batch: int, turn_deg: float, zoom: float, shift: float, stretch: float = 0.0, bend: float = 0.0
) -> Placement:
    """Random placements: turn, zoom, shift, unequal stretch, and a gentle bend; no mirroring."""
    angle = torch.randn(batch) * (turn_deg * torch.pi / 180)
    scale = torch.exp(torch.randn(batch) * zoom)
    aspect = torch.exp(torch.randn(batch) * stretch)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    first = torch.stack([cos * aspect, -sin * aspect], -1)
    second = torch.stack([sin / aspect, cos / aspect], -1)
    shear = torch.eye(2).repeat(batch, 1, 1)
    shear[:, 0, 1] = torch.randn(batch) * stretch
    offsets = torch.randn(batch, 2, 5, 5) * bend
    return Placement(
        torch.stack([first, second], 1) @ shear, torch.randn(batch, 2) * shift, offsets
    )


def colour(image: Tensor, strength: float = 1.0) -> Tensor:
    """Random gain, offset, gamma, saturation and white balance, one draw for each picture."""
    b = len(image)

    def draw(spread: float, channels: int = 1) -> Tensor:
        return torch.randn(b, channels, 1, 1) * (spread * strength)

    image = image.clamp(0, 1) ** torch.exp(draw(0.15))
    grey = image.mean(1, keepdim=True)
    image = grey + (image - grey) * torch.exp(draw(0.25))
    return (image * torch.exp(draw(0.15) + draw(0.08, 3)) + draw(0.05)).clamp(0, 1)


def colour_pairs(first: Tensor, second: Tensor, strength: float = 1.0) -> tuple[Tensor, Tensor]:
    """The same random colours for both pictures of each pair."""
    side_by_side = colour(torch.cat([first, second], -1), strength)
    a, b = side_by_side.chunk(2, -1)
    return a.contiguous(), b.contiguous()


def degrade(image: Tensor) -> Tensor:
    """Blur or coarser pixels on some pictures, noise on some, a plain box in front of some."""
    b, _, h, w = image.shape
    pick = torch.rand(b, 1, 1, 1)
    blurred = F.avg_pool2d(image, 3, 1, 1, count_include_pad=False)
    coarse = F.interpolate(F.avg_pool2d(image, 2), size=(h, w), mode="bilinear")
    image = torch.where(pick < 0.15, blurred, torch.where(pick > 0.88, coarse, image))
    noise = torch.randn_like(image) * (torch.rand(b, 1, 1, 1) * 0.05)
    image = torch.where(torch.rand(b, 1, 1, 1) < 0.5, image + noise, image)
    size = torch.rand(b, 2) * 0.3 + 0.08
    start = torch.rand(b, 2) * (1 - size)
    rows, columns = torch.linspace(0, 1, h), torch.linspace(0, 1, w)
    inside_y = (rows > start[:, :1]) & (rows < start[:, :1] + size[:, :1])
    inside_x = (columns > start[:, 1:]) & (columns < start[:, 1:] + size[:, 1:])
    box = (inside_y[:, None, :, None] & inside_x[:, None, None, :]) & (
        torch.rand(b, 1, 1, 1) < 0.25
    )
    return torch.where(box, torch.rand(b, 3, 1, 1), image).clamp(0, 1)
