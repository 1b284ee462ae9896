"""Batches of stage 2."""

import numpy as np
import pytest
import torch

from tools.training import bank, batches
from tools.training.old_data import Clips, worth_keeping
from tools.training.old_reenact import attention_map, pair_of


@pytest.fixture
def clips() -> Clips:
    """Three made-up clips of two people."""
    random = np.random.default_rng(0)
    clip = np.repeat([0, 1, 2], [6, 4, 5]).astype(np.int32)
    n = len(clip)
    return Clips(
        frames=random.integers(0, 255, (n, 256, 256, 3), dtype=np.uint8),
        landmarks=random.uniform(40, 210, (n, 478, 3)).astype(np.float32),
        clip=clip,
        frame=np.arange(n, dtype=np.int32),
        person=np.repeat([0, 1, 1], [6, 4, 5]).astype(np.int32),
        names=("a", "b", "c"),
    )


def made_up_bank(count: int) -> bank.Bank:
    torch.manual_seed(0)
    jacobian = torch.eye(2).expand(count, 20, 2, 2)
    exact = torch.rand(count, 20, 2) - 0.5
    return bank.Bank((exact, jacobian), (exact + 0.1, jacobian * 2))


def test_pairs_come_from_one_clip(clips: Clips) -> None:
    sampler = batches.FaceSampler(clips, seed=0)
    assert list(clips.spans()) == [(0, 6), (6, 10), (10, 15)]
    portraits, drivers = sampler.pairs(64)
    assert (clips.clip[portraits] == clips.clip[drivers]).all()
    assert set(clips.clip[portraits]) == {0, 1, 2}


def test_pair_has_pictures_and_keypoints(clips: Clips) -> None:
    pair = pair_of(batches.FaceSampler(clips, seed=0), made_up_bank(len(clips)), 3, 64)
    assert pair.portrait.shape == pair.driver.shape == (3, 3, 64, 64)
    assert pair.source[0].shape == pair.driving[0].shape == (3, 20, 2)
    assert pair.exact[1].shape == (6, 20, 2, 2)


def test_bank_mixes_exact_and_detected() -> None:
    rows = np.array([2, 0])
    points = made_up_bank(4)
    value, jacobian = points.take(rows, torch.tensor([0.0, 1.0]))
    assert torch.equal(value[0], points.exact[0][2])
    assert torch.allclose(value[1], points.detected[0][0])
    assert torch.allclose(jacobian[1], 2 * jacobian[0])


def test_attention_map_favours_eyes_and_mouth() -> None:
    value = torch.full((1, 20, 2), 0.9)
    value[:, 5:17] = torch.linspace(-0.3, 0.3, 12)[None, :, None]
    weight = attention_map(value, 64, 8.0)
    assert weight.mean() == pytest.approx(1, abs=1e-4)
    assert weight[0, 0, 32, 32] > 3 * weight[0, 0, 60, 60]


def test_near_duplicates_are_left_out() -> None:
    points = np.zeros((12, 478, 3), np.float32)
    points[5:] += 3
    assert worth_keeping(points, least_px=0.7, longest=100) == [0, 5]
    assert worth_keeping(points, least_px=9, longest=4) == [0, 4, 8]
