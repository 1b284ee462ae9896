"""Encoders that start from torchvision's ResNets; the files here are made up, their names real."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from avatar.errors import WeightsError
from avatar.model.depth import DepthEncoder
from tools.training.depth.imagenet import initialise, renamed
from tools.training.depth.pose import PairEncoder, PoseNetwork

WIDTHS, BLOCKS = (4, 4, 8, 8, 16), (2, 2, 1, 1)
BACK = {"norm": "bn", "shortcut_norm": "downsample.1", "shortcut": "downsample.0"}


def theirs(name: str) -> str:
    """torchvision's name of a tensor of ours, written the other way round than the code does."""
    parts = name.split(".")
    if parts[0] == "conv":
        return f"conv1.{parts[1]}"
    if parts[0] == "norm":
        return f"bn1.{parts[1]}"
    layer, block, what, rest = int(parts[1]), parts[2], parts[3], parts[4]
    what = BACK.get(what, what.replace("norm", "bn"))
    return f"layer{layer + 1}.{block}.{what}.{rest}"


def published(path: Path, encoder: DepthEncoder) -> dict[str, torch.Tensor]:
    """Random weights of the encoder's sizes, saved as torchvision would, with its classifier."""
    state = {name: torch.rand_like(value.float()) for name, value in encoder.state_dict().items()}
    state = {name: value for name, value in state.items() if "num_batches" not in name}
    file = {theirs(name): value for name, value in state.items()}
    torch.save({**file, "fc.weight": torch.rand(10, 16), "fc.bias": torch.rand(10)}, path)
    return state


@pytest.mark.parametrize("bottleneck", [False, True])
def test_every_tensor_finds_its_place(tmp_path: Path, bottleneck: bool) -> None:
    encoder = DepthEncoder(WIDTHS, BLOCKS, bottleneck)
    state = published(tmp_path / "resnet.pth", encoder)
    initialise(encoder, tmp_path / "resnet.pth")
    own = encoder.state_dict()
    assert all(torch.equal(own[name], value) for name, value in state.items())


def test_names_of_torchvision() -> None:
    assert renamed("layer1.0.conv1.weight") == "layers.0.0.conv1.weight"
    assert renamed("layer4.1.bn2.running_var") == "layers.3.1.norm2.running_var"
    assert renamed("layer2.0.downsample.0.weight") == "layers.1.0.shortcut.weight"
    assert renamed("layer2.0.downsample.1.bias") == "layers.1.0.shortcut_norm.bias"
    assert renamed("bn1.weight") == "norm.weight"
    assert renamed("fc.weight") is None


def test_two_equal_pictures_give_what_one_gives(tmp_path: Path) -> None:
    one, two = DepthEncoder(WIDTHS, BLOCKS).eval(), PairEncoder(WIDTHS, BLOCKS).eval()
    published(tmp_path / "resnet.pth", one)
    initialise(one, tmp_path / "resnet.pth")
    initialise(two, tmp_path / "resnet.pth")
    picture = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        for a, b in zip(one(picture), two(torch.cat([picture, picture], 1)), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


def test_pose_network_takes_resnet18_beside_a_resnet50(tmp_path: Path, tiny) -> None:
    params = replace(tiny("vox256-depth50"), depth_encoder=(4, 16, 32, 32, 64))
    pose = PoseNetwork(params)
    published(tmp_path / "resnet18.pth", DepthEncoder((4, 4, 8, 8, 16), (2, 2, 2, 2)))
    initialise(pose.encoder, tmp_path / "resnet18.pth")


def test_another_resnet_is_refused(tmp_path: Path) -> None:
    published(tmp_path / "resnet.pth", DepthEncoder((8, 8, 8, 8, 16), BLOCKS))
    with pytest.raises(WeightsError, match=r"conv.weight is \(8, 3, 7, 7\), expected \(4, 3, 7"):
        initialise(DepthEncoder(WIDTHS, BLOCKS), tmp_path / "resnet.pth")


def test_a_deeper_resnet_is_refused(tmp_path: Path) -> None:
    published(tmp_path / "resnet.pth", DepthEncoder(WIDTHS, (2, 2, 2, 1)))
    with pytest.raises(WeightsError, match="layers.2.1.conv1.weight is .* expected no such tensor"):
        initialise(DepthEncoder(WIDTHS, BLOCKS), tmp_path / "resnet.pth")


def test_other_weights_are_refused(tmp_path: Path) -> None:
    torch.save({"features.0.weight": torch.rand(3)}, tmp_path / "vgg.pth")
    with pytest.raises(WeightsError, match="holds no ResNet") as caught:
        initialise(DepthEncoder(WIDTHS, BLOCKS), tmp_path / "vgg.pth")
    assert "resnet18" in caught.value.message


def test_whole_models_are_refused_without_running_their_code(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2), tmp_path / "whole.pth")
    with pytest.raises(WeightsError, match="could run code"):
        initialise(DepthEncoder(WIDTHS, BLOCKS), tmp_path / "whole.pth")


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no file"):
        initialise(DepthEncoder(WIDTHS, BLOCKS), tmp_path / "resnet18.pth")
