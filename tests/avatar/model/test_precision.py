"""Mixed FP16 against FP32, on a CPU.

CPUs without FP16 units take seconds for what GPUs do at once, so ``Accumulate`` computes
convolutions and products of FP16 tensors in FP32 and rounds the result: what GPUs do too, whose
tensor cores sum in FP32. Bounds are three to five times what was measured with the portrait below.
"""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from avatar.assets import asset
from avatar.model.blocks import fitted, fold, full
from avatar.model.dagan import Dagan, Encoded, combine_jacobians
from avatar.model.graphs import capture, graphs
from avatar.model.params import PRESETS
from avatar.model.precision import ISLANDS, to_half
from avatar.model.upsampling import merge_upsampling
from avatar.weights import load

WEIGHTED = (torch.conv2d, torch.conv_transpose2d, torch.matmul)


class Accumulate(TorchFunctionMode):
    """FP16 products summed in FP32; ``seen`` collects the input types of each function."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, torch.dtype]] = set()

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        tensors = [a for a in args if isinstance(a, Tensor) and a.is_floating_point()]
        self.seen |= {(getattr(func, "__name__", ""), t.dtype) for t in tensors}
        if func in WEIGHTED and tensors[0].dtype == torch.float16:
            assert {t.dtype for t in tensors} == {torch.float16}
            wide = [a.float() if isinstance(a, Tensor) else a for a in args]
            return func(*wide, **(kwargs or {})).half()
        return func(*args, **(kwargs or {}))


def photograph(box: tuple[int, int, int, int]) -> Tensor:
    with Image.open(asset("portraits/astronaut.png")) as picture:
        pixels = np.array(picture.convert("RGB").crop(box).resize((256, 256), Image.LANCZOS))
    return torch.from_numpy(pixels).permute(2, 0, 1)[None] / 255


PORTRAIT = photograph((140, 20, 310, 190))
DRIVING = photograph((150, 10, 330, 190))


def results(network: Dagan) -> tuple[Encoded, Tensor, Tensor, Tensor]:
    """What encode gives; keypoints and jacobians of the driving picture; the picture."""
    with torch.no_grad():
        encoded = network.encode(PORTRAIT)
        value, jacobian, _ = network.detect(DRIVING)
        affine = combine_jacobians(encoded.jacobian[0].numpy(), jacobian[0].numpy())
        affine = torch.from_numpy(affine)[None]
        picture = network.render(encoded.code, encoded.value, value, affine)
    return encoded, value, jacobian, picture


@pytest.fixture(scope="module")
def trained() -> Dagan:
    weights = load("compact")
    network = Dagan(weights.params)
    network.load_state_dict(weights.tensors)
    network.requires_grad_(False)
    return network.eval()


@pytest.fixture(scope="module")
def wanted(trained: Dagan) -> Iterator[tuple[Encoded, Tensor, Tensor, Tensor]]:
    yield results(trained)


def differences(got: Any, want: Any) -> dict[str, float]:
    """Largest difference of keypoints and of jacobians (relative); of the pictures in levels of
    255: mean and 99.9th percentile."""
    levels = (got[3] - want[3]).abs().flatten() * 255
    return {
        "value": float((got[1] - want[1]).abs().max()),
        "jacobian": float((got[2] - want[2]).abs().max() / want[2].abs().max()),
        "mean": float(levels.mean()),
        "most": float(levels.kthvalue(int(0.999 * levels.numel())).values),
    }


BOUNDS = {"value": 5e-4, "jacobian": 1.5e-3, "mean": 0.12, "most": 3.0}
"""Measured on compact: 1.1e-4, 3.3e-4, 0.029, 0.78."""


@pytest.mark.parametrize("how", ["folded", "unfolded", "merged"])
def test_compact_in_mixed_precision_shows_the_same(trained: Dagan, wanted: Any, how: str) -> None:
    network = copy.deepcopy(trained)
    if how != "unfolded":
        fold(network)
    if how == "merged":
        merge_upsampling(network)
    with Accumulate() as mode:
        found = differences(results(to_half(network)), wanted)
    assert ("conv2d", torch.float16) in mode.seen
    assert {name: value for name, value in found.items() if value > BOUNDS[name]} == {}
    assert found["mean"] > 0


def test_what_makes_coordinates_is_computed_in_fp32(trained: Dagan) -> None:
    network = to_half(fold(copy.deepcopy(trained)))
    with Accumulate() as mode:
        encoded, *others = results(network)
    types: dict[str, set[torch.dtype]] = {}
    for name, dtype in mode.seen:
        types.setdefault(name, set()).add(dtype)
    for name in ("grid_sample", "softmax", "sigmoid", "exp", "square"):
        assert types[name] == {torch.float32}, name
    assert types["matmul"] == {torch.float32, torch.float16}  # scores; probabilities and values
    outputs = [*encoded.code, encoded.value, *others]
    assert {tensor.dtype for tensor in outputs if tensor.numel()} == {torch.float32}


def test_weights_are_fp16_but_for_the_islands_and_the_buffers(trained: Dagan) -> None:
    network = to_half(fold(copy.deepcopy(trained)))
    wide = {name for name, p in network.named_parameters() if p.dtype == torch.float32}
    assert wide == {n for n, _ in network.named_parameters() if n.startswith(ISLANDS)}
    assert {name.rsplit(".", 1)[0] + "." for name in wide} == set(ISLANDS)
    want = dict(fold(copy.deepcopy(trained)).named_buffers())
    for name, buffer in network.named_buffers():
        torch.testing.assert_close(buffer, want[name], rtol=0, atol=0)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())


def test_statistics_that_fp16_cannot_hold() -> None:
    """A variance of 1e6 is infinite in FP16, one of 1e-9 is zero."""
    network = Dagan(PRESETS["compact"])
    block = network.generator.bottleneck[0]
    block.norm1.running_var[:2] = torch.tensor([1e6, 1e-9])
    x = torch.rand(1, 48, 4, 4) * 100
    with torch.no_grad():
        want = block.norm1.eval()(x)
        got = to_half(network).generator.bottleneck[0].norm1(x.half())
    torch.testing.assert_close(got.float(), want, rtol=5e-3, atol=5e-3)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["detect", "encode", "render"])
def test_graphs_take_and_give_fp32_and_are_captured_whole(trained: Dagan, name: str) -> None:
    with Accumulate():
        graph = next(g for g in graphs(to_half(copy.deepcopy(trained))) if g.name == name)
    assert {tensor.dtype for tensor in graph.inputs.values()} == {torch.float32}
    program = capture(graph)
    with torch.no_grad(), Accumulate():
        want = graph.module(*graph.inputs.values())
    (outputs,) = [node.args[0] for node in program.graph.nodes if node.op == "output"]
    want = want if isinstance(want, tuple) else (want,)
    assert [(o.meta["val"].shape, o.meta["val"].dtype) for o in outputs] == [
        (tensor.shape, torch.float32) for tensor in want
    ]


@pytest.mark.slow
def test_in_fp32_nothing_is_cast(compact: Dagan) -> None:
    x, weight = torch.rand(2), torch.rand(1)
    assert fitted(x, weight) is x and full(x) is x
    for graph in graphs(compact):
        names = {str(n.target) for n in capture(graph).graph.nodes if n.op == "call_function"}
        assert not {n for n in names if ".to." in n or "_to_copy" in n}


def test_what_autocast_made_is_left_to_autocast() -> None:
    x = torch.rand(2).bfloat16()
    assert fitted(x, torch.rand(1)) is x and full(x) is x


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preset", "bounds"),
    [
        # Measured: 7.8e-4, 7.1e-5, 0.082, 0.86.
        ("vox256", {"value": 2e-3, "jacobian": 1e-3, "mean": 0.3, "most": 3.0}),
        # Measured: the same keypoints, 0.37, 3.3: instance norms enlarge differences, and random
        # weights do not smooth them.
        ("vox256-spade", {"value": 2e-3, "jacobian": 1e-3, "mean": 0.8, "most": 8.0}),
    ],
)
def test_the_official_architectures(preset: str, bounds: dict[str, float]) -> None:
    from tools import golden

    network = fold(golden.network(0, preset))
    want = results(network)
    with Accumulate():
        found = differences(results(to_half(network)), want)
    assert {name: value for name, value in found.items() if value > bounds[name]} == {}


def test_every_preset_in_mixed_precision(small: Dagan) -> None:
    network = fold(copy.deepcopy(small))
    want = results(network)
    with Accumulate() as mode:
        got = results(to_half(network))
    assert ("conv2d", torch.float16) in mode.seen
    outputs = [*got[0].code, got[0].value, *got[1:]]
    assert {tensor.dtype for tensor in outputs if tensor.numel()} == {torch.float32}
    wide = {name for name, p in network.named_parameters() if p.dtype == torch.float32}
    assert wide == {name for name, _ in network.named_parameters() if name.startswith(ISLANDS)}
    # Random weights of a few channels average nothing out: loose bounds, against gross errors.
    found = differences(got, want)
    assert found["value"] < 0.02 and found["mean"] < 2.0, found


@pytest.mark.slow
def test_the_cpus_own_fp16_kernels(trained: Dagan, wanted: Any) -> None:
    found = differences(results(to_half(fold(copy.deepcopy(trained)))), wanted)
    assert {name: value for name, value in found.items() if value > BOUNDS[name]} == {}
