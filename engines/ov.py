"""The ov engine: the exported graphs by OpenVINO, the fastest on CPUs by our measurements.

FP32, or INT8 for ``render`` where quantised graphs exist. Compiled models are kept in the cache
folder, which speeds up opening, not running.
"""

import logging
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from avatar.graphs import FP32, INT8, cache_folder
from engines.exported import Arrays, ExportedEngine, Run
from engines.threads import usable_cores

log = logging.getLogger(__name__)


class OpenVinoEngine(ExportedEngine):
    """OpenVINO on the CPU."""

    name: ClassVar[str] = "ov"
    rank: ClassVar[int] = 40
    precisions: ClassVar[tuple[str, ...]] = (FP32, INT8)

    _core: Any = None

    @classmethod
    def available(cls) -> str:
        """Empty when OpenVINO is installed, else the reason why not."""
        if find_spec("openvino"):
            return ""
        return "OpenVINO is not installed (pip install 'dagan-avatar[cpu]')"

    def load(self, graph: str, path: Path) -> Run:
        """Compile one graph for the CPU."""
        import openvino

        if self._core is None:
            self._core = openvino.Core()
        threads = usable_cores()
        settings: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            # CPUs with bfloat16 would choose it by themselves.
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            # Camera and window share the cores.
            "ENABLE_CPU_PINNING": False,
            "CPU_DENORMALS_OPTIMIZATION": True,
        }
        if (folder := _writable(cache_folder() / "openvino")) is not None:
            settings["CACHE_DIR"] = str(folder)
        compiled = self._core.compile_model(str(path), "CPU", settings)
        return _Request(compiled)

    def close(self) -> None:
        """Free the graphs; idempotent."""
        super().close()
        self._core = None


class _Request:
    """One compiled graph with its inputs, which stay where they are while they do not change."""

    def __init__(self, compiled: Any) -> None:
        self._request = compiled.create_infer_request()
        self._inputs = {port.get_any_name(): port for port in compiled.inputs}
        self._outputs = [port.get_any_name() for port in compiled.outputs]
        self._types = {name: port.element_type.to_dtype() for name, port in self._inputs.items()}
        self._given: Arrays = {}

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        from openvino import Tensor

        for name, port in self._inputs.items():
            array = inputs[name]
            if self._given.get(name) is not array:
                array = np.ascontiguousarray(array, self._types[name])
                if not array.flags.writeable:  # a frame's own array: OpenVINO does not share it
                    array = array.copy()
                self._request.set_tensor(port, Tensor(array, shared_memory=True))
                self._given[name] = array
        self._request.infer()
        return {
            name: self._request.get_output_tensor(index).data
            for index, name in enumerate(self._outputs)
        }


def _writable(folder: Path) -> Path | None:
    """The folder, made if need be; None where it cannot be written, which is logged."""
    import os

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        log.warning("OpenVINO keeps no compiled models: %s cannot be made (%s)", folder, error)
        return None
    if not os.access(folder, os.W_OK):
        log.warning("OpenVINO keeps no compiled models: %s is not writable", folder)
        return None
    return folder
