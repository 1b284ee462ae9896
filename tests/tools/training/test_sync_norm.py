import copy
from typing import Any

import pytest
import torch
from torch import distributed, nn

from tools.training.sync_norm import Synchronised, synchronise


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """One process: a sum over all is its own."""
    monkeypatch.setattr(distributed, "all_reduce", lambda tensor, group=None: None)
    monkeypatch.setattr(distributed, "get_world_size", lambda group=None: 1)


@pytest.fixture
def doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes that have the same batch."""
    monkeypatch.setattr(distributed, "all_reduce", lambda tensor, group=None: tensor.mul_(2))
    monkeypatch.setattr(distributed, "get_world_size", lambda group=None: 2)


def pair() -> tuple[nn.BatchNorm2d, nn.BatchNorm2d]:
    """PyTorch's and ours, of the same weights."""
    plain = nn.BatchNorm2d(3)
    nn.init.uniform_(plain.weight)
    nn.init.uniform_(plain.bias)
    ours = copy.deepcopy(plain)
    synchronise(ours, None, cuda=False)
    assert isinstance(ours, Synchronised) and isinstance(ours, nn.BatchNorm2d)
    return plain, ours


@pytest.mark.parametrize("momentum", [0.1, None])
def test_one_process_normalises_as_pytorch_does(alone: None, momentum: float | None) -> None:
    plain, ours = pair()
    plain.momentum = ours.momentum = momentum  # type: ignore[assignment]
    for _ in range(3):
        x = (torch.randn(4, 3, 5, 5) * 3 + 100).requires_grad_()
        twin = x.detach().clone().requires_grad_()
        torch.testing.assert_close(ours(twin), plain(x), rtol=1e-4, atol=1e-4)
        plain(x).square().mul(torch.arange(5.0)).sum().backward()
        ours(twin).square().mul(torch.arange(5.0)).sum().backward()
        torch.testing.assert_close(twin.grad, x.grad, rtol=1e-3, atol=1e-3)
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], value, rtol=1e-4, atol=1e-4)


def test_gradients_are_those_of_finite_differences(alone: None) -> None:
    ours = nn.BatchNorm1d(2, affine=False, track_running_stats=False)
    synchronise(ours, None, cuda=False)
    x = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.5, 0.0]], requires_grad=True)
    weight = torch.tensor([[1.0, 2.0], [-3.0, 1.0], [2.0, 0.5]])
    (ours(x) * weight).sum().backward()
    assert x.grad is not None
    for row in range(3):
        for column in range(2):
            step = torch.zeros(3, 2)
            step[row, column] = 1e-2
            with torch.no_grad():
                apart = ((ours(x + step) - ours(x - step)) * weight).sum() / 2e-2
            assert float(x.grad[row, column]) == pytest.approx(float(apart), abs=2e-3)


def test_the_variance_counts_all_processes(doubled: None) -> None:
    """Twice the same batch: the same mean; the unbiased variance of 2n values."""
    _, ours = pair()
    x = torch.randn(2, 3, 4, 4)
    ours(x)
    both = torch.cat([x, x]).transpose(0, 1).reshape(3, -1)
    torch.testing.assert_close(ours.running_mean, 0.1 * both.mean(1))
    torch.testing.assert_close(ours.running_var, 0.9 + 0.1 * both.var(1))


def test_evaluation_is_as_it_was() -> None:
    plain, ours = pair()
    x = torch.randn(2, 3, 4, 4)
    assert torch.equal(ours.eval()(x), plain.eval()(x))


def test_bfloat16_stays_so(alone: None) -> None:
    _, ours = pair()
    assert ours(torch.randn(2, 3, 4, 4).bfloat16()).dtype == torch.bfloat16


def test_wrong_shapes_are_refused_as_by_pytorch(alone: None) -> None:
    _, ours = pair()
    with pytest.raises(ValueError, match="4D"):
        ours(torch.randn(2, 3))


def test_whole_networks_are_changed_in_place_and_can_be_copied() -> None:
    class Group:
        def __deepcopy__(self, memo: Any) -> Any:
            raise TypeError("groups cannot be copied")

    net = nn.Sequential(nn.Conv2d(1, 2, 1), nn.Sequential(nn.BatchNorm2d(2)), nn.BatchNorm1d(3))
    inner, names = net[1][0], list(net.state_dict())
    synchronise(net, Group(), cuda=False)
    assert net[1][0] is inner and isinstance(inner, Synchronised)
    assert list(net.state_dict()) == names
    assert list(copy.deepcopy(net).state_dict()) == names


def test_on_gpus_it_is_pytorchs() -> None:
    net = nn.Sequential(nn.BatchNorm2d(2))
    synchronise(net, "group", cuda=True)
    assert isinstance(net[0], nn.SyncBatchNorm) and net[0].process_group == "group"
    assert torch.equal(
        net.eval()(torch.ones(1, 2, 1, 1)), nn.BatchNorm2d(2).eval()(torch.ones(1, 2, 1, 1))
    )
