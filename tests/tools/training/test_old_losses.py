"""The first generation of losses and of what was around them."""

import pytest
import torch

from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS
from tools.training import schedule
from tools.training.detector.loss import keypoint_loss
from tools.training.old_losses import (
    FEATURES,
    MobileNetFeatures,
    feature_distance,
    pyramid_distance,
)


def test_equal_pictures_are_at_no_distance() -> None:
    image = torch.rand(2, 3, 32, 32)
    assert pyramid_distance(image, image) == 0
    assert pyramid_distance(image, 1 - image) > 0.1


def test_weights_move_the_distance_to_where_they_lie() -> None:
    a, b = torch.zeros(1, 3, 16, 16), torch.zeros(1, 3, 16, 16)
    b[..., :4, :4] = 1
    near, far = torch.full((1, 1, 16, 16), 0.5), torch.full((1, 1, 16, 16), 0.5)
    near[..., :4, :4] = far[..., 12:, 12:] = 8
    assert pyramid_distance(a, b, near) > 4 * pyramid_distance(a, b, far)


def test_keypoint_loss_sees_a_closed_mouth() -> None:
    value, jacobian = torch.zeros(1, 20, 2), torch.eye(2).expand(1, 20, 2, 2)
    open_mouth = value.clone()
    open_mouth[:, 16, 1] = 0.1
    terms = keypoint_loss(value, jacobian, open_mouth, jacobian)
    assert terms["gap"] > 0.04
    assert terms["jacobian"] == 0


def test_learning_rate_rises_then_falls() -> None:
    rates = [schedule.rate(p, 1.0) for p in (0.0, 0.02, 0.5, 1.0)]
    assert rates[0] < rates[2] < rates[1] == pytest.approx(1)
    assert rates[3] == pytest.approx(0.01)


def test_average_follows_and_checkpoint_returns(tmp_path) -> None:
    net = torch.nn.Linear(2, 2)
    average = schedule.Average(net, keep=0.5)
    with torch.no_grad():
        net.weight.fill_(3)
    for _ in range(40):
        average.update(net)
    assert torch.allclose(average.state["weight"], net.weight, atol=1e-3)
    dagan = Dagan(PRESETS["compact"])
    schedule.save(tmp_path / "net.pt", dagan.params, dagan.state_dict())
    again = schedule.load(tmp_path / "net.pt")
    assert again.params == dagan.params
    assert torch.equal(again.keypoints.heatmap.weight, dagan.keypoints.heatmap.weight)


@pytest.mark.skipif(
    not (FEATURES / "mobilenet_v2_imagenet.safetensors").exists(),
    reason="needs ../shared/weights beside the checkout",
)
def test_features_tell_sharp_from_blurred() -> None:
    features = MobileNetFeatures(FEATURES / "mobilenet_v2_imagenet.safetensors")
    torch.manual_seed(0)
    image = torch.nn.functional.interpolate(torch.rand(1, 3, 32, 32), size=(64, 64))
    blurred = torch.nn.functional.avg_pool2d(image, 5, 1, 2, count_include_pad=False)
    maps = features(image)
    assert [tuple(m.shape[1:]) for m in maps] == [
        (16, 32, 32),
        (24, 16, 16),
        (32, 8, 8),
        (64, 4, 4),
    ]
    assert feature_distance(features, image, image) == 0
    assert feature_distance(features, image, blurred) > 0.1
