"""Compiling a graph to a TensorRT plan, by Torch-TensorRT's Dynamo front end.

The call takes the whole graph or raises: one operation without a converter is an error. Settings
are part of a plan's key.
"""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from avatar.errors import EngineError
from engines.trt_forms import Form, sample_in_half

if TYPE_CHECKING:
    import torch

    from avatar.model.graphs import Graph

SETTINGS: dict[str, Any] = {
    "require_full_compilation": True,
    "min_block_size": 1,
    "optimization_level": 4,
    "num_avg_timing_iters": 4,
    # Not refittable: the fastest kernels, and the built-in engine cache stays off.
    "immutable_weights": True,
    "cache_built_engines": False,
    "reuse_cached_engines": False,
}


class Compiled(NamedTuple):
    """A plan, and the engine's names of the graph's inputs and outputs by ours."""

    plan: bytes
    inputs: dict[str, str]
    outputs: dict[str, str]


class Compiler(Protocol):
    """What makes plans."""

    def compile(self, graph: "Graph", form: Form) -> Compiled:
        """The plan of a graph whose module already has the form's types.

        Raises:
            EngineError: it cannot be compiled.
        """
        ...


class TensorRtCompiler:
    """Torch-TensorRT.

    Args:
        device: the GPU to compile on and for.
        timing: file that keeps how long kernels took, so that building again is quicker.
    """

    def __init__(self, device: "torch.device", timing: Path) -> None:
        self.device = device
        self.timing = timing

    def compile(self, graph: "Graph", form: Form) -> Compiled:
        """The plan of a graph whose module already has the form's types."""
        import torch
        import torch_tensorrt

        example = tuple(tensor.to(self.device) for tensor in graph.inputs.values())
        try:
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")  # of the compiler about itself
                module = graph.module.to(self.device)
                program = torch.export.export(module, example, strict=False)
                if form.half_sampling:
                    sample_in_half(program)
                names = [name.lower() for name in program.graph_signature.user_inputs]
                plan = torch_tensorrt.dynamo.convert_exported_program_to_serialized_trt_engine(
                    program,
                    arg_inputs=example,
                    device=torch_tensorrt.Device(gpu_id=self.device.index or 0),
                    disable_tf32=not form.tf32,
                    timing_cache_path=str(self.timing),
                    **SETTINGS,
                )
        except Exception as error:  # torch.export and Torch-TensorRT raise anything
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise EngineError(
                f"TensorRT cannot compile {graph.name} ({form.sentence}): {first}",
                hint="Run with another engine: --engine compiled",
            ) from error
        outputs = {name: f"output{i}" for i, name in enumerate(graph.outputs)}
        return Compiled(plan, dict(zip(graph.inputs, names, strict=True)), outputs)
