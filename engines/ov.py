"""The ov engine: the exported graphs by OpenVINO, the fastest on CPUs by our measurements.

FP32; or, for ``render`` alone, INT8 where quantised graphs exist and bfloat16 on CPUs that have it.
Compiled models are kept in the cache folder, which speeds up opening, not running.
"""

import logging
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, ClassVar

import numpy as np

from avatar.errors import EngineError
from avatar.graphs import FP32, INT8
from avatar.privacy import no_reporting
from engines.blobs import blob_folder, prune
from engines.exported import Arrays, ExportedEngine, Run
from engines.threads import usable_cores

log = logging.getLogger(__name__)

TRIALS = 5
"""Runs whose median counts when numbers of threads are compared."""

BF16 = "bf16"
"""``render`` in bfloat16: 43 dB from FP32 on strangers' faces (tools/LOG.md), on asking only."""


class OpenVinoEngine(ExportedEngine):
    """OpenVINO on the CPU."""

    name: ClassVar[str] = "ov"
    rank: ClassVar[int] = 40
    precisions: ClassVar[tuple[str, ...]] = (FP32, INT8, BF16)

    _core: Any = None
    threads: int = 0

    @classmethod
    def available(cls) -> str:
        """Empty when OpenVINO is installed, else the reason why not."""
        if find_spec("openvino"):
            return ""
        return "OpenVINO is not installed (pip install 'dagan-avatar[cpu]')"

    def load(self, graph: str, path: Path) -> Run:
        """Compile one graph for the CPU."""
        no_reporting()
        import openvino

        if self._core is None:
            self._core = openvino.Core()
        precision = "f32"
        if self.precision == BF16 and graph == "render":
            if "BF16" not in self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
                raise EngineError("this CPU does not compute in bfloat16")
            precision = "bf16"
        if not self.threads:
            self.threads = self._measured_threads(path, precision)
        return _Request(self._compiled(path, precision, self.threads))

    def _measured_threads(self, path: Path, precision: str) -> int:
        """All cores or half of them, whichever runs a graph sooner: hyper-threads, slow cores and
        small networks make more threads slower. Two cores are used both: they never lost to one.
        """
        cores = usable_cores()
        if cores <= 2:
            return cores
        times: dict[int, float] = {}
        for threads in (cores, cores // 2):
            run = _Request(self._compiled(path, precision, threads))
            inputs = run.zeros()
            laps = []
            for _ in range(TRIALS):
                start = perf_counter()
                run(inputs)
                laps.append(perf_counter() - start)
            times[threads] = median(laps)
        log.info("ms by threads: %s", {n: round(s * 1e3, 2) for n, s in times.items()})
        return min(times, key=lambda threads: times[threads])

    def _compiled(self, path: Path, precision: str, threads: int) -> Any:
        settings: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            # CPUs with bfloat16 would choose it by themselves.
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            # Camera and window share the cores: pinned threads took twice the time beside another
            # busy program.
            "ENABLE_CPU_PINNING": False,
            "CPU_DENORMALS_OPTIMIZATION": True,
        }
        folder = blob_folder()
        if folder is not None:
            settings["CACHE_DIR"] = str(folder)
        compiled = self._core.compile_model(str(path), "CPU", settings)
        if folder is not None:
            prune(folder)
        return compiled

    def close(self) -> None:
        """Free the graphs; idempotent."""
        super().close()
        self._core = None
        self.threads = 0


class _Request:
    """One compiled graph with its inputs, which stay where they are while they do not change."""

    def __init__(self, compiled: Any) -> None:
        self._request = compiled.create_infer_request()
        self._inputs = {port.get_any_name(): port for port in compiled.inputs}
        self._outputs = [port.get_any_name() for port in compiled.outputs]
        self._types = {name: port.element_type.to_dtype() for name, port in self._inputs.items()}
        self._given: Arrays = {}
        self._copies: Arrays = {}

    def zeros(self) -> Arrays:
        """Inputs of the right shapes."""
        return {
            name: np.zeros(tuple(port.shape), self._types[name])
            for name, port in self._inputs.items()
        }

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        from openvino import Tensor

        for name, port in self._inputs.items():
            array = inputs[name]
            if self._given.get(name) is array:
                continue
            self._given[name] = array
            kind = self._types[name]
            if array.dtype != kind or not (array.flags.c_contiguous and array.flags.writeable):
                # OpenVINO does not share a frame's own array, which is read-only.
                if name not in self._copies:
                    self._copies[name] = np.empty(tuple(port.shape), kind)
                np.copyto(self._copies[name], array)
                array = self._copies[name]
            self._request.set_tensor(port, Tensor(array, shared_memory=True))
        self._request.infer()
        return {
            name: self._request.get_output_tensor(index).data
            for index, name in enumerate(self._outputs)
        }
