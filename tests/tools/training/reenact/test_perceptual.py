"""Features of VGG-19 and MobileNetV2, and distances of them."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from avatar.errors import WeightsError
from tools.training.reenact import perceptual, vgg
from tools.training.reenact.mobilenet import MobileNet
from tools.training.reenact.perceptual import PerceptualLoss
from tools.training.reenact.vgg import Vgg19

LAYOUT = (64, 64, 0, 128, 128, 0, *(256,) * 4, 0, *(512,) * 4, 0, *(512,) * 4, 0)
"""Of torchvision's VGG-19: widths of convolutions, each with a ReLU, and 0 for a pooling."""


def published(scale: float = 0.02) -> dict[str, Tensor]:
    """Random weights by torchvision's names."""
    torch.manual_seed(0)
    tensors, number, inputs = {}, 0, 3
    for width in LAYOUT:
        if width:
            tensors[f"features.{number}.weight"] = scale * torch.randn(width, inputs, 3, 3)
            tensors[f"features.{number}.bias"] = scale * torch.randn(width)
            inputs = width
        number += 2 if width else 1
    return tensors


def reference(tensors: dict[str, Tensor], image: Tensor) -> list[Tensor]:
    """The features at torchvision's layers 2, 7, 12, 21 and 30, layer by layer."""
    mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    x = (image - mean) / torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    found, number = [], 0
    for width in LAYOUT:
        if not width:
            x, number = F.max_pool2d(x, 2), number + 1
            continue
        weight, bias = tensors[f"features.{number}.weight"], tensors[f"features.{number}.bias"]
        x, number = F.relu(F.conv2d(x, weight, bias, padding=1)), number + 2
        if number in (2, 7, 12, 21, 30):
            found.append(x)
    return found


def test_vgg_takes_the_published_names_and_gives_the_papers_layers() -> None:
    tensors = published()
    network = Vgg19()
    network.fill(tensors)
    image = torch.rand(1, 3, 32, 32)
    found, expected = network(image), reference(tensors, image)
    shapes = [(64, 32, 32), (128, 16, 16), (256, 8, 8), (512, 4, 4), (512, 2, 2)]
    assert [tuple(f.shape[1:]) for f in found] == shapes
    for got, want in zip(found, expected, strict=True):
        assert torch.allclose(got, want, atol=1e-5)
    assert not any(p.requires_grad for p in network.parameters())
    assert not list(network.buffers())


def test_vgg_names_the_tensor_that_does_not_fit() -> None:
    tensors = published()
    tensors["features.19.weight"] = torch.zeros(512, 128, 3, 3)
    with pytest.raises(WeightsError, match=r"features\.19\.weight of shape \(512, 256, 3, 3\)"):
        Vgg19().fill(tensors)
    del tensors["features.5.bias"]
    with pytest.raises(WeightsError, match=r"features\.5\.bias .* got nothing"):
        Vgg19().fill(tensors)


def test_vgg_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vgg19-dcbb9e9d.pth"
    with pytest.raises(WeightsError, match="expected at") as missing:
        vgg.load(path)
    assert vgg.ADDRESS in missing.value.hint
    small = {name: t for name, t in published().items() if int(name.split(".")[1]) < 30}
    torch.save(small, path)
    with pytest.raises(WeightsError, match="not the published file"):
        vgg.load(path)
    import hashlib

    monkeypatch.setattr(vgg, "PREFIX", hashlib.sha256(path.read_bytes()).hexdigest()[:8])
    network = perceptual.load("vgg19", str(path))
    assert torch.equal(network.groups[0][0].weight, small["features.0.weight"])  # type: ignore


def test_substitute(shared: Path) -> None:
    network = perceptual.load("mobilenet_v2")
    assert isinstance(network, MobileNet)
    torch.manual_seed(0)
    image = F.interpolate(torch.rand(1, 3, 32, 32), size=(64, 64))
    blurred = F.avg_pool2d(image, 5, 1, 2, count_include_pad=False)
    shapes = [(16, 32, 32), (24, 16, 16), (32, 8, 8), (64, 4, 4), (96, 4, 4)]
    assert [tuple(m.shape[1:]) for m in network(image)] == shapes
    assert sum(network.levels) == pytest.approx((1 / 1.6 + 1 / 2.9 + 0.4 + 1 / 1.7 + 1 / 1.8) / 5)
    loss = PerceptualLoss(network)
    assert loss(image, image) == 0
    assert loss(image, blurred) > 0.1


def test_substitute_without_its_file(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="needs the weights of MobileNetV2"):
        perceptual.load("mobilenet_v2", str(tmp_path / "none.safetensors"))


def test_distance_by_hand(backbone: nn.Module) -> None:
    loss = PerceptualLoss(backbone, (1, 2))
    result = torch.full((1, 3, 8, 8), 0.5, requires_grad=True)
    target = torch.zeros(1, 3, 8, 8, requires_grad=True)
    # Level 1 and half of level 2, whose features are doubled: 2 x 0.5 at full scale. At half scale
    # the 5x5 kernel sees zeros outside: the mean of what is left of 1 is its row sums, squared.
    line = torch.exp(-(torch.arange(-2, 3).float() ** 2) / (2 * 0.5**2))
    line = line / line.sum()
    kept = torch.stack([line[2:].sum(), torch.ones(()), torch.ones(()), line[:4].sum()]).mean()
    found = loss(result, target)
    # columns 0, 2, 4 and 6 of 8: the first lacks two taps, the last (6) one.
    assert found.item() == pytest.approx(1.0 + float(kept) ** 2, abs=1e-5)
    found.backward()
    assert target.grad is None
    assert result.grad is not None
