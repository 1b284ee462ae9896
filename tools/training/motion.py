"""The affine part of the motion, differentiable: J_s J_d^-1 as render takes it."""

import torch
from torch import Tensor

SMALLEST_DETERMINANT = 1e-6


def affine_of(source: Tensor, driving: Tensor) -> Tensor:
    """J_s J_d^-1 in closed form: (B, K, 2, 2) each; the portrait's batch may be 1."""
    return source @ inverse(driving)


def inverse(matrix: Tensor) -> Tensor:
    """Inverses of (..., 2, 2) in closed form; a singular matrix gives large but finite numbers."""
    a, b = matrix[..., 0, 0], matrix[..., 0, 1]
    c, d = matrix[..., 1, 0], matrix[..., 1, 1]
    determinant = a * d - b * c
    floor = torch.copysign(torch.full_like(determinant, SMALLEST_DETERMINANT), determinant)
    determinant = torch.where(determinant.abs() < SMALLEST_DETERMINANT, floor, determinant)
    adjugate = torch.stack([torch.stack([d, -b], -1), torch.stack([-c, a], -1)], -2)
    return adjugate / determinant[..., None, None]
