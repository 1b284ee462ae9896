"""Disturbances of pictures, and what they do to points and keypoints."""

import torch

from tools.training import bank
from tools.training import old_augment as augment
from tools.training.old_augment import Placement


def blob(x: float, y: float, size: int = 256) -> torch.Tensor:
    """A picture that is bright around one place, in pixels."""
    axis = torch.arange(size) + 0.5
    spot = torch.exp(-0.5 * (((axis - x) / 6) ** 2 + ((axis[:, None] - y) / 6) ** 2))
    return spot.expand(1, 3, size, size)


def brightest(image: torch.Tensor) -> torch.Tensor:
    """Where it is brightest, x and y in pixels (centre of mass)."""
    mass = image[0, 0] / image[0, 0].sum()
    axis = torch.arange(image.shape[-1]) + 0.5
    return torch.stack([(mass.sum(0) * axis).sum(), (mass.sum(1) * axis).sum()])


def test_points_land_where_the_picture_does() -> None:
    torch.manual_seed(3)
    place = augment.placement(1, turn_deg=12, zoom=0.1, shift=0.1, stretch=0.05, bend=0.03)
    points = place.points(torch.tensor([[[110.0, 150.0, 7.0]]]))
    assert (brightest(place.image(blob(110, 150), 256)) - points[0, 0, :2]).abs().max() < 1.0
    assert (points[0, 0, :2] - torch.tensor([110.0, 150.0])).abs().max() > 2  # it did move


def test_keypoints_are_placed_like_points() -> None:
    torch.manual_seed(4)
    place = augment.placement(1, turn_deg=12, zoom=0.1, shift=0.1, stretch=0.05)
    pixel = torch.tensor([[[110.0, 150.0, 0.0]]])
    value = (pixel[..., :2] - 0.5) / 127.5 - 1
    moved, jacobian = bank.placed(value, torch.eye(2)[None, None], place)
    assert torch.allclose((moved + 1) * 127.5 + 0.5, place.points(pixel)[..., :2], atol=1e-2)
    assert torch.allclose(jacobian[0, 0], torch.linalg.inv(place.linear[0]), atol=1e-5)


def test_nothing_changes_without_strength() -> None:
    place = augment.placement(2, turn_deg=0, zoom=0, shift=0)
    image = torch.rand(2, 3, 64, 64)
    assert torch.allclose(place.image(image, 64), image, atol=1e-5)
    assert torch.allclose(augment.colour(image, strength=0), image, atol=1e-5)


def test_shrinking_samples_the_top_left_pixels() -> None:
    still = Placement(torch.eye(2)[None], torch.zeros(1, 2), torch.zeros(1, 2, 5, 5))
    image = torch.rand(1, 3, 256, 256)
    assert torch.allclose(still.image(image, 128), image[..., ::2, ::2], atol=1e-4)


def test_pairs_get_the_same_colours() -> None:
    image = torch.rand(3, 3, 16, 16)
    first, second = augment.colour_pairs(image, image, strength=1)
    assert torch.equal(first, second)
    assert not torch.allclose(first, image, atol=0.02)


def test_degraded_pictures_stay_in_range() -> None:
    torch.manual_seed(0)
    worse = augment.degrade(torch.rand(16, 3, 32, 32))
    assert worse.min() >= 0
    assert worse.max() <= 1


def test_mirrored_keypoints_mirror_back() -> None:
    value, jacobian = torch.rand(1, 20, 2), torch.rand(1, 20, 2, 2)
    flip = torch.tensor([True])
    again = bank.mirrored(*bank.mirrored(value, jacobian, flip), flip)
    assert torch.allclose(again[0], value)
    assert torch.allclose(again[1], jacobian)
