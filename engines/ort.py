"""The ort engine: the exported graphs by ONNX Runtime: CPU, CUDA, DirectML or CoreML.

The package decides which providers there are (onnxruntime, onnxruntime-gpu, onnxruntime-directml);
the first that can run a graph takes it, and :attr:`OrtEngine.note` tells which, and why not the
others. Only the CPU provider was run by us.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

import numpy as np

from avatar.graphs import FP32
from avatar.privacy import hush_onnxruntime, no_reporting
from engines.exported import Arrays, ExportedEngine, Run
from engines.threads import usable_cores

log = logging.getLogger(__name__)

CPU = "CPUExecutionProvider"
PROVIDERS: dict[str, dict[str, str]] = {
    "CUDAExecutionProvider": {"use_tf32": "0"},  # as coarse as half precision
    "DmlExecutionProvider": {},
    "CoreMLExecutionProvider": {"ModelFormat": "MLProgram"},
    CPU: {},
}
"""Those we use with their options, in the order in which they are tried."""

FEW_CORES = 4
"""Up to so many usable cores, waiting threads sleep at once: camera and window need the cores."""

ROUNDS = 3
"""Frames on each number of threads, by whose median the number is chosen."""

WORTH = 0.95
"""All threads are used when a frame takes at most this share of its time on one."""


class OrtEngine(ExportedEngine):
    """ONNX Runtime.

    Attributes:
        note: which provider runs the graphs, on how many threads, and what was rejected and why;
            empty until :meth:`open`.
    """

    name: ClassVar[str] = "ort"
    rank: ClassVar[int] = 30
    precisions: ClassVar[tuple[str, ...]] = (FP32,)

    note: str = ""
    _threads: int = 0  # not chosen yet
    _cost: str = ""

    @classmethod
    def available(cls) -> str:
        """Empty when ONNX Runtime is installed, else the reason why not."""
        if find_spec("onnxruntime"):
            return ""
        return "ONNX Runtime is not installed (pip install 'dagan-avatar[cpu]')"

    def open(self) -> None:
        """See :meth:`ExportedEngine.open`; also chooses provider and number of threads."""
        self._threads, self._cost = 0, ""
        self._placed: dict[str, list[str]] = {}  # provider -> graphs
        self._remarks: list[str] = []
        super().open()
        where = [
            f"{_short(provider)} runs {', '.join(graphs)}"
            if len(self._placed) > 1
            else f"{_short(provider)} provider"
            for provider, graphs in self._placed.items()
        ]
        self.note = "; ".join([", ".join(where) + self._cost, *dict.fromkeys(self._remarks)])
        log.info("ort: %s", self.note)

    def load(self, graph: str, path: Path) -> Run:
        """The graph on the first provider that can run it."""
        no_reporting()
        # NumPy works out its limits once, and gets them wrong once denormals are flushed.
        np.finfo(np.float32), np.finfo(np.float64)
        import onnxruntime

        hush_onnxruntime(onnxruntime)
        usable = [name for name in PROVIDERS if name in onnxruntime.get_available_providers()]
        for provider in usable:
            if provider == CPU:
                break
            try:
                run = self._accelerated(graph, path, provider)
            except Exception as error:  # a driver may raise anything
                self._remarks.append(f"{_short(provider)} rejected: {_first_line(error)}")
                log.warning("ort: %s cannot run %s", provider, graph, exc_info=error)
                continue
            self._placed.setdefault(provider, []).append(graph)
            return run
        self._placed.setdefault(CPU, []).append(graph)
        return self._on_cpu(path)

    def _accelerated(self, graph: str, path: Path, provider: str) -> Run:
        """On a GPU or the like. Nodes that it leaves to the CPU are told, since every one costs two
        copies a frame."""
        try:
            return _Session(_session(path, provider, 1, strict=True))
        except Exception as error:
            log.info("ort: %s does not take all of %s: %s", provider, graph, _first_line(error))
        session = _session(path, provider, 1, strict=False)
        if provider not in session.get_providers():
            raise RuntimeError("it cannot be loaded; its driver or libraries are missing")
        left = on_cpu(session)
        if left is None:
            self._remarks.append(f"{_short(provider)} leaves parts of {graph} to the CPU")
        elif left:
            told = ", ".join(f"{count} {kind}" for kind, count in left.most_common())
            self._remarks.append(f"{_short(provider)} leaves to the CPU in {graph}: {told}")
            if "GridSample" in left:
                log.warning("ort: %s leaves GridSample in %s to the CPU: slow", provider, graph)
        return _Session(session)

    def _on_cpu(self, path: Path) -> Run:
        if self._threads:
            return _Session(_session(path, CPU, self._threads))
        runs = {n: _Session(_session(path, CPU, n)) for n in sorted({1, usable_cores()})}
        self._threads, cost = choose_threads({n: run.trial for n, run in runs.items()})
        told = ", ".join(f"{ms:.1f} ms on {n}" for n, ms in cost.items())
        self._cost = f" on {self._threads} thread{'s' * (self._threads > 1)}"
        if len(cost) > 1:
            self._cost += f" (a frame took {told})"
        return runs[self._threads]


def choose_threads(
    work: Mapping[int, Callable[[], object]], clock: Callable[[], float] = time.perf_counter
) -> tuple[int, dict[int, float]]:
    """The number of threads to use, and what ``work`` took on each number in milliseconds.

    Each is run once to warm up and :data:`ROUNDS` times by turns, so that another program slows all
    alike.
    """
    least = min(work)
    if len(work) == 1:
        return least, {}
    for run in work.values():
        run()
    times: dict[int, list[float]] = {number: [] for number in work}
    for _ in range(ROUNDS):
        for number, run in work.items():
            start = clock()
            run()
            times[number].append(1e3 * (clock() - start))
    cost = {number: median(taken) for number, taken in times.items()}
    best = min(cost, key=lambda number: cost[number])
    return (best if cost[best] <= WORTH * cost[least] else least), cost


def on_cpu(session: Any) -> Counter[str] | None:
    """How many nodes of each kind run on the CPU; None where this version cannot tell."""
    tell = getattr(session, "get_provider_graph_assignment_info", None)
    if tell is None:
        return None
    return Counter(
        node.op_type for part in tell() if part.ep_name == CPU for node in part.get_nodes()
    )


class _Session:
    """One graph with its inputs bound: what does not change is given, and copied to a GPU, once."""

    def __init__(self, session: Any) -> None:
        from onnxruntime import OrtValue

        self._session = session
        self._binding = session.io_binding()
        self._types = {i.name: _dtype(i.type) for i in session.get_inputs()}
        self._given: Arrays = {}
        self._outputs: Arrays = {}
        for output in session.get_outputs():
            array: np.ndarray = np.zeros(output.shape, _dtype(output.type))
            self._binding.bind_ortvalue_output(output.name, OrtValue.ortvalue_from_numpy(array))
            self._outputs[output.name] = array

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        for name, dtype in self._types.items():
            if self._given.get(name) is not inputs[name]:
                # The memory is shared: it has to stay as long as it is bound.
                array: np.ndarray = np.ascontiguousarray(inputs[name], dtype)
                self._binding.bind_cpu_input(name, array)
                self._given[name] = array
        self._session.run_with_iobinding(self._binding)
        return self._outputs

    def trial(self) -> None:
        """One frame of nothing."""
        self({i.name: np.zeros(i.shape, self._types[i.name]) for i in self._session.get_inputs()})


def _session(path: Path, provider: str, threads: int, *, strict: bool = False) -> Any:
    """A session; ``strict`` raises where the provider cannot take every node."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3  # its warnings go to stderr past Python's logging
    options.enable_mem_pattern = provider != "DmlExecutionProvider"
    entries = {
        "session.set_denormal_as_zero": "1",
        "session.intra_op.allow_spinning": str(int(usable_cores() > FEW_CORES)),
    }
    if provider != CPU:
        entries["session.record_ep_graph_assignment_info"] = "1"
        entries["session.disable_cpu_ep_fallback"] = str(int(strict))
    for key, value in entries.items():
        options.add_session_config_entry(key, value)
    return onnxruntime.InferenceSession(
        str(path),
        options,
        providers=[(provider, PROVIDERS[provider])],
        enable_fallback=0,  # else it prints, and takes the CPU by itself
    )


def _dtype(kind: str) -> type:
    """NumPy's type for ONNX Runtime's "tensor(float)"."""
    return {"tensor(float)": np.float32, "tensor(uint8)": np.uint8}[kind]


def _short(provider: str) -> str:
    return provider.removesuffix("ExecutionProvider")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
