"""The trt engine over a compiler and a runtime that need no GPU: plans name a network, and running
one is running that network by PyTorch."""

import json
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from avatar.engine import Engine
from avatar.errors import Cancelled, EngineError, OutputError
from avatar.frame import Keypoints
from avatar.model.dagan import Dagan
from avatar.model.graphs import Graph, graphs
from avatar.model.params import PRESETS
from engines import trt_machine
from engines.check import pictures
from engines.cuda import PlainDevice
from engines.eager import EagerEngine
from engines.gpu import Gpu
from engines.plans import Plan, Plans, Verdict
from engines.trt import CheckFailed, TrtEngine
from engines.trt_build import make
from engines.trt_compile import Compiled
from engines.trt_forms import Form
from engines.trt_runtime import PlanUnreadable

PARAMS = replace(
    PRESETS["compact"],
    num_keypoints=4,
    depth_size=64,
    depth_encoder=(4, 4, 4, 4, 4),
    depth_decoder=(4, 4, 4, 4, 4),
    keypoint_size=64,
    keypoint_stem=4,
    keypoint_base=4,
    keypoint_max=8,
    keypoint_blocks=2,
    flow_size=32,
    flow_stem=8,
    flow_base=4,
    flow_max=8,
    flow_blocks=2,
    encoder=(4, 4, 8),
    depth_features=(4, 4, 4),
    attention_channels=4,
    attention_pool=8,
    bottleneck=1,
    decoder=(4, 4),
)
"""Every part of compact, as narrow as can be."""


@pytest.fixture(scope="module")
def weights() -> Any:
    torch.manual_seed(5)
    tensors = Dagan(PARAMS).state_dict()
    return SimpleNamespace(
        params=PARAMS, tensors=tensors, name="small", sha256="ab" * 32, path=Path("small.st")
    )


class FakeMachine:
    """A GPU that PyTorch on the CPU stands in for.

    Attributes:
        wrong: graphs and forms whose plans give wrong numbers.
        compiled: what was compiled, in order.
    """

    def __init__(self, weights: Any) -> None:
        self.facts = {"GPU": "NVIDIA Fake 9000", "driver": "580.1", "torch": "2.13.0"}
        self.wrong: set[tuple[str, str]] = set()
        self.compiled: list[tuple[str, str]] = []
        self.command: list[str] = []
        network = Dagan(weights.params)
        network.load_state_dict(weights.tensors)
        self.graphs = {graph.name: graph for graph in graphs(network.eval())}

    def lacks(self) -> str:
        return ""

    def parts(self) -> dict[str, str]:
        return dict(self.facts)

    def device(self) -> PlainDevice:
        return PlainDevice()

    def compiler(self) -> "FakeMachine":
        return self

    def builder(self, weights: Any) -> list[str]:
        return self.command

    def compile(self, graph: Graph, form: Form) -> Compiled:
        self.compiled.append((graph.name, form.name))
        half = next(graph.module.network.generator.up1.parameters()).dtype is torch.float16
        assert half == form.half
        names = {name: f"{name}_in" for name in graph.inputs}
        outputs = {name: f"output{i}" for i, name in enumerate(graph.outputs)}
        return Compiled(f"{graph.name} {form.name}".encode(), names, outputs)

    def load(self, plan: Plan, device: torch.device) -> Any:
        name, form = plan.path.read_bytes().decode().split()
        graph = self.graphs[name]

        def call(tensors: Any) -> dict[str, torch.Tensor]:
            found = graph.module(*(tensors[name] for name in plan.inputs))
            found = found if isinstance(found, tuple) else (found,)
            if (name, form) in self.wrong:
                found = tuple(tensor + 0.1 for tensor in found)
            return {n: t.clone() for n, t in zip(plan.outputs, found, strict=True)}

        return call


@pytest.fixture
def machine(weights: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeMachine:
    monkeypatch.setattr("engines.plans.cache_folder", lambda: tmp_path)
    return FakeMachine(weights)


@pytest.fixture
def engine(weights: Any, machine: FakeMachine) -> Iterator[TrtEngine]:
    engine = TrtEngine(weights, machine=machine)
    yield engine
    engine.close()


def build(weights: Any, machine: FakeMachine) -> list[tuple[str, str]]:
    """What the building process does; the steps that it told."""
    told: list[tuple[str, str]] = []
    make(
        weights,
        machine,
        lambda: TrtEngine(weights, machine=machine),
        lambda step, what: told.append((step, what)),
    )
    return told


def test_it_is_an_engine() -> None:
    assert isinstance(TrtEngine(None), Engine)


def test_built_it_gives_what_eager_gives(
    engine: TrtEngine, weights: Any, machine: FakeMachine
) -> None:
    assert engine.missing() == "a TensorRT plan for this GPU (none has been made yet)"
    told = build(weights, machine)
    assert [step for step, _ in told] == ["detect", "encode", "render", "check"]
    assert engine.missing() == ""
    engine.open()
    eager = EagerEngine(weights)
    eager.open()
    portrait, driving = pictures()
    code, source = engine.encode(portrait)
    expected, eager_source = eager.encode(portrait)
    np.testing.assert_allclose(source.value, eager_source.value, atol=1e-4)
    found, seen = engine.detect(driving), eager.detect(driving)
    np.testing.assert_allclose(found.jacobian, seen.jacobian, atol=1e-4)
    moved = Keypoints(seen.value + np.float32(0.05), seen.jacobian)
    first = engine.render(code, moved)
    kept = first.copy()
    assert np.abs(first.astype(int) - eager.render(expected, moved)).max() <= 1
    other, turned = engine.encode(driving)
    assert np.abs(engine.render(other, turned).astype(int) - kept).max() > 10
    np.testing.assert_array_equal(engine.render(code, moved), kept)
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_allclose(
        engine.inspect(code, driving, moved, ["depth"])["depth"],
        eager.inspect(expected, driving, moved, ["depth"])["depth"],
        atol=1e-4,
    )
    with pytest.raises(EngineError, match="no map called flow"):
        engine.inspect(code, driving, moved, ["flow"])
    assert engine.note.startswith("FP16, coordinates in FP32; ") and "dB" in engine.note


def test_nothing_is_built_or_compared_twice(
    engine: TrtEngine, weights: Any, machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(weights, machine)
    monkeypatch.setattr("engines.check.check", lambda *_: pytest.fail("compared again"))
    engine.open()
    told: list[str] = []
    engine.build(lambda share, sentence: told.append(sentence), lambda: False)
    assert told == ["Nothing to build"] and len(machine.compiled) == 3


@pytest.mark.parametrize(
    ("part", "value", "why"),
    [
        ("driver", "590.2", "another driver (580.1; now 590.2)"),
        ("torch", "2.14.0", "another torch (2.13.0; now 2.14.0)"),
    ],
)
def test_plans_for_something_else_are_stale(
    engine: TrtEngine, weights: Any, machine: FakeMachine, part: str, value: str, why: str
) -> None:
    build(weights, machine)
    machine.facts[part] = value
    assert engine.missing() == f"a TensorRT plan for this GPU (those here were made for {why})"
    with pytest.raises(EngineError, match="no TensorRT plan to open"):
        engine.open()
    build(weights, machine)
    assert len(machine.compiled) == 6 and engine.missing() == ""


def test_another_gpu_has_plans_of_its_own(
    engine: TrtEngine, weights: Any, machine: FakeMachine
) -> None:
    build(weights, machine)
    machine.facts["GPU"] = "NVIDIA Other"
    assert "none has been made yet" in engine.missing()
    machine.facts["GPU"] = "NVIDIA Fake 9000"
    assert engine.missing() == ""


@pytest.mark.parametrize("graph", ["detect", "render"])
@pytest.mark.parametrize("suffix", [".plan", ".json"])
def test_a_damaged_plan_is_noticed_and_made_again(
    engine: TrtEngine, weights: Any, machine: FakeMachine, graph: str, suffix: str
) -> None:
    build(weights, machine)
    path = engine.plans.folder / f"{graph}.half{suffix}"
    path.write_bytes(path.read_bytes()[:-3])
    assert engine.missing() == f"a TensorRT plan for this GPU (that of {graph} is damaged)"
    build(weights, machine)
    assert machine.compiled[3:] == [(graph, "half")] and engine.missing() == ""


def test_a_description_that_was_edited_is_not_believed(engine: TrtEngine) -> None:
    plans = engine.plans
    plans.store("detect", "half", b"bytes", {}, {})
    path = plans.folder / "detect.half.json"
    content = json.loads(path.read_text())
    content["key"] = "0" * 64
    path.write_text(json.dumps(content))
    assert plans.find("detect", "half") == (None, "that of detect is damaged")


def test_a_plan_that_the_runtime_refuses_is_made_again(
    engine: TrtEngine, weights: Any, machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(weights, machine)

    def refuse(*_: Any) -> None:
        raise PlanUnreadable("TensorRT 11.0 cannot read it.")

    with monkeypatch.context() as patch:
        patch.setattr(machine, "load", refuse)
        with pytest.raises(PlanUnreadable, match="cannot read"):
            engine.open()
    assert "none has been made yet" in engine.missing()
    build(weights, machine)
    engine.open()


def test_a_form_that_differs_is_followed_by_the_next(
    engine: TrtEngine, weights: Any, machine: FakeMachine
) -> None:
    machine.wrong = {("render", "half"), ("render", "half-sampling"), ("detect", "half")}
    told = build(weights, machine)
    assert machine.compiled == [
        ("detect", "half"), ("encode", "half"), ("render", "half"),
        ("detect", "full"), ("render", "half-sampling"), ("render", "tf32"),
    ]  # fmt: skip
    assert [step for step, _ in told].count("differs") == 2
    assert "render in FP16, coordinates in FP32: " in told[4][1] and "dB" in told[4][1]
    engine.open()
    assert engine.note.startswith("FP32 with TF32 products; ")
    assert "detect not in FP16, coordinates in FP32: keypoints within 0.1" in engine.note
    assert not list(engine.plans.folder.glob("render.half*.plan"))  # of no use any more


def test_when_no_form_is_left_it_says_so(
    engine: TrtEngine, weights: Any, machine: FakeMachine
) -> None:
    machine.wrong = {("encode", "half"), ("encode", "full")}
    with pytest.raises(EngineError, match="for encode, in any form"):
        build(weights, machine)
    assert engine.missing() == ""  # nothing that could be made
    with pytest.raises(EngineError, match="for encode, in any form") as caught:
        engine.open()
    assert "--engine compiled" in caught.value.hint
    machine.facts["driver"] = "590.2"  # a new driver may compute otherwise
    assert "another driver" in engine.missing()


def test_a_plan_that_was_never_compared_is_compared_when_opened(
    engine: TrtEngine, weights: Any, machine: FakeMachine
) -> None:
    build(weights, machine)
    plans = engine.plans
    plan, _ = plans.find("render", "half")
    assert plan is not None
    plans.store("render", "half", plan.path.read_bytes(), plan.inputs, plan.outputs)
    machine.wrong = {("render", "half")}
    with pytest.raises(CheckFailed, match="render in FP16"):
        engine.open()
    assert engine.missing()
    with pytest.raises(EngineError, match="not open"):
        engine.detect(pictures()[0])


def test_numbers_that_are_none_fail(weights: Any, engine: TrtEngine, machine: FakeMachine) -> None:
    build(weights, machine)
    from engines.check import check
    from engines.trt_forms import network

    broken = SimpleNamespace(
        run_detect=lambda frame: {n: t * torch.nan for n, t in engine.run_detect(frame).items()},
        run_encode=lambda inputs: {n: t * torch.nan for n, t in engine.run_encode(inputs).items()},
        run_render=lambda inputs: np.zeros_like(engine.run_render(inputs)),
    )
    engine.open()
    verdicts = check(broken, network(weights, half=False), torch.device("cpu"))
    assert [verdict.passed for verdict in verdicts.values()] == [False] * 3


def test_files_appear_whole_or_not_at_all(
    engine: TrtEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = engine.plans
    plans.store("detect", "half", b"first", {}, {})

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("engines.plans.os.replace", fail)
        with pytest.raises(OutputError, match="No space left") as caught:
            plans.store("detect", "half", b"second", {}, {})
    assert "writable" in caught.value.hint
    plan, why = plans.find("detect", "half")
    assert plan is not None and plan.path.read_bytes() == b"first" and not why
    assert sorted(path.name for path in plans.folder.iterdir()) == [
        "detect.half.json", "detect.half.plan",
    ]  # fmt: skip


def test_a_cache_that_cannot_be_written_is_said_before_compiling(
    engine: TrtEngine, tmp_path: Path
) -> None:
    (tmp_path / "plans").write_text("a file is in the way")
    with pytest.raises(OutputError, match="plans cannot be written"):
        engine.build(lambda share, sentence: None, lambda: False)


def test_verdicts_outlive_the_process(engine: TrtEngine) -> None:
    plans = engine.plans
    plans.store("encode", "half", b"plan", {"portrait": "portrait"}, {"features": "output0"})
    plans.judge("encode", "half", Verdict(True, "50 dB"))
    again, _ = Plans(plans.folder, plans.parts).find("encode", "half")
    assert again is not None and again.verdict == Verdict(True, "50 dB")
    assert again.inputs == {"portrait": "portrait"}


def script(tmp_path: Path, body: str) -> list[str]:
    """The command of a building process that does as told."""
    path = tmp_path / "builder.py"
    path.write_text("import json, os, sys, time\n" + textwrap.dedent(body))
    return [sys.executable, "-S", str(path), "weights"]


def test_progress_of_the_building_process(
    engine: TrtEngine, machine: FakeMachine, tmp_path: Path
) -> None:
    machine.command = script(
        tmp_path,
        """
        print("a compiler's chatter")
        for step in (["detect", "FP16"], ["render", "FP16"], ["check", ""]):
            print(json.dumps(step), flush=True)
        """,
    )
    told: list[tuple[float, str]] = []
    engine.build(lambda share, sentence: told.append((share, sentence)), lambda: False)
    assert [share for share, _ in told] == [0.0, 0.45, 0.95, 1.0]
    assert told[1][1] == "Compiling render for TensorRT (FP16)"


def test_cancelling_ends_the_building_process_at_once(
    engine: TrtEngine, machine: FakeMachine, tmp_path: Path
) -> None:
    folder = engine.plans.folder
    machine.command = script(
        tmp_path,
        f"""
        open(os.path.join({str(folder)!r}, f".render.half.plan.{{os.getpid()}}.partial"), "w")
        open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid()))
        print(json.dumps(["render", "FP16"]), flush=True)
        time.sleep(60)
        """,
    )
    told: list[str] = []
    start = time.monotonic()
    with pytest.raises(Cancelled):
        engine.build(lambda share, sentence: told.append(sentence), lambda: bool(told))
    assert time.monotonic() - start < 20
    pid = int((tmp_path / "pid").read_text())
    assert not Path(f"/proc/{pid}").exists()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("print('chatter' * 20000, 'TensorRT cannot compile it.', sep='\\n', file=sys.stderr)\n"
         "sys.exit(1)", "TensorRT cannot compile it."),
        ("os.abort()", "ended by signal 6"),
        ("sys.exit(7)", "exit code 7"),
    ],
)  # fmt: skip
def test_a_building_process_that_fails(
    engine: TrtEngine, machine: FakeMachine, tmp_path: Path, body: str, why: str
) -> None:
    machine.command = script(tmp_path, body)
    with pytest.raises(EngineError, match=why) as caught:
        engine.build(lambda share, sentence: None, lambda: False)
    assert "--engine compiled" in caught.value.hint


def test_the_real_building_process_says_what_is_wrong(
    engine: TrtEngine, machine: FakeMachine
) -> None:
    machine.command = [sys.executable, "-m", "engines.trt_build", "/nowhere/none.safetensors"]
    with pytest.raises(EngineError, match=r"/nowhere/none\.safetensors"):
        engine.build(lambda share, sentence: None, lambda: False)


def test_the_building_process_ends_with_the_app(tmp_path: Path) -> None:
    body = "from engines import trt_build\nprint(1, flush=True)\ntrt_build._end_with_parent()"
    process = subprocess.Popen(
        [sys.executable, "-c", body], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    with process.stdout:
        process.stdout.readline()
        process.stdin.close()
        assert process.wait(20) == 1


def test_misuse(engine: TrtEngine, weights: Any, machine: FakeMachine) -> None:
    with pytest.raises(EngineError, match="not open"):
        engine.detect(np.zeros((256, 256, 3), np.uint8))
    with pytest.raises(EngineError, match="no weights file"):
        TrtEngine(None, machine=machine).missing()
    build(weights, machine)
    engine.open()
    with pytest.raises(EngineError, match=r"take \(256, 256, 3\) uint8, got \(64, 64, 3\)"):
        engine.detect(np.zeros((64, 64, 3), np.uint8))


GPU = Gpu("NVIDIA Test", (8, 6), 12 * 2**30, (13, 0))


@pytest.mark.parametrize(
    ("gpu", "why"),
    [
        (None, "no NVIDIA GPU answers"),
        (replace(GPU, capability=(7, 0)), "too old: TensorRT needs compute capability 7.5"),
        (replace(GPU, memory=2 * 2**30), "too little memory"),
        (replace(GPU, driver=(12, 8)), "update the NVIDIA driver to 580"),
        (GPU, r"is not installed \(pip install 'dagan-avatar\[trt\]'\)"),
    ],
)
def test_why_it_cannot_run(monkeypatch: pytest.MonkeyPatch, gpu: Gpu | None, why: str) -> None:
    monkeypatch.setattr("engines.gpu.gpu", lambda: gpu)
    monkeypatch.setattr(trt_machine, "find_spec", lambda name: None)
    assert re.search(why, TrtEngine.available())


def test_packages_have_to_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engines.gpu.gpu", lambda: GPU)
    monkeypatch.setattr("engines.gpu.cuda_lacks", lambda: "")
    monkeypatch.setattr(trt_machine, "find_spec", lambda name: name)
    versions = {"torch": "2.13.0+cu130", "torch-tensorrt": "2.14.0"}
    monkeypatch.setattr(trt_machine, "_version", versions.get)
    assert "torch-tensorrt 2.14.0 does not go with torch 2.13.0" in TrtEngine.available()
    versions["torch-tensorrt"] = "2.13.0"
    assert TrtEngine.available() == ""
