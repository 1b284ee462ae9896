"""Losses of pixels, and where they count most."""

import pytest
import torch

from tools.training.reenact.pixels import (
    EYES_AND_MOUTH,
    attention_map,
    pyramid_distance,
    speaking_map,
)


def test_equal_pictures_are_at_no_distance() -> None:
    image = torch.rand(2, 3, 32, 32)
    assert pyramid_distance(image, image) == 0


def test_a_constant_difference_counts_once_on_each_level() -> None:
    image = torch.rand(2, 3, 32, 32)
    assert pyramid_distance(image, image + 0.1).item() == pytest.approx(0.1, abs=1e-5)


def test_an_edge_counts_by_its_gradient() -> None:
    a, b = torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)
    b[..., 2:] = 1
    # L1 1/2, across one column of three 1/3, down 0
    assert pyramid_distance(a, b, levels=1).item() == pytest.approx(1 / 2 + 1 / 3)


def test_weights_move_the_distance_to_where_they_lie() -> None:
    a, b = torch.zeros(1, 3, 16, 16), torch.zeros(1, 3, 16, 16)
    b[..., :4, :4] = 1
    near, far = torch.full((1, 1, 16, 16), 0.5), torch.full((1, 1, 16, 16), 0.5)
    near[..., :4, :4] = far[..., 12:, 12:] = 8
    assert pyramid_distance(a, b, near) > 4 * pyramid_distance(a, b, far)


def test_attention_map_favours_eyes_and_mouth() -> None:
    places = torch.full((1, 478, 2), 0.9)
    places[:, list(EYES_AND_MOUTH)] = torch.linspace(-0.3, 0.3, 12)[None, :, None]
    weight = attention_map(places, 64, 8.0)
    assert weight.mean() == pytest.approx(1, abs=1e-4)
    assert weight[0, 0, 32, 32] > 3 * weight[0, 0, 60, 60]
    near = speaking_map(places, 64)
    assert near.max() <= 1
    assert near[0, 0, 60, 5] < 1e-3
