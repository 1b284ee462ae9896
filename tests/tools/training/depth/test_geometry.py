"""Pinhole geometry against hand-computed cases and its own laws."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tools.training.depth.geometry import (
    Camera,
    Motion,
    back_project,
    depth_of,
    project,
    rotation,
    sample,
    sampling_grid,
)

angles = st.lists(st.floats(-4, 4, width=32), min_size=3, max_size=3)


def camera(focal: float = 8.0, centre: float = 3.5) -> Camera:
    return Camera(torch.full((1, 2), focal), torch.full((1, 2), centre))


def still() -> Motion:
    return Motion(torch.eye(3)[None], torch.zeros(1, 3))


def test_disparity_ends_at_nearest_and_farthest() -> None:
    depth = depth_of(torch.tensor([0.0, 0.5, 1.0]))
    assert depth.tolist() == pytest.approx([100, 1 / 5.005, 0.1], rel=1e-6)


def test_quarter_turn_about_each_axis() -> None:
    quarter = math.pi / 2
    x, y, z = torch.eye(3)
    turn = rotation(torch.eye(3) * quarter)
    torch.testing.assert_close(turn[0] @ y, z, atol=1e-6, rtol=0)
    torch.testing.assert_close(turn[1] @ z, x, atol=1e-6, rtol=0)
    torch.testing.assert_close(turn[2] @ x, y, atol=1e-6, rtol=0)


@given(angles)
def test_rotation_is_orthogonal_and_keeps_its_axis(values: list[float]) -> None:
    axis = torch.tensor([values], dtype=torch.float64)
    turn = rotation(axis)[0]
    torch.testing.assert_close(turn @ turn.T, torch.eye(3).double(), atol=1e-9, rtol=0)
    assert float(torch.linalg.det(turn)) == pytest.approx(1, abs=1e-9)
    torch.testing.assert_close(turn @ axis[0], axis[0], atol=1e-9, rtol=1e-9)
    expected = 1 + 2 * math.cos(float(axis.norm()))
    assert float(turn.trace()) == pytest.approx(expected, abs=1e-6)


def test_rotation_has_a_gradient_at_no_motion() -> None:
    axis = torch.zeros(1, 3, requires_grad=True)
    (rotation(axis)[0] @ torch.tensor([0.0, 0.0, 1.0]))[0].backward()
    assert axis.grad is not None
    torch.testing.assert_close(axis.grad, torch.tensor([[0.0, 1.0, 0.0]]), atol=1e-5, rtol=0)


@given(angles, angles)
def test_inverse_composes_to_identity(turn: list[float], shift: list[float]) -> None:
    motion = Motion(
        rotation(torch.tensor([turn]).double()), torch.tensor([shift], dtype=torch.float64)
    )
    back = motion.inverse()
    point = torch.tensor([0.3, -2.0, 5.0], dtype=torch.float64)
    there = motion.rotation[0] @ point + motion.translation[0]
    again = back.rotation[0] @ there + back.translation[0]
    torch.testing.assert_close(again, point, atol=1e-8, rtol=0)


def test_back_projection_of_known_pixels() -> None:
    depth = torch.full((1, 1, 8, 8), 2.0)
    points = back_project(depth, camera(4.0, 3.0))
    torch.testing.assert_close(points[0, 3, 3], torch.tensor([0.0, 0.0, 2.0]))
    torch.testing.assert_close(points[0, 0, 7], torch.tensor([2.0, -1.5, 2.0]))


def test_points_behind_the_camera_stay_finite() -> None:
    points = torch.tensor([[[[1.0, 1.0, -3.0]]]])
    assert torch.isfinite(project(points, camera())).all()


@given(
    st.floats(1, 500, width=32),
    st.floats(-20, 20, width=32),
    st.lists(st.floats(0.125, 100, width=32), min_size=30, max_size=30),
)
def test_no_motion_is_the_identity_at_any_depth(
    focal: float, centre: float, depths: list[float]
) -> None:
    depth = torch.tensor(depths).reshape(1, 1, 5, 6)
    grid = sampling_grid(depth, camera(focal, centre), still())
    y, x = torch.meshgrid(torch.linspace(-1, 1, 5), torch.linspace(-1, 1, 6), indexing="ij")
    torch.testing.assert_close(grid[0], torch.stack([x, y], -1), atol=2e-4, rtol=0)


def test_no_motion_copies_the_picture() -> None:
    picture = torch.rand(1, 3, 8, 8)
    grid = sampling_grid(torch.rand(1, 1, 8, 8) + 0.5, camera(), still())
    torch.testing.assert_close(sample(picture, grid), picture, atol=1e-4, rtol=0)


def test_a_shift_moves_a_plane_by_its_disparity() -> None:
    """f t / Z = 8 * 0.5 / 2 = 2 px to the right, so the target's column 1 is the neighbour's 3."""
    picture = torch.rand(1, 3, 8, 8)
    motion = Motion(torch.eye(3)[None], torch.tensor([[0.5, 0.0, 0.0]]))
    grid = sampling_grid(torch.full((1, 1, 8, 8), 2.0), camera(), motion)
    warped = sample(picture, grid)
    torch.testing.assert_close(warped[..., :6], picture[..., 2:], atol=1e-5, rtol=0)
    border = picture[..., 7:].expand(-1, -1, -1, 2)
    torch.testing.assert_close(warped[..., 6:], border, atol=1e-5, rtol=0)


def test_coming_nearer_enlarges_about_the_principal_point() -> None:
    motion = Motion(torch.eye(3)[None], torch.tensor([[0.0, 0.0, -1.0]]))
    grid = sampling_grid(torch.full((1, 1, 8, 8), 2.0), camera(), motion)
    pixels = (grid[0, 2, 5] + 1) * 3.5
    torch.testing.assert_close(pixels, torch.tensor([3.5 + 2 * 1.5, 3.5 - 2 * 1.5]))
