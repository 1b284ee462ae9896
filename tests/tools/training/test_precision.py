import copy

import torch
from torch import Tensor, nn

from tools.training.precision import lower


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3)
        self.norm = nn.BatchNorm2d(3)

    def forward(self, x: Tensor, seen: list[torch.dtype]) -> tuple[Tensor, dict[str, Tensor]]:
        found = self.conv(x)
        seen.append(found.dtype)
        return self.norm(found), {"sum": found.sum(), "count": torch.tensor(3)}


def test_a_lowered_module_computes_in_bfloat16_and_gives_float32() -> None:
    net, x, seen = Net(), torch.randn(2, 2, 5, 5), list[torch.dtype]()
    exact = net(x, seen)[0]
    names = list(net.state_dict())
    lower(net, "bf16")
    found, more = net(x, seen)
    assert seen == [torch.float32, torch.bfloat16]
    assert found.dtype == more["sum"].dtype == torch.float32 and more["count"].dtype == torch.int64
    assert 0 < (found - exact).abs().max() < 0.1
    assert list(net.state_dict()) == names and isinstance(net, Net)
    assert all(p.dtype == torch.float32 for p in net.parameters())
    found.square().sum().backward()
    assert net.conv.weight.grad is not None and net.conv.weight.grad.dtype == torch.float32


def test_a_copy_computes_with_its_own_weights() -> None:
    net = nn.Conv2d(1, 1, 1)
    lower(net, "bf16")
    twin = copy.deepcopy(net)
    with torch.no_grad():
        twin.weight.fill_(2)
        twin.bias.zero_()
    assert torch.equal(twin(torch.ones(1, 1, 1, 1)), torch.full((1, 1, 1, 1), 2.0))


def test_it_can_be_undone_and_done_twice() -> None:
    net = nn.Linear(3, 3)
    x = torch.randn(4, 3)
    exact = net(x)
    lower(net, "fp32")
    assert type(net) is nn.Linear
    lower(net, "bf16")
    kind = type(net)
    lower(net, "bf16")
    assert type(net) is kind and not torch.equal(net(x), exact)
    lower(net, "fp32")
    assert type(net) is nn.Linear and torch.equal(net(x), exact)
