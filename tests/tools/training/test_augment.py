"""Disturbances of pictures, and what they do to points."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from avatar.model.blocks import AntiAlias
from tools.training import augment
from tools.training.augment import STILL, Jitter, Placement, Tint


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
    place = augment.placement(random, 12, 0.1, 0.1, 0.05, bend)
    got = place.image(smooth(), 256).astype(float)
    assert np.abs(got - reference(place, smooth(), 256)).max() < 2.5


def test_placed_and_shrunk_as_torch_samples() -> None:
    place = augment.placement(np.random.default_rng(1), 12, 0.1, 0.1, 0.05, 0.03)
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
    """A picture that is bright around one place, in pixels whose middles are at halves."""
    axis = np.arange(size) + 0.5
    mass = np.exp(-0.5 * (((axis - x) / 8) ** 2 + ((axis[:, None] - y) / 8) ** 2))
    return (mass[..., None] * 255).round().astype(np.uint8).repeat(3, 2)


def brightest(picture: np.ndarray) -> np.ndarray:
    """Where it is brightest, in its pixels: the centre of mass."""
    mass = picture[..., 0].astype(float)
    axis = np.arange(len(mass)) + 0.5
    return np.array([(mass.sum(0) * axis).sum(), (mass.sum(1) * axis).sum()]) / mass.sum()


@given(st.integers(0, 2**31), st.floats(80, 170), st.floats(80, 170))
def test_points_land_where_the_picture_does(seed: int, x: float, y: float) -> None:
    place = augment.placement(np.random.default_rng(seed), 9, 0.08, 0.05, 0.04, 0.02)
    (moved,) = place.points(np.array([[x, y, 7]], np.float32))
    if not (moved[:2] > 45).all() or not (moved[:2] < 211).all():
        return  # cut by the edge
    assert np.abs(brightest(place.image(spot(x, y), 256)) - moved[:2]).max() < 1.5
    half = brightest(place.image(spot(x, y), 128))
    # Pixel i of 128 shows place 2 i + 1/2 of 256.
    assert np.abs((half - 0.5) * 2 + 0.5 - moved[:2]).max() < 1.5


def test_zoom_takes_depth_along() -> None:
    closer = Placement(np.eye(2, dtype="f4") / 2, np.zeros(2, "f4"), np.zeros((2, 5, 5), "f4"))
    assert closer.points(np.array([[128, 100, 6]], "f4")).tolist() == [[128, 72, 12]]


def test_without_strength_nothing_changes() -> None:
    random = np.random.default_rng(0)
    picture, points = smooth(64), np.full((478, 3), 70, np.float32)
    place = augment.placement(random, 0, 0, 0)
    assert np.array_equal(place.image(picture, 64), picture)
    assert place.points(points) == pytest.approx(points, abs=1e-4)
    shown = picture / np.float32(255)
    assert augment.tint(random, 0).apply(shown) == pytest.approx(shown, abs=1e-5)
    assert augment.degrade(random, shown, 0) == pytest.approx(shown)
    assert augment.jitter(random, 0, 0, 0, 0).apply(shown) == pytest.approx(shown, abs=1e-5)


def test_mirror() -> None:
    picture, points = augment.mirror(spot(60, 100), np.array([[60, 100, 5]], np.float32))
    assert points is not None and points.tolist() == [[196, 100, 5]]
    assert brightest(picture) == pytest.approx([196, 100], abs=0.05)
    assert augment.mirror(picture, None)[1] is None


def one(r: float, g: float, b: float) -> np.ndarray:
    return np.array([[[r, g, b]]], np.float32)


def test_jitter_by_hand() -> None:
    assert Jitter(1.1, 1, 1, 0).apply(one(0.5, 0.2, 1)).ravel() == pytest.approx([0.55, 0.22, 1])
    grey = 0.299 * 0.5 + 0.587 * 0.2 + 0.114 * 1
    pale = Jitter(1, 1, 0, 0).apply(one(0.5, 0.2, 1))
    assert pale.ravel() == pytest.approx([grey] * 3, abs=1e-5)
    two = np.concatenate([one(0.2, 0.2, 0.2), one(0.6, 0.6, 0.6)])
    flat = Jitter(1, 0.5, 1, 0).apply(two)  # about the mean, 0.4
    assert flat[:, 0, 0] == pytest.approx([0.3, 0.5])
    third = Jitter(1, 1, 1, 1 / 3).apply(one(0.8, 0.1, 0.1))
    assert third.ravel() == pytest.approx([0.1, 0.8, 0.1], abs=1e-3)
    back = Jitter(1, 1, 1, -1 / 3).apply(third)
    assert back.ravel() == pytest.approx([0.8, 0.1, 0.1], abs=1e-3)


def test_jitter_has_an_order() -> None:
    bright = one(0.8, 0.8, 0.8)
    # Brighter first is cut at 1; darker contrast about its own mean then changes nothing.
    assert Jitter(1.5, 1, 1, 0, (0, 1, 2, 3)).apply(bright)[0, 0, 0] == 1
    two = np.concatenate([one(0.4, 0.4, 0.4), one(0.8, 0.8, 0.8)])
    first = Jitter(1.5, 0.5, 1, 0, (0, 1, 2, 3)).apply(two)[:, 0, 0]
    last = Jitter(1.5, 0.5, 1, 0, (1, 0, 2, 3)).apply(two)[:, 0, 0]
    assert first == pytest.approx([0.7, 0.9])
    assert last == pytest.approx([0.75, 1.0])  # 0.5 and 0.7, times 1.5, the second cut


def test_jitter_is_drawn_in_its_range() -> None:
    random = np.random.default_rng(0)
    drawn = [augment.jitter(random, 0.1, 0.2, 0.3, 0.05) for _ in range(500)]
    for name, middle, spread in (
        *(("brightness", 1, 0.1), ("contrast", 1, 0.2)),
        *(("saturation", 1, 0.3), ("hue", 0, 0.05)),
    ):
        values = np.array([getattr(jitter, name) for jitter in drawn])
        assert np.abs(values - middle).max() <= spread
        assert np.abs(values - middle).max() > 0.95 * spread
    assert len({jitter.order for jitter in drawn}) == 24


def test_tint_by_hand() -> None:
    tint = Tint(2.0, 0.0, np.array([1, 0.5, 2], np.float32), 0.1)
    # Squares 0.25, 0.04, 0.01 of mean 0.1; gains; plus 0.1.
    got = tint.apply(one(0.5, 0.2, 0.1)).ravel()
    assert got == pytest.approx([0.2, 0.15, 0.3], abs=1e-5)


def test_degraded_as_often_as_said() -> None:
    random = np.random.default_rng(0)
    picture = np.random.default_rng(1).random((32, 32, 3), dtype=np.float32)
    noisy = boxed = same = 0
    for _ in range(400):
        worse = augment.degrade(random, picture)
        assert worse.shape == picture.shape and worse.dtype == np.float32
        assert worse.min() >= 0 and worse.max() <= 1
        same += np.array_equal(worse, picture)
        values, counts = np.unique(worse[..., 0], return_counts=True)
        boxed += counts[(values > 0) & (values < 1)].max() > 8
        noisy += 0 < np.abs(worse - picture).mean() < 0.05
    assert 0.18 < boxed / 400 < 0.32
    assert 0.73 * 0.5 * 0.75 - 0.07 < same / 400 < 0.73 * 0.5 * 0.75 + 0.07


def test_the_numbers_drawn_do_not_depend_on_the_picture() -> None:
    pictures = (np.zeros((16, 16, 3), np.float32), np.ones((64, 64, 3), np.float32))
    for seed in range(20):
        states = []
        for picture in pictures:
            random = np.random.default_rng(seed)
            augment.degrade(random, picture)
            states.append(random.bit_generator.state["state"]["state"])
        assert states[0] == states[1]
