"""Forms: the numeric variants in which a graph can be compiled, and the order they are tried in.

TensorRT 11 takes types from the module itself, so a form is a matter of the network and of the
exported program, and says nothing to TensorRT but whether FP32 may be rounded to TF32.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avatar.model.dagan import Dagan
    from avatar.weights import Weights


@dataclass(frozen=True)
class Form:
    """A numeric variant of a graph.

    Attributes:
        name: in file names.
        sentence: for people.
        half: FP16 but for what makes coordinates (avatar.model.precision); else FP32.
        half_sampling: pictures and grids are rounded to FP16 for sampling alone.
        tf32: FP32 products may be rounded to TF32.
    """

    name: str
    sentence: str
    half: bool
    half_sampling: bool = False
    tf32: bool = False


HALF = Form("half", "FP16, coordinates in FP32", half=True)
HALF_SAMPLING = Form("half-sampling", "FP16, sampled in FP16 too", half=True, half_sampling=True)
TF32 = Form("tf32", "FP32 with TF32 products", half=False, tf32=True)
FULL = Form("full", "FP32", half=False)

LADDER: dict[str, tuple[Form, ...]] = {
    "detect": (HALF, FULL),
    "encode": (HALF, FULL),
    "render": (HALF, HALF_SAMPLING, TF32, FULL),
}
"""Forms of each graph, the fastest first; a graph whose plan differs from the reference takes the
next. FP32 sampling inside an FP16 network is reported wrong for TensorRT since 10.14.1
(pytorch/TensorRT issue 4074), hence the second form of ``render``."""


def network(weights: "Weights", half: bool) -> "Dagan":
    """The network on the CPU, batch normalisation folded, in FP32 or mixed FP16.

    Raises:
        WeightsError: the weights are damaged.
    """
    from avatar.model.blocks import fold
    from avatar.model.dagan import Dagan
    from avatar.model.precision import to_half

    made = Dagan(weights.params)
    made.load_state_dict(weights.tensors)
    made.requires_grad_(False)
    fold(made)
    return to_half(made) if half else made


def sample_in_half(program: Any) -> int:
    """Round what every ``grid_sample`` of an exported program takes to FP16, in place.

    What it gives is cast back. Returns how many there were.
    """
    import torch

    cast = torch.ops.aten.to.dtype
    graph = program.graph_module.graph
    found = [node for node in graph.nodes if "grid_sampler" in str(node.target)]
    for node in found:
        kind = node.meta["val"].dtype
        with graph.inserting_before(node):
            picture, grid = (graph.call_function(cast, (x, torch.float16)) for x in node.args[:2])
        node.args = (picture, grid, *node.args[2:])
        with graph.inserting_after(node):
            back = graph.call_function(cast, (node, kind))
        node.replace_all_uses_with(back, delete_user_cb=lambda user, back=back: user is not back)
    program.graph_module.recompile()
    return len(found)
