"""Keypoints that crowd together."""

import pytest
import torch

from tools.training.reenact.distance import distance_loss

POINTS = torch.tensor([[[0.0, 0.0], [0.1, 0.0], [0.0, 0.5]]])
"""One pair of three is nearer than 0.2: by half."""


def test_sign_counts_pairs_and_trains_nothing() -> None:
    points = POINTS.clone().requires_grad_()
    loss = distance_loss(points, "sign")
    assert loss.item() == pytest.approx(2 / 3)
    loss.backward()
    assert points.grad is not None
    assert points.grad.abs().max() == 0


def test_hinge_pushes_the_crowded_pair_apart() -> None:
    points = POINTS.clone().requires_grad_()
    loss = distance_loss(points, "hinge")
    assert loss.item() == pytest.approx(0.5 / 3, abs=1e-6)
    loss.backward()
    # d loss / d |p_0 - p_1| = -1 / 0.2 / 3 pairs
    expected = torch.tensor([[[1 / 0.6, 0.0], [-1 / 0.6, 0.0], [0.0, 0.0]]])
    assert points.grad is not None
    assert torch.allclose(points.grad, expected, atol=1e-5)


def test_coinciding_points_have_a_finite_gradient() -> None:
    points = torch.zeros(2, 4, 2, requires_grad=True)
    loss = distance_loss(points, "hinge")
    assert loss.item() == pytest.approx(1, abs=1e-4)
    loss.backward()
    assert points.grad is not None
    assert points.grad.isfinite().all()
