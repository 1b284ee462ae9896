import pytest
import torch

from avatar.model.blocks import UpBlock, fold
from avatar.model.dagan import Dagan
from avatar.model.graphs import graphs
from avatar.model.params import PRESETS
from avatar.model.upsampling import MergedUpBlock, merge_upsampling


@pytest.mark.parametrize("joined", [0, 3])
def test_a_merged_block_gives_the_same_with_its_borders(joined: int) -> None:
    torch.manual_seed(3)
    block = fold(UpBlock(5, 4, joined))
    x = torch.randn(2, 5, 6, 7)
    extra = torch.randn(2, joined, 12, 14) if joined else None
    with torch.no_grad():
        want = block(x, extra)
        got = MergedUpBlock(block)(x, extra)  # type: ignore[arg-type]
    torch.testing.assert_close(got, want, atol=1e-5, rtol=1e-5)


def test_a_block_has_to_be_folded_first() -> None:
    with pytest.raises(ValueError, match="fold"):
        MergedUpBlock(UpBlock(5, 4).eval())


def test_a_merged_network_gives_the_same() -> None:
    torch.manual_seed(4)
    network = fold(Dagan(PRESETS["compact"])).requires_grad_(False)
    made = list(graphs(network))  # type: ignore[arg-type]
    with torch.no_grad():
        before = [graph.module(*graph.inputs.values()) for graph in made]
        merge_upsampling(network)
        after = [graph.module(*graph.inputs.values()) for graph in made]
    assert not any(isinstance(module, UpBlock) for module in network.modules())
    for want, got in zip(before, after, strict=True):
        torch.testing.assert_close(got, want, atol=1e-4, rtol=1e-3)
