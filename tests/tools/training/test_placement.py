"""Where pictures are put, and where that takes points."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from avatar.model.blocks import AntiAlias
from tools.training.placement import STILL, Placement, mirror, placement


def smooth(width: int = 256) -> np.ndarray:
    """A picture of soft spots, so that sampling hardly errs."""
    random = np.random.default_rng(5)
    coarse = torch.from_numpy(random.uniform(30, 225, (1, 3, 12, 12)))
    fine = F.interpolate(coarse, size=(width, width), mode="bicubic", align_corners=False)
    return fine[0].permute(1, 2, 0).clamp(0, 255).byte().numpy()


def reference(place: Placement, picture: np.ndarray, size: int) -> np.ndarray:
    """The same by torch's sampling: out(z) = in(linear z + move + bend(z)), where z of a result's
    pixel is the middle of the first pixel of its block."""
    width = picture.shape[1]
    image = torch.from_numpy(picture).permute(2, 0, 1)[None].double()
    axis = (torch.arange(size).double() * (width // size) + 0.5) / (width / 2) - 1
    z = torch.stack([axis.expand(size, size), axis[:, None].expand(size, size)], -1)
    bend = torch.from_numpy(place.bend)[None].double()
    bend = F.interpolate(bend, size=(width, width), mode="bicubic", align_corners=False)
    offset = bend[0, :, :: width // size, :: width // size].permute(1, 2, 0)
    grid = z @ torch.from_numpy(place.linear).double().T + torch.from_numpy(place.move) + offset
    out = F.grid_sample(image, grid[None], padding_mode="reflection", align_corners=False)
    return out[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize("bend", [0.0, 0.03])
@pytest.mark.parametrize("seed", range(4))
def test_placed_as_torch_samples(seed: int, bend: float) -> None:
    random = np.random.default_rng(seed)
    place = placement(random, 12, 0.1, 0.1, 0.05, bend)
    got = place.image(smooth(), 256).astype(float)
    assert np.abs(got - reference(place, smooth(), 256)).max() < 2.5


def test_placed_and_shrunk_as_torch_samples() -> None:
    place = placement(np.random.default_rng(1), 12, 0.1, 0.1, 0.05, 0.03)
    # Blurring a smooth picture first changes little.
    got = place.image(smooth(), 128).astype(float)
    assert np.abs(got - reference(place, smooth(), 128)).mean() < 0.8


def test_shrinks_as_the_networks_do() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    expected = AntiAlias(128)(torch.from_numpy(picture).permute(2, 0, 1)[None].float())
    got = torch.from_numpy(STILL.image(picture, 128)).permute(2, 0, 1)
    apart = (expected[0] - got).abs()[:, 4:-4, 4:-4]  # their borders are black
    assert apart.max() <= 1.5


def spot(x: float, y: float, size: int = 256) -> np.ndarray:
    """A picture that is bright around one place, in pixels whose middles are at halves. The spot is
    small, since a bend moves the middle of a larger one."""
    axis = np.arange(size) + 0.5
    mass = np.exp(-0.5 * (((axis - x) / 3) ** 2 + ((axis[:, None] - y) / 3) ** 2))
    return (mass[..., None] * 255).round().astype(np.uint8).repeat(3, 2)


def brightest(picture: np.ndarray) -> np.ndarray:
    """Where it is brightest, in its pixels: the centre of mass."""
    mass = picture[..., 0].astype(float)
    axis = np.arange(len(mass)) + 0.5
    return np.array([(mass.sum(0) * axis).sum(), (mass.sum(1) * axis).sum()]) / mass.sum()


@given(st.integers(0, 2**31), st.floats(80, 170), st.floats(80, 170))
def test_points_land_where_the_picture_does(seed: int, x: float, y: float) -> None:
    place = placement(np.random.default_rng(seed), 9, 0.08, 0.05, 0.04, 0.02)
    (moved,) = place.points(np.array([[x, y, 7]], np.float32))
    if not (moved[:2] > 45).all() or not (moved[:2] < 211).all():
        return  # cut by the edge
    assert np.abs(brightest(place.image(spot(x, y), 256)) - moved[:2]).max() < 0.7
    half = brightest(place.image(spot(x, y), 128))
    # Pixel i of 128 shows place 2 i + 1/2 of 256.
    assert np.abs((half - 0.5) * 2 + 0.5 - moved[:2]).max() < 0.7


def test_zoom_takes_depth_along() -> None:
    closer = Placement(np.eye(2, dtype="f4") / 2, np.zeros(2, "f4"), np.zeros((2, 5, 5), "f4"))
    assert closer.points(np.array([[128, 100, 6]], "f4")).tolist() == [[128, 72, 12]]


def test_without_strength_nothing_moves() -> None:
    picture, points = smooth(64), np.full((478, 3), 70, np.float32)
    place = placement(np.random.default_rng(0), 0, 0, 0)
    assert np.array_equal(place.image(picture, 64), picture)
    assert place.points(points) == pytest.approx(points, abs=1e-4)


def test_mirror() -> None:
    picture, points = mirror(spot(60, 100), np.array([[60, 100, 5]], np.float32))
    assert points is not None and points.tolist() == [[196, 100, 5]]
    assert brightest(picture) == pytest.approx([196, 100], abs=0.05)
    assert mirror(picture, None)[1] is None
