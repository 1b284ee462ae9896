"""The affine part of the motion."""

import numpy as np
import torch

from avatar.model.dagan import combine_jacobians
from tools.training.motion import affine_of, inverse


def test_affine_is_what_the_engine_combines() -> None:
    random = np.random.default_rng(0)
    source, driving = random.normal(size=(2, 20, 2, 2)).astype(np.float32)
    got = affine_of(torch.from_numpy(source), torch.from_numpy(driving))
    np.testing.assert_allclose(got, combine_jacobians(source, driving), rtol=2e-3, atol=1e-3)


def test_inverse_of_invertible_and_singular_matrices() -> None:
    matrix = torch.tensor([[[2.0, 1.0], [0.5, -1.0]], [[1.0, 2.0], [2.0, 4.0]]])
    found = inverse(matrix)
    assert torch.allclose(found[0] @ matrix[0], torch.eye(2), atol=1e-6)
    assert found[1].isfinite().all()


def test_gradient_is_that_of_the_inverse() -> None:
    matrix = torch.tensor([[1.2, 0.3], [-0.2, 0.8]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(inverse, matrix)
