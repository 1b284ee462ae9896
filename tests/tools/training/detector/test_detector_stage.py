"""The detector's stage on made-up faces."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from avatar.errors import UsageError
from avatar.model.params import PRESETS
from tools.training.data import DataSettings, FaceItems, Footage, in_memory
from tools.training.detector.items import TaughtFaces
from tools.training.detector.loss import WEIGHTS, keypoint_loss
from tools.training.detector.settings import LossSettings
from tools.training.detector.stage import DetectorStage, check
from tools.training.landmarks import GAPS
from tools.training.teaching import mean_face, teachable


def face(random: np.random.Generator, open_by: float) -> np.ndarray:
    """478 points of something like a face; its lids and lips are ``open_by`` px apart."""
    points = np.random.default_rng(7).uniform(60, 200, (478, 3))
    points[10, :2], points[152, :2] = (128, 50), (128, 210)
    points[234, :2], points[454, :2] = (60, 128), (196, 128)
    for upper, lower in ((159, 145), (386, 374), (13, 14)):
        points[lower, :2] = points[upper, :2] + (0, open_by)
    return (points + random.normal(0, 1, (1, 3))).astype(np.float32)


@pytest.fixture
def footage() -> Footage:
    random = np.random.default_rng(0)
    images = [random.integers(0, 255, (5, 256, 256, 3), dtype=np.uint8) for _ in range(2)]
    points = [np.stack([face(random, 4 + i) for i in range(5)]) for _ in range(2)]
    return in_memory(images, points, ["a", "b"])


@pytest.fixture
def settings() -> DataSettings:
    return DataSettings(size=128, turn=5, zoom=0.1, recolour=1, degrade=1)


def stage_of(footage: Footage, settings: DataSettings, params: Any, **loss: float) -> DetectorStage:
    shape = mean_face(footage)
    items = TaughtFaces(FaceItems(footage, settings, 0), shape)
    torch.manual_seed(0)
    return DetectorStage(params, LossSettings(**loss), items, shape, footage, footage)


def batch_of(stage: DetectorStage, count: int = 2) -> dict[str, torch.Tensor]:
    return torch.utils.data.default_collate([stage.items[0, i] for i in range(count)])


def test_loss_by_hand() -> None:
    target = torch.zeros(1, 20, 2)
    value = target.clone()
    value[0, 10, 1] = 0.2  # a lower lid
    jacobian = torch.eye(2).expand(1, 20, 2, 2)
    terms = keypoint_loss(value, jacobian, target, jacobian)
    share = next(weight for _, lower, weight in GAPS if lower == 10)
    assert terms["value"].item() == pytest.approx(0.2 * WEIGHTS[10] / 40)
    assert terms["gap"].item() == pytest.approx(0.2 * share / 2)
    assert terms["jacobian"].item() == 0


def test_items_are_pure_and_their_keypoints_lie_on_the_landmarks(
    footage: Footage, settings: DataSettings
) -> None:
    stage = stage_of(footage, settings, PRESETS["compact"])
    first, again, other = stage.items[3, 1], stage.items[3, 1], stage.items[3, 2]
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["picture"], other["picture"])
    chin = (first["landmarks"][152, :2] - 0.5) / 127.5 - 1
    assert torch.allclose(first["value"][1], chin, atol=1e-5)


@pytest.mark.parametrize("depth", [0.0, 1.0])
def test_a_step_trains_the_detector_and_only_what_it_should(
    footage: Footage, settings: DataSettings, tiny: Callable[[str], Any], depth: float
) -> None:
    stage = stage_of(footage, settings, tiny("compact"), depth=depth)
    terms, rest = stage.phases[0](batch_of(stage))
    loss = sum(term for name, term in terms.items() if not name.startswith("_"))
    loss.backward()
    assert torch.isfinite(loss) and not rest and ("depth" in terms) == bool(depth)
    trained = {name.split(".")[0] for name, p in stage.phases[0].named_parameters()}
    assert trained == ({"keypoints", "depth"} if depth else {"keypoints"})
    assert all(p.grad is not None for p in stage.phases[0].keypoints.parameters())
    encoder = [p.grad is not None for p in stage.dagan.depth.encoder.parameters()]
    assert all(encoder) if depth else not any(encoder)
    assert all(p.grad is None for p in stage.dagan.generator.parameters())


def test_the_depth_network_learns_from_its_own_loss_alone(
    footage: Footage, settings: DataSettings, tiny: Callable[[str], Any]
) -> None:
    stage = stage_of(footage, settings, tiny("compact"))
    terms, _ = stage.phases[0](batch_of(stage))
    (terms["value"] + terms["gap"] + terms["jacobian"]).backward()
    assert all(p.grad is None for p in stage.dagan.depth.parameters())


def test_a_few_steps_bring_keypoints_nearer(
    footage: Footage, settings: DataSettings, tiny: Callable[[str], Any]
) -> None:
    stage = stage_of(footage, settings, tiny("compact"))
    phase, batch = stage.phases[0], batch_of(stage, 4)
    optimiser = torch.optim.Adam(phase.parameters(), lr=1e-2)
    misses = []
    for _ in range(12):
        terms, _ = phase(batch)
        misses.append(terms["_px"].item())
        optimiser.zero_grad()
        (terms["value"] + terms["gap"] + terms["jacobian"]).backward()
        optimiser.step()
    assert misses[-1] < 0.9 * misses[0]


def test_figures_and_sheet(
    footage: Footage, settings: DataSettings, tiny: Callable[[str], Any]
) -> None:
    stage = stage_of(footage, settings, tiny("compact"))
    networks = stage.networks.eval()
    figures = stage.validate(networks)
    assert set(figures) == {
        *("px", "eyes_px", "mouth_px", "jacobian", "depth", "left_eye", "right_eye", "lips")
    }
    assert all(np.isfinite(value) for value in figures.values()) and figures["px"] > 5
    sheet = stage.show(networks)
    assert sheet.dtype == np.uint8 and sheet.shape == (512, 8 * 256, 3)


def test_start_takes_what_fits_and_says_what_does_not(
    footage: Footage,
    settings: DataSettings,
    tiny: Callable[[str], Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = stage_of(footage, settings, tiny("compact"))
    other = stage_of(footage, settings, tiny("compact")).dagan.state_dict()
    for tensor in other.values():
        tensor.fill_(2) if tensor.is_floating_point() else None
    other["generator.unknown"] = torch.zeros(1)
    stage.start(other)
    assert (stage.dagan.keypoints.heatmap.weight == 2).all()
    assert "1 tensors to start from do not fit: generator.unknown" in caplog.text
    assert "generator.up1.conv.weight" in stage.trained(stage.networks).state


def test_a_generator_that_was_never_trained_is_not_handed_on(
    footage: Footage, settings: DataSettings, tiny: Callable[[str], Any]
) -> None:
    stage = stage_of(footage, settings, tiny("compact"))
    assert {name.split(".")[0] for name in stage.trained(stage.networks).state} == {
        *("depth", "keypoints")
    }


def test_what_cannot_be_taught_is_an_error() -> None:
    assert not teachable(PRESETS["vox256"])
    with pytest.raises(UsageError, match=r"Landmarks teach 20 keypoints; vox256 has 15"):
        check(PRESETS["vox256"], DataSettings())
    with pytest.raises(UsageError, match="Items of 96 px do not fit compact"):
        check(PRESETS["compact"], DataSettings(size=96))
    with pytest.raises(ValueError, match="without places"):
        LossSettings(value=0)
