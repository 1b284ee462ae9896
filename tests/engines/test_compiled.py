"""The compiled engine on a CPU, where recording is calling; CUDA itself was not run."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from avatar.errors import EngineError
from avatar.frame import Keypoints
from avatar.weights import Weights, load
from engines import compiled as module
from engines.check import pictures, psnr
from engines.compiled import CompiledEngine
from engines.cuda import Device, PlainDevice
from engines.eager import EagerEngine

PORTRAIT, DRIVING = pictures()


class OnCpu(CompiledEngine):
    """The engine with a CPU for a GPU; counts what is recorded."""

    recorded = 0

    @classmethod
    def available(cls) -> str:
        return ""

    @classmethod
    def device(cls) -> Device:
        class Counted(PlainDevice):
            def record(self, step: Any) -> Any:
                OnCpu.recorded += 1
                return super().record(step)

        return Counted()


@pytest.fixture(scope="module")
def weights() -> Weights:
    return load("compact")


@pytest.fixture(scope="module")
def engine(weights: Weights) -> Iterator[OnCpu]:
    engine = OnCpu(weights, "fp32")
    engine.open()
    yield engine
    engine.close()


def test_it_gives_what_eager_gives(engine: OnCpu, weights: Weights) -> None:
    eager = EagerEngine(weights)
    eager.open()
    results = []
    for each in (eager, engine):
        code, portrait = each.encode(PORTRAIT)
        driving = each.detect(DRIVING)
        maps = each.inspect(code, DRIVING, driving, ["depth", "flow", "occlusion"])
        results.append((portrait, driving, each.render(code, driving), maps))
    eager.close()
    want, got = results
    for ours, theirs in zip(got[:2], want[:2], strict=True):
        np.testing.assert_allclose(ours.value, theirs.value, atol=1e-5)
        np.testing.assert_allclose(ours.jacobian, theirs.jacobian, atol=1e-4)
    assert np.abs(got[2].astype(int) - want[2]).max() <= 1
    for name, theirs in want[3].items():
        np.testing.assert_allclose(got[3][name], theirs, atol=1e-3)


def test_the_note_tells_what_runs_and_how_it_compares(engine: OnCpu) -> None:
    assert engine.note.startswith("fp32, against eager: detect keypoints within ")
    assert " dB" in engine.note
    assert "PyTorch's own kernels" in engine.note


def test_a_new_portrait_is_copied_and_nothing_recorded_again(engine: OnCpu) -> None:
    recorded = OnCpu.recorded
    first, _ = engine.encode(PORTRAIT)
    second, _ = engine.encode(DRIVING)
    motion = engine.detect(DRIVING)
    a, b = engine.render(first, motion), engine.render(second, motion)
    assert psnr(a, b) < 30
    np.testing.assert_array_equal(engine.render(first, motion), a)  # a was not written over
    np.testing.assert_array_equal(engine.render(second, motion), b)
    assert OnCpu.recorded == recorded


def test_results_do_not_share_memory(engine: OnCpu) -> None:
    found = engine.detect(PORTRAIT)
    kept = found.value.copy(), found.jacobian.copy()
    engine.detect(DRIVING)
    np.testing.assert_array_equal(found.value, kept[0])
    np.testing.assert_array_equal(found.jacobian, kept[1])


def test_misuse_is_an_error_that_says_what_is_missing(engine: OnCpu, weights: Weights) -> None:
    with pytest.raises(EngineError, match=r"\(256, 256, 3\) uint8, got \(64, 64, 3\)"):
        engine.detect(np.zeros((64, 64, 3), np.uint8))
    code, motion = engine.encode(PORTRAIT)
    with pytest.raises(EngineError, match="no map called hair"):
        engine.inspect(code, DRIVING, motion, ["hair"])
    closed = OnCpu(weights, "fp32")
    closed.close()
    with pytest.raises(EngineError, match="not open"):
        closed.render(code, Keypoints(motion.value, motion.jacobian))
    with pytest.raises(EngineError, match="no weights"):
        OnCpu(None).open()


def test_without_a_gpu_it_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("engines.gpu.gpu", "engines.compiled.gpu"):
        monkeypatch.setattr(name, lambda: None)
    assert CompiledEngine.available() == (
        "no NVIDIA GPU answers through its driver, and it runs on NVIDIA GPUs only"
    )


def test_where_it_cannot_run_open_says_why(weights: Weights) -> None:
    class Nowhere(CompiledEngine):
        @classmethod
        def available(cls) -> str:
            return "no NVIDIA GPU answers through its driver"

    with pytest.raises(EngineError, match="cannot run here: no NVIDIA GPU"):
        Nowhere(weights).open()


@pytest.mark.slow
def test_fp16_passes_its_check(weights: Weights) -> None:
    engine = OnCpu(weights)
    engine.open()
    assert (engine.precision, engine.note[:20]) == ("fp16", "fp16, against eager:")
    code, portrait = engine.encode(PORTRAIT)
    assert engine.render(code, portrait).shape == (256, 256, 3)
    engine.close()


ALL = [("fp16", True), ("fp16", False), ("fp32", False)]
"""The ways that open() tries where kernels were compiled."""


class Scripted:
    """Stands in for recording and comparing: which ways fail, and how."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: dict[str, str]) -> None:
        self.tried: list[str] = []
        self.fails = fails
        monkeypatch.setattr(module, "Recorded", self.record)
        monkeypatch.setattr(module, "_compare", self.compare)

    def record(self, device: Any, network: Any, compiled: bool, tell: Any) -> Any:
        half = network.generator.output.weight.dtype == torch.float16
        self.tried.append(f"{'fp16' if half else 'fp32'}{' compiled' if compiled else ''}")
        if self.fails.get(self.tried[-1], "").startswith("raises"):
            raise RuntimeError(self.fails[self.tried[-1]] + "\nand a long story")
        return SimpleNamespace(device=device)

    def compare(self, recorded: Any, reference: Any) -> tuple[bool, str]:
        assert reference.generator.output.weight.dtype == torch.float32
        why = self.fails.get(self.tried[-1])
        return why is None, why or "60 dB"


def test_what_does_not_compile_runs_as_it_is(
    weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Scripted(monkeypatch, {"fp16 compiled": "raises: no C compiler"})
    engine = OnCpu(weights)
    engine._open(ALL)
    assert script.tried == ["fp16 compiled", "fp16"]
    assert engine.note == (
        "fp16, against eager: 60 dB; fp16 with compiled kernels failed: raises: no C compiler"
    )


def test_fp16_that_fails_its_check_falls_to_fp32_and_says_so(
    weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Scripted(monkeypatch, {"fp16 compiled": "12 dB", "fp16": "13 dB"})
    engine = OnCpu(weights)
    engine._open(ALL)
    assert script.tried == ["fp16 compiled", "fp16", "fp32"]
    assert engine.precision == "fp32"
    assert "fp16 rejected: 13 dB" in engine.note


def test_nothing_agrees(weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    Scripted(monkeypatch, {"fp16": "12 dB", "fp32": "13 dB"})
    engine = OnCpu(weights)
    with pytest.raises(EngineError, match="fp16 rejected: 12 dB; fp32 rejected: 13 dB"):
        engine.open()
    engine.close()


def test_an_error_of_pytorch_itself_is_told(
    weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    Scripted(monkeypatch, {"fp32": "raises: CUDA error"})
    with pytest.raises(EngineError, match="failed to record the graphs: raises: CUDA error"):
        OnCpu(weights, "fp32").open()


class TestBuild:
    @pytest.fixture(autouse=True)
    def cache(self, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("engines.kernels.cache_folder", lambda: tmp_path)
        for name in (module.__name__, "engines.kernels"):
            monkeypatch.setattr(f"{name}.triton_lacks", lambda: "")

    def test_it_compiles_once(self, weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
        Scripted(monkeypatch, {})
        commands: list[list[str]] = []

        def aside(command: list[str], progress: Any, cancelled: Any) -> None:
            commands.append(command[-2:])
            OnCpu(weights, command[-1]).compile(lambda step: None)  # what the process does

        monkeypatch.setattr(module, "compile_aside", aside)
        engine = OnCpu(weights)
        told: list[str] = []
        for _ in range(2):
            engine.build(lambda share, what: told.append(what), lambda: False)
        assert commands == [[str(weights.path), "fp16"]]
        assert told == ["The kernels are compiled already"]

    def test_opening_uses_what_was_compiled(
        self, weights: Weights, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "")  # restored after the test
        script = Scripted(monkeypatch, {})
        engine = OnCpu(weights)
        engine.open()
        assert script.tried == ["fp16"] and "none were compiled yet" in engine.note
        engine.compile(lambda step: None)
        engine.open()
        assert script.tried == ["fp16", "fp16 compiled", "fp16 compiled"]
        script.fails |= {"fp16 compiled": "12 dB", "fp16": "13 dB"}
        script.tried.clear()
        OnCpu(weights).open()
        assert script.tried == ["fp16 compiled", "fp16", "fp32"]

    def test_kernels_that_fail_their_check_are_not_kept(
        self, weights: Weights, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        script = Scripted(monkeypatch, {"fp16 compiled": "12 dB"})
        with pytest.raises(EngineError, match="fp16 with compiled kernels rejected: 12 dB"):
            OnCpu(weights).compile(lambda step: None)
        OnCpu(weights).open()
        assert script.tried[-1] == "fp16"

    def test_without_triton(self, weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "triton_lacks", lambda: "Triton is not installed")
        with pytest.raises(EngineError, match="No kernels can be compiled: Triton is not"):
            OnCpu(weights).build(lambda share, what: None, lambda: False)

    def test_weights_that_came_from_no_file(self, weights: Weights) -> None:
        loose = Weights(weights.params, weights.tensors, "loose", "0" * 64)
        with pytest.raises(EngineError, match="came from none"):
            OnCpu(loose).build(lambda share, what: None, lambda: False)


@pytest.mark.slow
def test_torch_compile_takes_both_graphs_whole(
    weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything but the code generator, which needs Triton and a GPU."""
    compile_ = torch.compile
    options: list[dict[str, Any]] = []

    def traced(graph: Any, **given: Any) -> Any:
        options.append(given)
        return compile_(graph, **(given | {"mode": None, "backend": "aot_eager"}))

    monkeypatch.setattr(torch, "compile", traced)
    engine = OnCpu(weights)
    engine._open([("fp16", True)])
    assert engine.note.startswith("fp16 with compiled kernels, against eager: detect keypoints")
    assert [given["fullgraph"] for given in options] == [True, True]
    engine.close()
    torch._dynamo.reset()
