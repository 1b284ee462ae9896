"""The anti-aliased pyramid."""

import numpy as np
import pytest
import torch

from tools.training.reenact.pyramid import Pyramid


@pytest.mark.parametrize(("ratio", "taps"), [(2, 5), (4, 13), (8, 29)])
def test_it_is_a_direct_convolution_and_every_nth_pixel(ratio: int, taps: int) -> None:
    image = np.random.default_rng(0).random((24, 32))
    sigma = (ratio - 1) / 2
    axis = np.arange(taps) - taps // 2
    line = np.exp(-(axis**2) / (2 * sigma**2))
    kernel = np.outer(line, line) / np.outer(line, line).sum()
    padded = np.pad(image, taps // 2)
    expected = [
        [(padded[y : y + taps, x : x + taps] * kernel).sum() for x in range(0, 32, ratio)]
        for y in range(0, 24, ratio)
    ]
    picture = torch.from_numpy(image).float().expand(1, 3, -1, -1)
    (got,) = Pyramid((ratio,))(picture)
    assert got.shape == (1, 3, 24 // ratio, 32 // ratio)
    assert got[0, 1].numpy() == pytest.approx(np.array(expected), abs=1e-5)


def test_ratio_one_is_the_picture_itself() -> None:
    image = torch.rand(1, 3, 8, 8)
    first, second = Pyramid((1, 2))(image)
    assert first is image
    assert second.shape == (1, 3, 4, 4)


def test_it_has_no_buffers_that_processes_would_exchange() -> None:
    assert not list(Pyramid().buffers())
    assert not any(p.requires_grad for p in Pyramid().parameters())
