"""Level 1 of the three tests that stand in for a GPU: every operation of every graph has
a converter, by the list in trt_converters.json. It needs no TensorRT package, and does not see the
converters' validators: level 2 does (test_trt_front_end.py)."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from avatar.model.blocks import fold
from avatar.model.dagan import Dagan
from avatar.model.graphs import Graph, capture, graphs
from avatar.model.params import PRESETS
from avatar.model.precision import to_half
from engines.trt_forms import LADDER, Form, sample_in_half

LIST = json.loads(Path(__file__).with_name("trt_converters.json").read_text())

COVERED = ("compact", "fomm256", "vox256", "vox256-depth50", "vox256-self", "vox256-spade")
"""The other presets are made of the same parts."""

REWRITTEN = (
    "aten.max_pool2d_with_indices.default",  # a pass turns it into max_pool2d
    "aten._assert_tensor_metadata.default",  # a pass removes it
    "operator.getitem",
)


def operation(name: str) -> Any:
    """The operation of a dotted name: "aten.matmul.default"."""
    found: Any = torch.ops
    for part in name.split("."):
        found = getattr(found, part)
    return found


@cache
def decompositions() -> dict[Any, Callable[..., Any]]:
    """What Torch-TensorRT decomposes an exported program with, rebuilt from its list."""
    from torch._decomp import get_decompositions
    from torch._export.utils import (
        _collect_all_valid_cia_ops_for_aten_namespace,
        _get_decomp_for_cia,
    )

    aten = torch.ops.aten
    kept = {operation(name) for name in LIST["kept"]}
    kept.add(aten.scaled_dot_product_attention.default)
    table: dict[Any, Callable[..., Any]] = {
        **get_decompositions([operation(name) for name in LIST["decomposed"]]),
        **{
            op: _get_decomp_for_cia(op)
            for op in _collect_all_valid_cia_ops_for_aten_namespace()
            if op not in kept
        },
    }
    return table | {
        aten.view.default: lambda x, size: aten._reshape_copy.default(x, size),
        aten._unsafe_view.default: torch.reshape,
        aten.alias.default: lambda x: x,
        aten.lift_fresh_copy.default: lambda x: x,
        aten.reciprocal.default: lambda x: aten.div.Tensor(1, x),
        aten.rsqrt.default: lambda x: torch.reciprocal(torch.sqrt(x)),
        aten.full_like.default: lambda x, value, dtype=None, **more: torch.full(
            x.shape, value, dtype=dtype or x.dtype
        ),
        aten.instance_norm.default: lambda x, weight, bias, mean, var, own, momentum, eps, cudnn: (
            F.group_norm(x, x.shape[1], weight, bias, eps)
        ),
    }


def operations(graph: Graph, form: Form) -> list[str]:
    """Names of the operations that are left to convert."""
    program = capture(graph)
    if form.half_sampling:
        sample_in_half(program)
    program = program.run_decompositions(decompositions())
    inputs = set(program.graph_signature.user_inputs)
    depends: set[torch.fx.Node] = set()
    found = []
    for node in program.graph.nodes:
        # What depends on weights alone is computed while compiling.
        if node.name in inputs or depends & set(node.all_input_nodes):
            depends.add(node)
            if node.op == "call_function":
                found.append(str(node.target))
    return [name if "." in name else "operator.getitem" for name in found]


@pytest.mark.slow
@pytest.mark.parametrize("preset", COVERED)
def test_every_operation_has_a_converter(preset: str) -> None:
    plain = list(graphs(fold(Dagan(PRESETS[preset]))))
    half = to_half(fold(Dagan(PRESETS[preset])).requires_grad_(False))
    for graph in plain:
        form = LADDER[graph.name][0]
        module = type(graph.module)(half).eval()
        found = operations(graph._replace(module=module), form)
        assert len(found) > 10  # an encoder without depth has no more
        missing = set(found) - {*LIST["converters"], *REWRITTEN}
        assert not missing, f"{graph.name}, {form.sentence}: {sorted(missing)}"
        sampled = {name for name in found if "grid_sampler" in name}
        assert sampled <= {"aten.grid_sampler_2d.default", "aten.grid_sampler.default"}
        assert bool(sampled) == (graph.name == "render")


class Odd(torch.nn.Module):
    def forward(self, matrix: torch.Tensor) -> torch.Tensor:
        for _ in range(4):
            matrix = torch.inverse(matrix)
        return matrix


def test_the_list_knows_what_has_no_converter() -> None:
    graph = Graph("odd", Odd(), {"matrix": torch.eye(2)[None]}, ("inverse",))
    found = operations(graph, LADDER["detect"][-1])
    assert set(found) - set(LIST["converters"]) - set(REWRITTEN) == {"aten.linalg_inv_ex.default"}
