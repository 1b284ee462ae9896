"""The ordinal prior of landmarks, and the figures that landmarks judge by."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from tools.training.depth.measure import FrameDepth, measure, spearman, spread, summary
from tools.training.depth.ordinal import at_landmarks, ordinal_loss, scaled_mesh, visible
from tools.training.landmarks import disparity as landmark_disparity


def face(turn_deg: float = 0.0) -> torch.Tensor:
    """A hemisphere of 478 landmarks about the middle of a picture, 120 px wide: (1, 478, 3) px. The
    nose is in front, the ears at both ends, the cheeks between."""
    spiral = torch.arange(478) * 2.399963
    radius = torch.sqrt((torch.arange(478) + 0.5) / 478)
    points = torch.stack([radius * torch.cos(spiral), radius * torch.sin(spiral)], -1)
    points[1] = 0
    points[234], points[454] = torch.tensor([[-1.0, 0.0], [1.0, 0.0]])
    points[50], points[280] = torch.tensor([[-0.5, 0.1], [0.5, 0.1]])
    z = -(1 - points.square().sum(-1)).clamp(min=0).sqrt()
    turn = torch.tensor(turn_deg).deg2rad()
    x = points[:, 0] * torch.cos(turn) - z * torch.sin(turn)
    z = points[:, 0] * torch.sin(turn) + z * torch.cos(turn)
    return (torch.stack([x, points[:, 1], z], -1) * 60 + torch.tensor([128.0, 128.0, 0.0]))[None]


def dome() -> torch.Tensor:
    """A disparity (1, 1, 64, 64) in the order of that face's depth, 0.1 around it."""
    place = (torch.arange(64) + 0.5) * 4 - 128
    inside = 1 - (place[:, None] ** 2 + place**2) / 60**2
    return (0.2 + 0.5 * inside.clamp(min=0).sqrt() - 0.1 * (inside < 0).float())[None, None]


def test_disparity_at_landmarks_counts_pixels_as_mediapipe_does() -> None:
    """Landmarks on the centres of pixels of 4 find exactly those pixels."""
    ramp = torch.arange(64.0).expand(1, 1, 64, 64)
    points = torch.zeros(1, 478, 3)
    points[0, :, :2] = torch.tensor([4 * 10 + 2.0, 128.0])
    torch.testing.assert_close(at_landmarks(ramp, points), torch.full((1, 468), 10.0))


def test_right_order_costs_nothing_wrong_order_much() -> None:
    points = face()
    assert float(ordinal_loss(dome(), points)) < 0.002
    inverted = 1 - dome()
    assert float(ordinal_loss(inverted, points)) > 0.1
    flat = torch.full((1, 1, 64, 64), 0.4)
    assert float(ordinal_loss(flat, points)) == pytest.approx(0.02, abs=1e-6)  # the margin


def test_ordinal_loss_does_not_care_for_scale_and_has_a_gradient() -> None:
    points = face()
    wrong = (1 - dome()).requires_grad_()
    loss = ordinal_loss(wrong, points)
    torch.testing.assert_close(ordinal_loss(wrong / 3, points), loss, rtol=1e-5, atol=1e-7)
    (gradient,) = torch.autograd.grad(loss, wrong)
    middle, ears = gradient[0, 0, 32, 32], gradient[0, 0, 32, 17:19].sum()
    assert float(middle) < 0 < float(ears)  # the nose comes nearer, the ears go back


def test_far_side_of_a_turned_head_is_hidden() -> None:
    front = visible(face())[0]
    assert front.float().mean() > 0.95
    points = face(70)
    turned = visible(points)[0]
    assert turned.float().mean() < front.float().mean()
    # What is hidden is behind what is not.
    z = scaled_mesh(points)[0, :, 2]
    assert float(z[~turned].mean()) > float(z[turned].mean()) + 0.1


def test_landmarks_off_the_picture_do_not_count() -> None:
    points = face()
    points[..., 0] += 128
    seen = visible(points)[0]
    assert not seen[points[0, :468, 0] > 256].any()
    assert seen.any()


def test_rank_correlation_is_scipys() -> None:
    random = np.random.default_rng(0)
    a = random.integers(0, 9, 200).astype(float)  # with ties
    b = a + random.normal(size=200) * 3
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert spearman(np.zeros(9), np.arange(9.0)) == 0


def test_figures_of_a_right_and_of_an_inverted_depth() -> None:
    points = face()
    target, weight = landmark_disparity(points, 64)
    right = torch.where(weight == 1, target, torch.full_like(target, 0.1))
    (good,) = measure(right, points)
    assert good.rank == pytest.approx(1)
    assert (good.nose, good.front) == (1, 1)
    assert good.centre_rank > 0.9  # of a dome, the middle is most of the truth
    assert good.relief > 0.2
    (bad,) = measure(1 - right, points)
    assert bad.rank == pytest.approx(-1)
    assert (bad.nose, bad.front) == (0, 0)
    (flat,) = measure(torch.full_like(right, 0.3), points)
    assert flat == FrameDepth(0.0, good.centre_rank, 0.0, 0.0, 0.0)


def test_disparity_may_have_another_size() -> None:
    large = torch.nn.functional.interpolate(dome(), size=128, mode="nearest")
    (a,), (b,) = measure(dome(), face()), measure(large, face())
    assert a.rank == pytest.approx(b.rank, abs=1e-3)


def test_summary_is_a_mean_over_clips() -> None:
    nan = float("nan")
    clips = [
        [FrameDepth(1.0, 0.5, 1, nan, 0.1), FrameDepth(0.0, 0.5, 1, nan, 0.1)],
        [FrameDepth(-1.0, 0.5, 0, nan, 0.3)],
    ]
    found = summary(clips)
    expected = {"rank": -0.25, "centre_rank": 0.5, "nose": 0.5, "relief": 0.2}
    assert found == pytest.approx(expected)
    assert summary([]) == {}


def test_frames_are_spread_over_a_clip() -> None:
    assert spread(10, 13, 16) == [10, 11, 12]
    assert spread(0, 100, 4) == [12, 37, 62, 87]
