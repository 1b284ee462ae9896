from pathlib import Path

import cv2
import pytest
import torch

from avatar.errors import InputError
from tools.evaluation.features import FeatureDistance, unit


def test_unit_length_at_every_place() -> None:
    features = torch.randn(2, 5, 3, 3)
    assert torch.allclose(unit(features).square().sum(1), torch.ones(2, 3, 3), atol=1e-4)


def test_a_file_without_the_layers(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"0.weight": torch.zeros(1)}, tmp_path / "few.safetensors")
    with pytest.raises(InputError, match="does not hold the layers"):
        FeatureDistance(tmp_path / "few.safetensors")
    (tmp_path / "none.safetensors").write_bytes(b"nonsense")
    with pytest.raises(InputError, match="does not hold the layers"):
        FeatureDistance(tmp_path / "none.safetensors")


def test_blur_and_other_pictures_are_apart(shared: Path, astronaut, noise) -> None:
    distance = FeatureDistance(shared / "weights" / "mobilenet_v2_imagenet.safetensors")
    little = distance(astronaut, cv2.blur(astronaut, (3, 3)))
    much = distance(astronaut, cv2.blur(astronaut, (11, 11)))
    assert distance(astronaut, astronaut) == 0
    assert 0 < little < much < distance(astronaut, noise(0))
    assert distance(noise(0), astronaut) == pytest.approx(distance(astronaut, noise(0)), rel=1e-4)
