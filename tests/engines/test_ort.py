"""The ort engine: which provider, how many threads; what the shell promises is tested elsewhere."""

import json
import logging
import shutil
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avatar.errors import EngineError
from avatar.graphs import NAMES
from avatar.weights import Weights, describe
from engines import ort
from engines.ort import CPU, OrtEngine, choose_threads, on_cpu

needs_ort = pytest.mark.skipif(not find_spec("onnxruntime"), reason="ONNX Runtime is not installed")

BLACK = np.zeros((256, 256, 3), np.uint8)


def runs(clock: list[float], **costs: float) -> dict[int, Callable[[], None]]:
    """Work that takes so many seconds of a clock of its own, by number of threads."""

    def work(seconds: float) -> Callable[[], None]:
        def run() -> None:
            clock[0] += seconds

        return run

    return {int(name[1:]): work(seconds) for name, seconds in costs.items()}


@pytest.mark.parametrize(
    ("costs", "threads"),
    [
        ({"n1": 0.020, "n2": 0.012}, 2),
        ({"n1": 0.020, "n2": 0.0195}, 1),  # not worth a second core
        ({"n1": 0.020, "n2": 0.200}, 1),
        ({"n1": 0.080, "n8": 0.020}, 8),
    ],
)
def test_threads_are_chosen_by_what_a_frame_takes(costs: dict[str, float], threads: int) -> None:
    clock = [0.0]
    chosen, cost = choose_threads(runs(clock, **costs), lambda: clock[0])
    assert chosen == threads
    assert cost == pytest.approx({int(n[1:]): 1e3 * s for n, s in costs.items()})


def test_a_single_core_is_not_measured() -> None:
    def never() -> None:
        raise AssertionError("measured")

    assert choose_threads({1: never}) == (1, {})


def test_the_first_frame_is_not_measured() -> None:
    clock = [0.0]
    calls: list[int] = []

    def cold() -> None:
        clock[0] += 0.010 if calls else 9.0
        calls.append(1)

    assert choose_threads({1: runs(clock, n1=0.1)[1], 2: cold}, lambda: clock[0])[0] == 2


@needs_ort
def test_the_note_tells_provider_and_threads(caplog: pytest.LogCaptureFixture) -> None:
    engine = OrtEngine(describe("compact"))
    assert engine.note == ""
    with caplog.at_level(logging.INFO, "engines.ort"):
        engine.open()
    assert engine.note.startswith("CPU provider on ") and "thread" in engine.note
    assert engine.note in caplog.text
    engine.close()


class Refusing:
    """Stands for sessions: the provider Dml refuses everything, or only to take it whole."""

    def __init__(self, left: list[tuple[str, str]] | None) -> None:
        self.left = left
        self.real = ort._session

    def __call__(self, path: Path, provider: str, threads: int, *, strict: bool = False) -> Any:
        if provider == CPU:
            return self.real(path, provider, threads)
        if self.left is None or strict:
            raise RuntimeError("no such device\nat some line")
        session = self.real(path, CPU, 1)
        nodes = [SimpleNamespace(op_type=kind, name=name) for kind, name in self.left]
        part = SimpleNamespace(ep_name=CPU, get_nodes=lambda: nodes)
        session.get_providers = lambda: [provider, CPU]
        session.get_provider_graph_assignment_info = lambda: [part]
        return session


@pytest.fixture
def with_dml(monkeypatch: pytest.MonkeyPatch) -> None:
    """A build of ONNX Runtime with DirectML."""
    from avatar.privacy import no_reporting

    no_reporting()
    import onnxruntime

    found = ["DmlExecutionProvider", CPU, "AzureExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: found)


@needs_ort
def test_a_provider_that_fails_is_told_and_the_cpu_runs(
    monkeypatch: pytest.MonkeyPatch, with_dml: None, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ort, "_session", Refusing(None))
    engine = OrtEngine(describe("compact"))
    engine.open()
    assert engine.note.startswith("CPU provider")
    assert engine.note.endswith("; Dml rejected: no such device")  # once, not for every graph
    assert "cannot run detect" in caplog.text
    engine.detect(BLACK)
    engine.close()


@needs_ort
def test_nodes_left_to_the_cpu_are_told(
    monkeypatch: pytest.MonkeyPatch, with_dml: None, caplog: pytest.LogCaptureFixture
) -> None:
    left = [("GridSample", "a"), ("GridSample", "b"), ("Round", "c")]
    monkeypatch.setattr(ort, "_session", Refusing(left))
    engine = OrtEngine(describe("compact"))
    engine.open()
    assert engine.note.startswith("Dml provider")
    assert "leaves to the CPU in render: 2 GridSample, 1 Round" in engine.note
    assert "leaves GridSample in render to the CPU" in caplog.text
    engine.close()


@needs_ort
def test_a_real_session_tells_where_its_nodes_run(tmp_path: Path) -> None:
    from avatar.privacy import no_reporting

    no_reporting()
    import onnxruntime

    graphs = describe("compact").graphs
    assert graphs is not None
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    session = onnxruntime.InferenceSession(str(graphs.file("render")), options, providers=[CPU])
    if not hasattr(session, "get_provider_graph_assignment_info"):
        assert on_cpu(session) is None
        return
    found = on_cpu(session)
    assert isinstance(found, Counter) and found["GridSample"] == 5


@needs_ort
def test_inputs_that_stay_are_bound_once() -> None:
    engine = OrtEngine(describe("compact"))
    engine.open()
    code, keypoints = engine.encode(BLACK)
    engine.render(code, keypoints)
    session: Any = engine._runs["render"]
    bound: list[str] = []

    class Counted:
        def bind_cpu_input(self, name: str, array: Any) -> None:
            bound.append(name)
            binding.bind_cpu_input(name, array)

    binding, session._binding = session._binding, Counted()
    run = session._session.run_with_iobinding
    session._session = SimpleNamespace(run_with_iobinding=lambda _: run(binding))
    engine.render(code, keypoints)
    assert sorted(bound) == ["affine", "driving"]
    engine.close()


@pytest.fixture
def broken(tmp_path: Path) -> Weights:
    """The bundled weights with graphs that have the right digests and are none."""
    source = describe("compact").path
    assert source is not None
    shutil.copy(source, tmp_path / "mine.safetensors")
    weights = describe(str(tmp_path / "mine.safetensors"))
    assert weights.graphs is not None
    for graph in NAMES:
        (tmp_path / f"{graph}.onnx").write_bytes(b"garbage" * 999)
        made = {(graph, "fp32"): [tmp_path / f"{graph}.onnx"]}
        weights.graphs.store(tmp_path / "mine.graphs", made)
    assert json.loads((tmp_path / "mine.graphs" / "graphs.json").read_text())["files"]
    return weights


@needs_ort
def test_a_file_that_is_no_graph_is_an_error_without_a_traceback(broken: Weights) -> None:
    engine = OrtEngine(broken)
    with pytest.raises(EngineError, match="ort engine failed to load .*detect.onnx") as raised:
        engine.open()
    assert "\n" not in raised.value.message and raised.value.hint
    engine.close()


def test_the_package_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ort, "find_spec", lambda name: None)
    assert "dagan-avatar[cpu]" in OrtEngine.available()


@needs_ort
def test_it_needs_no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is written: a folder that cannot be does not matter."""
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setattr("avatar.graphs.cache_folder", lambda: blocked / "cache")
    engine = OrtEngine(describe("compact"))
    engine.open()
    engine.detect(BLACK)
    engine.close()
