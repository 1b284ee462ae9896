"""The random transform, its jacobian, and the losses that ask for equivariance."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from avatar.model.blocks import coordinate_grid
from tools.training.reenact.equivariance import Transform, draw, jacobian_loss, value_loss


def transforms(seed: int, count: int = 2, strength: float = 1.0) -> Transform:
    random = np.random.default_rng(seed)
    items = [draw(random) for _ in range(count)]
    spline = torch.stack([item["transform_spline"] for item in items]) * strength
    return Transform(torch.stack([item["transform_affine"] for item in items]), spline)


def test_values_by_hand() -> None:
    affine = torch.tensor([[[1.0, 0.5, 0.1], [0.0, 2.0, -0.2]]])
    spline = torch.zeros(1, 25)
    spline[0, 12] = 0.3  # the centre
    spline[0, 4] = -0.2  # x = 1, y = -1
    got = Transform(affine, spline).points(torch.tensor([[[0.25, -0.5]]]))[0, 0]

    def u(r: float) -> float:
        return r * r * math.log(r + 1e-6)

    bend = 0.3 * u(0.75) - 0.2 * u(0.75 + 0.5)
    assert got[0] == pytest.approx(0.25 + 0.5 * -0.5 + 0.1 + bend, abs=1e-6)
    assert got[1] == pytest.approx(2 * -0.5 - 0.2 + bend, abs=1e-6)


@given(seed=st.integers(0, 2**32 - 1))
def test_jacobian_is_the_derivative(seed: int) -> None:
    transform = transforms(seed, strength=20)
    x = torch.from_numpy(np.random.default_rng(seed).uniform(-0.95, 0.95, (2, 3, 2))).float()
    found = transform.jacobian(x)
    for b in range(2):
        for n in range(3):
            one = Transform(transform.affine[b : b + 1], transform.spline[b : b + 1])
            expected = torch.autograd.functional.jacobian(
                lambda p, one=one: one.points(p[None, None])[0, 0], x[b, n]
            )
            assert torch.allclose(found[b, n], expected, atol=1e-5)


def test_draws_are_near_the_identity_and_differ() -> None:
    random = np.random.default_rng(0)
    items = [draw(random) for _ in range(2000)]
    affine = torch.stack([item["transform_affine"] for item in items])
    spline = torch.stack([item["transform_spline"] for item in items])
    assert torch.allclose(affine.mean(0), torch.eye(2, 3), atol=0.01)
    assert affine.std(0).numpy() == pytest.approx(0.05, rel=0.1)
    assert spline.std(0).numpy() == pytest.approx(0.005, rel=0.1)


@pytest.mark.parametrize("align_corners", [True, False])
def test_the_warped_picture_shows_what_the_transform_says(align_corners: bool) -> None:
    transform = transforms(3, 1)
    grid = coordinate_grid(65, 65)
    if not align_corners:  # what lies where, by the edges of the picture
        grid = grid * 64 / 65
    image = grid.permute(2, 0, 1)[None]  # a picture of its own coordinates
    warped = transform.picture(image, align_corners)
    wanted = transform.points(coordinate_grid(65, 65).reshape(1, -1, 2)).unflatten(1, (65, 65))
    inside = (wanted.abs() < 0.95).all(-1)
    got = warped.permute(0, 2, 3, 1)
    assert inside.float().mean() > 0.5
    assert torch.allclose(got[inside], wanted[inside], atol=1e-4)


def test_a_perfectly_equivariant_detector_loses_nothing() -> None:
    transform = transforms(5)
    p_t = torch.rand(2, 4, 2) - 0.5  # where it sees things in the warped picture
    j_t = torch.eye(2) + 0.2 * torch.randn(2, 4, 2, 2)
    p_d = transform.points(p_t)
    j_d = transform.jacobian(p_t) @ j_t
    assert value_loss(p_d, p_t, transform) == 0
    assert jacobian_loss(j_d, p_t, j_t, transform) == pytest.approx(0, abs=1e-5)
    shifted = p_d + torch.tensor([0.1, 0.0])
    assert value_loss(shifted, p_t, transform) == pytest.approx(0.05, abs=1e-6)
    assert jacobian_loss(2 * j_d, p_t, j_t, transform) == pytest.approx(0.25, abs=1e-5)


def test_nothing_drawn_is_the_identity() -> None:
    still = Transform(torch.eye(2, 3)[None], torch.zeros(1, 25))
    image = torch.rand(1, 3, 16, 16)
    assert torch.allclose(still.picture(image, True), image, atol=1e-5)
    x = torch.rand(1, 5, 2)
    assert torch.equal(still.points(x), x)
    assert torch.equal(still.jacobian(x), torch.eye(2).expand(1, 5, 2, 2))
