"""Targets made from landmarks."""

import numpy as np
import pytest
import torch

from tools.training import landmarks
from tools.training.landmarks import GROUPS, MESH, MIRROR, Shape
from tools.training.placement import mirror


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    """A made-up symmetric face: (478, 3) px, mirrored landmarks where MIRROR needs them."""
    random = np.random.default_rng(0)
    points = random.uniform(60, 196, (478, 3))
    points[:, 2] = random.uniform(-40, 40, 478)
    for k, group in enumerate(GROUPS):
        for a, b in zip(group, GROUPS[MIRROR[k]], strict=True):
            if MIRROR[k] == k:
                points[a, 0] = 128
            else:
                points[b] = points[a] * [-1, 1, 1] + [256, 0, 0]
    points[10, :2], points[152, :2] = (128, 60), (128, 196)
    return points.astype(np.float32)


@pytest.fixture(scope="module")
def shape(face: np.ndarray) -> Shape:
    return landmarks.shape_of((face[:MESH, :2] - 128) / 127.5)


def test_jacobian_is_the_affine_map_from_the_mean_shape(face: np.ndarray, shape: Shape) -> None:
    linear = torch.tensor([[1.2, 0.3], [-0.2, 0.9]])
    moved = torch.from_numpy(face).clone()
    moved[:, :2] = (moved[:, :2] - 128) @ linear.T + 120
    value, jacobian = landmarks.keypoints(moved[None], shape)
    assert torch.allclose(jacobian, linear.expand_as(jacobian), atol=1e-4)
    nose = moved[list(GROUPS[0]), :2].mean(0)
    assert torch.allclose(value[0, 0], (nose - 0.5) / 127.5 - 1, atol=1e-5)


def test_folded_jacobians_are_made_invertible() -> None:
    folded = torch.tensor(
        [[[1.0, 0.0], [0.0, -0.5]], [[0.01, 0.0], [0.0, 2.0]], [[1.0, 0.2], [0.0, 1.0]]]
    )
    fixed = landmarks.well_conditioned(folded)
    assert torch.linalg.svdvals(fixed).min() >= landmarks.LEAST - 1e-5
    assert torch.linalg.det(fixed).min() > 0
    assert torch.allclose(fixed[2], folded[2], atol=1e-5)


def test_mean_shape_has_unit_determinant_and_stands_upright(face: np.ndarray) -> None:
    turned = []
    for angle in (-0.3, 0.1, 0.4):
        cos, sin = np.cos(angle), np.sin(angle)
        points = face.copy()
        points[:, :2] = (points[:, :2] - 128) @ np.array([[cos, sin], [-sin, cos]]) * 0.8 + 128
        turned.append(points)
    stacked = np.stack(turned).astype(np.float32)
    shape = landmarks.mean_shape(stacked)
    determinants = torch.linalg.det(landmarks.keypoints(torch.from_numpy(stacked), shape)[1])
    assert determinants.mean() == pytest.approx(1, abs=0.02)
    down = shape.points[152] - shape.points[10]
    assert abs(down[0]) < 1e-3 * down[1]


def test_mirrored_picture_has_mirrored_keypoints(face: np.ndarray, shape: Shape) -> None:
    linear = torch.tensor([[1.1, 0.3], [-0.2, 0.9]])
    points = torch.from_numpy(face)[None].clone()
    points[..., :2] = (points[..., :2] - 128) @ linear.T + 120
    _, turned = mirror(np.zeros((8, 8, 3), np.uint8), points[0].numpy())
    plain, straight = landmarks.keypoints(points, shape)
    value, jacobian = landmarks.keypoints(
        torch.from_numpy(turned)[None], shape, torch.tensor([True])
    )
    sign = torch.tensor([-1.0, 1.0])
    assert torch.allclose(value, plain[:, list(MIRROR)] * sign, atol=1e-5)
    # The fit of a mirrored face to a symmetric mean shape, so only as exact as that is symmetric.
    expected = straight[:, list(MIRROR)] * sign * sign[:, None]
    assert torch.allclose(jacobian, expected, atol=1e-3)


def test_disparity_is_nearest_at_the_nose_and_low_far_away() -> None:
    angle = torch.linspace(0, 20 * torch.pi, 478)
    radius = torch.linspace(0, 60, 478)
    points = torch.stack([128 + radius * angle.cos(), 128 + radius * angle.sin(), radius], -1)
    points[454, :2], points[234, :2] = torch.tensor([188.0, 128.0]), torch.tensor([68.0, 128.0])
    value, weight = landmarks.disparity(points[None], 64)
    assert value[0, 0, 32, 32] > 0.8
    assert value[0, 0, 32, 32] > value[0, 0, 32, 44] > value[0, 0, 0, 0]
    assert value[0, 0, 0, 0] == pytest.approx(0.1)
    assert weight[0, 0, 32, 32] == 1
    assert weight[0, 0, 0, 0] < 0.5


def test_openness_follows_lips(face: np.ndarray) -> None:
    still = np.stack([face, face])
    still[1, 14, 1] += 12
    lips = landmarks.openness(still)[1]
    assert lips[1] != pytest.approx(lips[0])
