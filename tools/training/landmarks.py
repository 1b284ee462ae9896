"""What the detector and the depth network are taught: targets made from MediaPipe's 478 points.

A keypoint is the mean of one or two landmarks; its jacobian is the least-squares affine map that
takes the neighbouring landmarks of a mean shape to their present places (COMPACT first weights; the
paper finds keypoints without supervision). Depth is MediaPipe's z, splatted over the face.

Coordinates of the targets are x, y in [-1, 1]: -1 is the centre of the first pixel of 256, 1 that
of the last, as ``align_corners`` of the compact preset wants.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

GROUPS: tuple[tuple[int, ...], ...] = (
    (1, 4),  # 0 nose tip
    (152,),  # 1 chin
    (9, 8),  # 2 between the brows
    (172, 58),  # 3 jaw, image left
    (397, 288),  # 4 jaw, image right
    (33,),  # 5 outer corner of the image-left eye
    (133,),  # 6 inner corner
    (362,),  # 7 inner corner of the image-right eye
    (263,),  # 8 outer corner
    (159,),  # 9 upper lid, image left
    (145,),  # 10 lower lid
    (386,),  # 11 upper lid, image right
    (374,),  # 12 lower lid
    (61,),  # 13 mouth corner, image left
    (291,),  # 14 mouth corner, image right
    (13,),  # 15 inner edge of the upper lip
    (14,),  # 16 inner edge of the lower lip
    (105, 66),  # 17 brow, image left
    (334, 296),  # 18 brow, image right
    (10, 151),  # 19 forehead
)
MIRROR = (0, 1, 2, 4, 3, 8, 7, 6, 5, 11, 12, 9, 10, 14, 13, 15, 16, 18, 17, 19)
"""The keypoint that each one becomes in a mirrored picture."""

GAPS = ((9, 10, 1.0), (11, 12, 1.0), (15, 16, 1.0))
"""Pairs of keypoints whose distance opens eyes and mouth, with weights."""

NEIGHBOURS = 28
LEAST = 0.3
"""Smallest singular value of a target jacobian."""
MESH = 468
"""Landmarks of the face surface; the last ten are the irises."""


@dataclass(frozen=True)
class Shape:
    """The mean face that jacobians are measured from.

    Attributes:
        points: (468, 2) float32, centred; scaled so that jacobians have a mean determinant of 1.
        neighbours: (K, 28) int64, the landmarks that a keypoint's jacobian is fitted to.
        solver: (K, 3, 28) float32, pseudo-inverse of (neighbours, 1): times places = affine map.
    """

    points: NDArray[np.float32]
    neighbours: NDArray[np.int64]
    solver: NDArray[np.float32]

    def save(self, path: Path) -> None:
        """Write the points; the rest follows from them."""
        np.savez(path, points=self.points)

    @staticmethod
    def load(path: Path) -> "Shape":
        """Read what :meth:`save` wrote."""
        with np.load(path) as stored:
            return shape_of(stored["points"])


def shape_of(points: NDArray[np.float32]) -> Shape:
    """The shape with these mean points."""
    groups = np.stack([points[list(group)].mean(0) for group in GROUPS])
    distance = np.linalg.norm(points[None] - groups[:, None], axis=-1)
    neighbours = np.argsort(distance, axis=1)[:, :NEIGHBOURS]
    ones = np.ones((len(GROUPS), NEIGHBOURS, 1), np.float32)
    solver = np.linalg.pinv(np.concatenate([points[neighbours], ones], axis=-1))
    return Shape(points.astype(np.float32), neighbours, solver.astype(np.float32))


def mean_shape(landmarks: NDArray[np.float32]) -> Shape:
    """Fit the mean face by Procrustes alignment (turn, zoom, shift).

    Args:
        landmarks: (N, 478, 3) float32 px of the training frames.
    """
    points = landmarks[:, :MESH, :2].astype(np.float64) / 127.5
    flat = points - points.mean(1, keepdims=True)
    z = flat[..., 0] + 1j * flat[..., 1]
    mean = z[0] / np.linalg.norm(z[0])
    for _ in range(5):
        turned = z * (z.conj() @ mean / (np.abs(z) ** 2).sum(1))[:, None]
        mean = turned.mean(0)
        mean /= np.linalg.norm(mean)
    upright = mean * np.exp(-1j * np.angle(mean[152] - mean[10])) * 1j  # chin straight below
    shape = shape_of(np.stack([upright.real, upright.imag], -1).astype(np.float32))
    sample = torch.from_numpy(landmarks[:: max(1, len(landmarks) // 2000)])
    fitted = affine(sample, shape)[..., :2]
    scale = float(torch.linalg.det(fitted).clamp(min=0).mean()) ** 0.5
    return shape_of(shape.points * scale)


def keypoints(landmarks: Tensor, shape: Shape, flip: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Landmarks (B, 478, 3) px of 256 -> value (B, K, 2), jacobian (B, K, 2, 2).

    ``flip`` (B,) bool says which landmarks were mirrored: left and right are then renamed, and as
    the mean shape is symmetric, its affine map changes its sign in x.
    """
    places = normalised(landmarks)
    value = torch.stack([places[:, list(group)].mean(1) for group in GROUPS], 1)
    linear = affine(landmarks, shape)[..., :2]
    if flip is not None:
        order = list(MIRROR)
        value = torch.where(flip[:, None, None], value[:, order], value)
        renamed = linear[:, order] * linear.new_tensor([-1, 1])
        linear = torch.where(flip[:, None, None, None], renamed, linear)
    return value, well_conditioned(linear)


def normalised(landmarks: Tensor) -> Tensor:
    """The face surface in [-1, 1]: (B, 478, 3) px of 256 -> (B, 468, 2)."""
    return (landmarks[:, :MESH, :2] - 0.5) / 127.5 - 1


def affine(landmarks: Tensor, shape: Shape) -> Tensor:
    """The least-squares maps from the mean shape, (B, K, 2, 3), the last column a shift."""
    near = normalised(landmarks)[:, torch.from_numpy(shape.neighbours)]  # (B, K, 28, 2)
    return torch.einsum("kan,bknc->bkca", torch.from_numpy(shape.solver), near)


def well_conditioned(jacobian: Tensor) -> Tensor:
    """Keep singular values within LEAST and 1 / LEAST: the flow inverts the driver's jacobians.

    Far sides of turned heads collapse or even fold over; their inverse would tear the picture.
    """
    u, s, v = torch.linalg.svd(jacobian)
    folded = torch.linalg.det(jacobian) < 0
    smallest = torch.where(folded, -s[..., 1], s[..., 1])
    u = torch.where(folded[..., None, None], u * u.new_tensor([1, -1]), u)
    s = torch.stack([s[..., 0], smallest], -1).clamp(LEAST, 1 / LEAST)
    return (u * s[..., None, :]) @ v


def disparity(landmarks: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Target disparity: landmarks (B, 478, 3) px of 256 -> disparity, weight (B, 1, size, size).

    The nose is near 0.9, the rim of the face about 0.4, whatever lies clearly outside 0.1; the band
    around the face (hair, ears, neck), which MediaPipe's mesh does not cover, has weight 0.
    """
    mesh = landmarks[:, :MESH]
    width = (mesh[:, 454] - mesh[:, 234]).norm(dim=-1).clamp(min=1.0)
    nearest = mesh[..., 2].amin(1, keepdim=True)
    depth = (mesh[..., 2] - nearest) / width[:, None]  # 0 at the nose, about 0.8 at the ears
    near = (0.9 - 0.65 * depth).clamp(0.15, 0.9)
    front = torch.exp(-4 * depth)  # where a turned head folds over itself, the front wins
    centre = (torch.arange(size, device=landmarks.device) + 0.5) * (256 / size)

    def splat(sigma: float) -> tuple[Tensor, Tensor]:
        across = torch.exp(-0.5 * ((mesh[..., 0, None] - centre) / sigma) ** 2)
        down = torch.exp(-0.5 * ((mesh[..., 1, None] - centre) / sigma) ** 2)
        mass = torch.einsum("bky,bkx->byx", down * front[..., None], across)
        value = torch.einsum("bky,bkx->byx", down * (front * near)[..., None], across)
        return value / mass.clamp(min=1e-6), torch.einsum("bky,bkx->byx", down, across)

    value, cover = splat(6.0)
    _, halo = splat(24.0)
    inside = cover > 0.3
    outside = halo < 0.05
    target = torch.where(inside, value, torch.full_like(value, 0.1))
    weight = inside.float() + 0.15 * outside.float()
    return target[:, None], weight[:, None]


def openness(landmarks: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Eye and mouth opening over the face height: (N, 478, 3) -> two (N,) arrays."""
    points = landmarks[..., :2]
    height = np.linalg.norm(points[:, 10] - points[:, 152], axis=-1) + 1e-6
    lids = np.linalg.norm(points[:, 159] - points[:, 145], axis=-1)
    lids = lids + np.linalg.norm(points[:, 386] - points[:, 374], axis=-1)
    lips = np.linalg.norm(points[:, 13] - points[:, 14], axis=-1)
    return (lids / height / 2).astype(np.float32), (lips / height).astype(np.float32)
