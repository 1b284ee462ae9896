import pytest
import torch

from avatar.errors import UsageError
from avatar.model.dagan import Dagan, combine_jacobians
from avatar.model.params import PRESETS, ModelParams
from avatar.weights import Weights
from tools.evaluation.switches import switched


@pytest.fixture(scope="module")
def weights() -> Weights:
    torch.manual_seed(0)
    network = Dagan(PRESETS["compact"])
    with torch.no_grad():
        network.generator.attention.gamma.fill_(0.5)
    return Weights(PRESETS["compact"], network.state_dict(), "compact", "0" * 64)


def network(weights: Weights) -> Dagan:
    made = Dagan(weights.params)
    made.load_state_dict(weights.tensors)
    return made.eval()


def test_both_on_changes_nothing(weights: Weights) -> None:
    assert switched(weights, depth=True, attention=True) is weights


@torch.no_grad()
def test_without_depth_the_disparity_is_zero(weights: Weights) -> None:
    picture = torch.rand(1, 3, 256, 256)
    off = network(switched(weights, depth=False, attention=True)).detect(picture)
    on = network(weights).detect(picture)
    assert on.disparity.abs().max() > 0.1
    assert torch.equal(off.disparity, torch.zeros_like(off.disparity))
    assert not torch.equal(off.value, on.value)


@torch.no_grad()
def test_without_attention_nothing_is_added(weights: Weights) -> None:
    off = network(switched(weights, depth=True, attention=False))
    picture = torch.rand(1, 3, 256, 256)
    found = off.encode(picture)
    affine = combine_jacobians(found.jacobian[0].numpy(), found.jacobian[0].numpy())
    taps: dict[str, torch.Tensor] = {}
    off.render(found.code, found.value, found.value, torch.from_numpy(affine)[None], taps)
    assert torch.equal(taps["attended"], taps["warped"])
    assert torch.equal(off.detect(picture).value, network(weights).detect(picture).value)


def test_the_weights_given_stay_as_they_are(weights: Weights) -> None:
    before = {name: tensor.clone() for name, tensor in weights.tensors.items()}
    switched(weights, depth=False, attention=False)
    assert all(torch.equal(before[name], tensor) for name, tensor in weights.tensors.items())


def test_what_is_not_there_cannot_be_switched_off() -> None:
    plain = ModelParams(name="plain", use_depth=False, use_attention=False)
    with pytest.raises(UsageError, match="has no depth network"):
        switched(Weights(plain, {}, "plain", ""), depth=False, attention=True)
    with pytest.raises(UsageError, match="has no attention"):
        switched(Weights(plain, {}, "plain", ""), depth=True, attention=False)
