"""What landmarks teach."""

import pytest
import torch

from avatar.model.blocks import coordinate_grid
from tools.training.reenact.supervision import flow_loss, places, visible


def spiral() -> torch.Tensor:
    """A flat face of 110 px, no two points near enough to hide each other: (1, 478, 3)."""
    angle = torch.arange(478) * 2.399963
    radius = 55 * (torch.arange(478) / 478).sqrt()
    points = torch.stack([128 + radius * angle.cos(), 128 + radius * angle.sin()], -1)
    points = torch.cat([points, torch.zeros(478, 1)], -1)
    points[234, :2], points[454, :2] = torch.tensor([73.0, 128.0]), torch.tensor([183.0, 128.0])
    return points[None]


def test_places_of_corners() -> None:
    points = torch.zeros(1, 478, 3)
    points[0, 0, :2], points[0, 1, :2] = torch.tensor([0.5, 255.5]), torch.tensor([0.0, 256.0])
    assert places(points, True)[0, 0].tolist() == [-1, 1]
    assert places(points, False)[0, 1].tolist() == [-1, 1]


def test_points_behind_others_and_outside_are_not_visible() -> None:
    points = spiral()
    assert visible(points).all()
    points[0, 100, 2] = 20  # further than 0.1 of 110 px behind its neighbours
    points[0, 50, :2] = torch.tensor([-3.0, 128.0])
    seen = visible(points)[0]
    assert not seen[100]
    assert not seen[50]
    assert seen.sum() == 466


@pytest.mark.parametrize("align_corners", [True, False])
def test_the_true_flow_loses_nothing(align_corners: bool) -> None:
    driving = spiral()
    linear = torch.tensor([[1.1, 0.2], [-0.1, 0.9]])
    source = driving.clone()
    source[..., :2] = (driving[..., :2] - 128) @ linear.T + 128 + torch.tensor([6.0, -3.0])
    grid = coordinate_grid(64, 64)
    if align_corners:  # pixels of 256 that the cells show
        pixels = (grid + 1) * 127.5 + 0.5
    else:
        pixels = (grid * 63 / 64 + 1) * 128
    moved = (pixels - 128) @ linear.T + 128 + torch.tensor([6.0, -3.0])
    flow = (moved - 0.5) / 127.5 - 1 if align_corners else moved / 128 - 1
    loss = flow_loss(flow[None], source, driving, align_corners)
    assert loss.item() == pytest.approx(0, abs=1e-5)
    shifted = flow + torch.tensor([0.1, 0.0])
    off = flow_loss(shifted[None], source, driving, align_corners)
    assert off.item() == pytest.approx(0.05, abs=1e-5)


def test_hidden_points_teach_nothing() -> None:
    driving, source = spiral(), spiral()
    source[0, 100, 2] = 20
    source[0, 100, 0] += 2
    flow = places(source, True).new_zeros(1, 64, 64, 2) + coordinate_grid(64, 64)
    assert flow_loss(flow, source, driving, True).item() == pytest.approx(0, abs=1e-5)
    driving[..., :2] += 1000  # nobody in the picture
    assert flow_loss(flow, source, driving, True) == 0
