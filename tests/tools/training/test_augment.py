"""Disturbances of pictures."""

import numpy as np
import pytest

from tools.training import augment
from tools.training.augment import Jitter, Tint


def test_without_strength_nothing_changes() -> None:
    random = np.random.default_rng(0)
    shown = np.random.default_rng(1).random((16, 16, 3), dtype=np.float32)
    assert augment.tint(random, 0).apply(shown) == pytest.approx(shown, abs=1e-5)
    assert augment.degrade(random, shown, 0) == pytest.approx(shown)
    assert augment.jitter(random, 0, 0, 0, 0).apply(shown) == pytest.approx(shown, abs=1e-5)


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
