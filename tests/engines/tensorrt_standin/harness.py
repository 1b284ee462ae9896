"""Runs our compiler, runtime and engine over the real Torch-TensorRT front end and the stand-in.

A process of its own, since it replaces parts of ``torch.cuda``::

    python harness.py SITE coverage|network|engine|refusals PRESET

SITE is the unpacked Torch-TensorRT wheel (tools/trt_front_end.py). The last line printed is JSON.
"""

import collections
import json
import logging
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


def prepare(site: Path) -> None:
    """Make ``torch_tensorrt`` importable without a GPU, and find our own packages."""
    import torch

    sys.path[:0] = [str(Path(__file__).parent), str(site), str(ROOT)]
    warnings.filterwarnings("ignore")
    logging.disable(logging.ERROR)
    cuda: Any = torch.cuda
    cuda.get_device_capability = lambda *a, **k: (9, 0)
    cuda.current_device = lambda: 0
    cuda.is_available = lambda: False
    cuda.mem_get_info = lambda *a: (2**36, 2**36)
    cuda.empty_cache = lambda: None
    if not hasattr(torch._C, "_CudaDeviceProperties"):
        torch._C._CudaDeviceProperties = type("Properties", (), {})  # type: ignore[misc]
    import torch_tensorrt  # noqa: F401


def network(preset: str, half: bool) -> Any:
    """A network with random weights and random statistics of its batch normalisations."""
    import torch
    from torch import nn

    from avatar.model.dagan import Dagan
    from avatar.model.params import PRESETS

    torch.manual_seed(0)
    made = Dagan(PRESETS[preset]).eval()
    with torch.no_grad():
        for module in made.modules():
            if isinstance(module, nn.BatchNorm2d):
                for tensor in (module.running_var, module.weight):
                    tensor.uniform_(0.5, 1.5)
                for tensor in (module.running_mean, module.bias):
                    tensor.uniform_(-0.3, 0.3)
    return finish(made, half)


def finish(made: Any, half: bool) -> Any:
    from avatar.model.blocks import fold
    from avatar.model.precision import to_half

    made.requires_grad_(False)
    fold(made)
    return to_half(made) if half else made


def graphs(preset: str) -> Iterator[tuple[Any, Any]]:
    """Every graph in every form of its ladder, with example inputs in FP32."""
    from avatar.model.graphs import graphs as modules
    from engines.trt_forms import FULL, LADDER

    plain = list(modules(network(preset, half=False)))
    half = network(preset, half=True)
    for graph in plain:
        mixed = type(graph.module)(half).eval()
        for form in LADDER[graph.name]:
            if graph.name == "render" and form is FULL:
                continue  # the same graph as in TF32
            yield graph._replace(module=mixed if form.half else graph.module), form


def lower(graph: Any, form: Any) -> Any:
    """The graph as Torch-TensorRT's converters get it: exported, decomposed, lowered."""
    import torch
    import torch_tensorrt
    from torch_tensorrt.dynamo._settings import CompilationSettings
    from torch_tensorrt.dynamo.conversion._ConverterRegistry import DYNAMO_CONVERTERS
    from torch_tensorrt.dynamo.lowering import (
        get_decompositions,
        post_lowering,
        pre_export_lowering,
    )

    from avatar.model.graphs import capture
    from engines.trt_forms import sample_in_half

    settings = CompilationSettings(
        device=torch_tensorrt.Device(gpu_id=0), min_block_size=1, require_full_compilation=True
    )
    with torch.no_grad():
        program = capture(graph)
        if form.half_sampling:
            assert sample_in_half(program) > 0
        program = pre_export_lowering(program, settings)
        table = get_decompositions(False, settings.decompose_attention, False)
        module = post_lowering(program.run_decompositions(table).module(), settings)
    DYNAMO_CONVERTERS.set_compilation_settings(settings)
    return module


def coverage(preset: str) -> Iterator[dict[str, Any]]:
    """Level 2: operations without a converter whose validator accepts them."""
    from torch_tensorrt.dynamo.conversion._ConverterRegistry import DYNAMO_CONVERTERS

    for graph, form in graphs(preset):
        nodes = [node for node in lower(graph, form).graph.nodes if node.op == "call_function"]
        missing = [f"{node.name}: {node.target}" for node in nodes if node not in DYNAMO_CONVERTERS]
        yield {"graph": graph.name, "form": form.name, "nodes": len(nodes), "missing": missing}


def errors(found: Any, wanted: Any) -> dict[str, float]:
    """Of each output: largest error, as a share of the largest value or of 1."""
    return {
        name: float((found[name].float() - value.float()).abs().max() / max(value.abs().max(), 1.0))
        for name, value in wanted.items()
    }


def eager(graph: Any) -> dict[str, Any]:
    """What the module itself gives, by name.

    Products of FP16 are accumulated in FP32 and rounded once, as GPUs do; CPUs also take minutes
    for convolutions in FP16.
    """
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    class Accumulate(TorchDispatchMode):
        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None):
            wide = str(function).split(".")[1] in ("convolution", "bmm", "mm", "addmm")
            if not wide or args[0].dtype != torch.float16:
                return function(*args, **(kwargs or {}))
            return function(*(a.float() if isinstance(a, torch.Tensor) else a for a in args)).half()

    with torch.no_grad(), Accumulate():
        found = graph.module(*graph.inputs.values())
    found = found if isinstance(found, tuple) else (found,)
    return dict(zip(graph.outputs, found, strict=True))


def networks(preset: str) -> Iterator[dict[str, Any]]:
    """Level 3: our compiler and runtime end to end, the network evaluated against the module.

    With inputs other than those that the network was built with.
    """
    import tensorrt
    import torch

    from engines.plans import Plan
    from engines.trt_compile import TensorRtCompiler
    from engines.trt_runtime import LoadedPlan

    wanted: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        compiler = TensorRtCompiler(torch.device("cpu"), Path(folder) / "timing.bin")
        for graph, form in graphs(preset):
            if id(graph.module) not in wanted:
                wanted[id(graph.module)] = eager(graph)
            made = compiler.compile(graph, form)
            plan = Plan(Path("memory.plan"), made.inputs, made.outputs)
            loaded = LoadedPlan(made.plan, plan, torch.device("cpu"))
            built = tensorrt.BUILT[-1]
            kinds = collections.Counter(node.kind for node in built.layers)
            yield {
                "graph": graph.name,
                "form": form.name,
                "layers": sum(kinds.values()),
                "sampled": sorted(
                    {
                        str(node.inputs[0].dtype)
                        for node in built.layers
                        if node.kind == "grid_sample"
                    }
                ),
                "tf32": "TF32" not in built.cleared,
                "errors": errors(loaded(graph.inputs), wanted[id(graph.module)]),
            }
            built.layers.clear()  # gigabytes of constants


def engine(preset: str) -> Iterator[dict[str, Any]]:
    """The bundled weights compiled, compared and opened by the engine itself, in one process."""
    import numpy as np
    import torch

    import engines.plans
    from avatar.weights import load
    from engines.check import pictures, psnr
    from engines.cuda import PlainDevice
    from engines.eager import EagerEngine
    from engines.trt import TrtEngine
    from engines.trt_build import make
    from engines.trt_compile import TensorRtCompiler
    from engines.trt_machine import TensorRtMachine

    class Machine(TensorRtMachine):
        def parts(self) -> dict[str, str]:
            return {"GPU": "none", "driver": "none"}

        def device(self) -> PlainDevice:
            return PlainDevice()

    weights, machine = load(preset), Machine()
    told: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        engines.plans.cache_folder = lambda: Path(folder)  # type: ignore[assignment]
        compiler = TensorRtCompiler(torch.device("cpu"), Path(folder) / "timing.bin")
        made = TrtEngine(weights, machine=machine)
        make(weights, compiler, lambda: made, lambda step, what: told.append(step))
        made.open()
        eager = EagerEngine(weights)
        eager.open()
        portrait, driving = pictures()
        found, wanted = (
            one.render(one.encode(portrait)[0], one.detect(driving)) for one in (made, eager)
        )
        yield {
            "told": told,
            "note": made.note,
            "psnr": psnr(found, wanted),
            "missing": made.missing(),
        }
        (Path(folder) / "timing.bin").read_bytes()
        first = next(iter(sorted(made.plans.folder.glob("*.plan"))))
        first.write_bytes(np.arange(9, dtype=np.uint8).tobytes())
        yield {"missing": made.missing()}


def refusals(preset: str) -> Iterator[str]:
    """What has to be refused: by the front end's validators, and by strong typing. Yields why."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    from avatar.errors import EngineError
    from avatar.model.graphs import Graph
    from engines.trt_compile import TensorRtCompiler
    from engines.trt_forms import HALF

    class Module(nn.Module):
        def __init__(self, function: Any) -> None:
            super().__init__()
            self.forward = function

    def volume(x: Any) -> Any:
        return F.grid_sample(x[:, None, None], torch.zeros(1, 2, 4, 4, 3), align_corners=False)

    def attention(x: Any) -> Any:
        return F.scaled_dot_product_attention(x, x, torch.cat([x, x], -1))

    cases = {"inverse": torch.inverse, "attention": attention, "volume": volume}
    with tempfile.TemporaryDirectory() as folder:
        compiler = TensorRtCompiler(torch.device("cpu"), Path(folder) / "timing.bin")
        for name, function in cases.items():
            x = torch.eye(4)[None]
            graph = Graph(name, Module(function), {"x": x}, ("y",))
            try:
                compiler.compile(graph, HALF)
            except EngineError as error:
                yield f"{name}: {error.message}"
    yield from mismatches()


def mismatches() -> Iterator[str]:
    """Layers whose operands a strongly typed network refuses."""
    import tensorrt as trt

    network = trt.INetworkDefinition()
    full = network.add_input("a", trt.float32, (1, 2, 4, 4))
    half = network.add_input("b", trt.float16, (1, 2, 4, 4))
    flat = network.add_input("c", trt.float32, (2, 4))
    layers = {
        "sum of two types": network.add_elementwise(full, half, trt.ElementWiseOperation.SUM),
        "sum of two ranks": network.add_elementwise(full, flat, trt.ElementWiseOperation.SUM),
        "concatenation": network.add_concatenation([full, half]),
        "grid sample": network.add_grid_sample(full, half),
    }
    for name, node in layers.items():
        try:
            _ = node.get_output(0).dtype
        except TypeError as error:
            yield f"{name}: {error}"
    node = layers["sum of two types"]
    try:
        node.op = trt.ElementWiseOperation.PROD
    except RuntimeError as error:
        yield f"late: {error}"


def main(site: str, what: str, preset: str) -> None:
    prepare(Path(site))
    found: Any = {
        "coverage": coverage,
        "network": networks,
        "engine": engine,
        "refusals": refusals,
    }[what](preset)
    print(json.dumps(list(found)))


if __name__ == "__main__":
    main(*sys.argv[1:])
