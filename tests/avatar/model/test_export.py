"""The three graphs can be captured whole, so that other engines can take them."""

import pytest
import torch
from torch import Tensor, nn

from avatar.model.dagan import Dagan
from avatar.model.generator import Code


class Graph(nn.Module):
    """One method of the network as a module."""

    def __init__(self, network: Dagan, method: str) -> None:
        super().__init__()
        self.network = network
        self.method = method

    def forward(self, *inputs: Tensor | Code) -> object:
        return getattr(self.network, self.method)(*inputs)


@pytest.mark.parametrize("method", ["detect", "encode", "render"])
def test_graph_is_captured_whole_and_gives_the_same(compact: Dagan, method: str) -> None:
    torch.manual_seed(3)
    inputs: tuple[Tensor | Code, ...] = (torch.rand(1, 3, 256, 256),)
    if method == "render":
        encoded = compact.encode(inputs[0])
        affine = torch.eye(2).expand(1, 20, 2, 2) + 0.01 * torch.randn(1, 20, 2, 2)
        inputs = (encoded.code, encoded.value, encoded.value + 0.02, affine)
    graph = Graph(compact, method)
    program = torch.export.export(graph, inputs, strict=False)
    names = {str(node.target) for node in program.graph.nodes if node.op == "call_function"}
    assert not {name for name in names if "inv" in name or "float64" in name}
    want = [t for t in torch.utils._pytree.tree_leaves(graph(*inputs)) if t.numel()]
    got = [t for t in torch.utils._pytree.tree_leaves(program.module()(*inputs)) if t.numel()]
    assert len(got) == len(want) > 0
    for ours, theirs in zip(got, want, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)
