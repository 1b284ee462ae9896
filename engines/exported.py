"""What engines that run exported graphs share: everything but the runtime.

Pictures go in and out as uint8, the portrait's code stays as the float32 arrays that ``encode``
gave, and J_s J_d^-1 is made here, outside the graphs. Needs no PyTorch unless graphs have to be
exported first.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from avatar.engine import Progress
from avatar.errors import EngineError
from avatar.frame import CROP_SIZE, Image, Keypoints
from avatar.graphs import FP32, INT8, NAMES, Graphs
from avatar.motion.geometry import inverse_2x2

if TYPE_CHECKING:
    from pathlib import Path

    from avatar.weights import Weights

log = logging.getLogger(__name__)

Arrays = dict[str, np.ndarray]
Run = Callable[[Mapping[str, np.ndarray]], Arrays]
"""Inputs by name -> outputs by name, which the next call may overwrite."""


class ExportedCode(NamedTuple):
    """The inputs of ``render`` that depend on the portrait alone, and its keypoints."""

    inputs: Arrays
    keypoints: Keypoints


class ExportedEngine(ABC):
    """An engine over the exported graphs; the runtime's part is :meth:`load`."""

    name: ClassVar[str]
    rank: ClassVar[int]
    precisions: ClassVar[tuple[str, ...]] = (FP32,)
    shows: ClassVar[tuple[str, ...]] = ("depth",)

    def __init__(self, weights: "Weights | None", precision: str | None = None) -> None:
        self.weights = weights
        self.precision = precision or self.precisions[0]
        self._runs: dict[str, Run] = {}

    @abstractmethod
    def load(self, graph: str, path: "Path") -> Run:
        """What runs the graph of that file.

        Raises:
            Exception: whatever the runtime raises; it is mapped to EngineError.
        """

    def missing(self) -> str:
        """Which graphs are not exported yet."""
        if self._graphs.has(self._stored):
            return ""
        if self.precision == INT8:
            return "the INT8 graphs, which avatar weights quantize makes"
        return "the exported graphs of these weights"

    def build(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        """Export the graphs by PyTorch, in a process of its own.

        Raises:
            Cancelled: ``cancelled()`` turned true.
            EngineError: PyTorch is not installed, or the export failed.
        """
        if not self.missing():
            progress(1.0, "Nothing to build")
            return
        graphs = self._graphs
        if self.precision == INT8 and not graphs.has(INT8) and graphs.has(FP32):
            raise EngineError(
                f"There are no INT8 graphs of {graphs.weights.stem}.",
                hint=f"Make them: avatar weights quantize {graphs.weights.stem} --clips FOLDER",
            )
        if not find_spec("torch"):
            raise EngineError(
                f"There are no exported graphs of {graphs.weights.stem}, and PyTorch, "
                "which exports them, is not installed.",
                hint="pip install 'dagan-avatar[torch]'",
            )
        from avatar.exporting import export_aside

        export_aside(graphs, progress, cancelled)

    def open(self) -> None:
        """Load the three graphs and run each once.

        Raises:
            EngineError: no graphs, damaged ones, or the runtime cannot run them.
        """
        graphs = self._graphs
        for graph in NAMES:
            stored = self._stored if graph == "render" else FP32
            path = graphs.file(graph, stored)
            if path is None:
                raise EngineError(
                    f"There is no {stored} graph {graph} of {graphs.weights.stem}.",
                    hint="Leave --engine out to let the app choose.",
                )
            try:
                self._runs[graph] = self.load(graph, path)
            except Exception as error:
                raise self._failed(f"load {path}", error) from error
        self._bytes = np.zeros((1, CROP_SIZE, CROP_SIZE, 3), np.uint8)
        black = self._bytes[0]
        code, keypoints = self.encode(black)
        self.render(code, keypoints)

    def encode(self, portrait: Image) -> tuple[ExportedCode, Keypoints]:
        """(256, 256, 3) uint8 RGB -> the portrait's code and keypoints."""
        found = self._run("detect", {"driving": self._edge(portrait)})
        keypoints = Keypoints(found["value"][0].copy(), found["jacobian"][0].copy())
        floats = np.ascontiguousarray(portrait.transpose(2, 0, 1)[None], np.float32)
        floats *= np.float32(1 / 255)
        inputs = {"portrait": floats}
        if "disparity" in found:
            inputs["disparity"] = found["disparity"].copy()
        parts = self._run("encode", inputs)
        code = {name: part.copy() for name, part in parts.items()}
        code |= {"portrait": floats, "source": keypoints.value[None]}
        return ExportedCode(code, keypoints), keypoints

    def detect(self, driving: Image) -> Keypoints:
        """(256, 256, 3) uint8 RGB -> keypoints."""
        found = self._run("detect", {"driving": self._edge(driving)})
        return Keypoints(found["value"][0].copy(), found["jacobian"][0].copy())

    def render(self, code: ExportedCode, driving: Keypoints) -> Image:
        """The portrait in the pose of ``driving``: (256, 256, 3) uint8 RGB, a new array."""
        affine = np.matmul(code.keypoints.jacobian, inverse_2x2(driving.jacobian))
        moved = {"driving": driving.value[None], "affine": affine[None]}
        found = self._run("render", code.inputs | moved)
        picture: Image = found["picture"][0].copy()
        return picture

    def inspect(
        self, code: ExportedCode, driving: Image, motion: Keypoints, wanted: Sequence[str]
    ) -> dict[str, np.ndarray]:
        """Depth (h, w) float32 is all that exported graphs show.

        Raises:
            EngineError: another map was asked for.
        """
        found = self._run("detect", {"driving": self._edge(driving)})
        maps = {"depth": found["disparity"][0, 0].copy()} if "disparity" in found else {}
        if missing := sorted(set(wanted) - set(maps)):
            raise EngineError(
                f"The {self.name} engine has no map called {', '.join(missing)}; "
                f"it has {', '.join(sorted(maps)) or 'none'}.",
                hint="The eager engine shows every map: --engine eager",
            )
        return {name: maps[name] for name in wanted}

    def close(self) -> None:
        """Free the graphs; idempotent."""
        # One at a time: a runtime keeps Python's lock while it frees one, and all three together
        # are a pause that one sees in a window.
        while self._runs:
            self._runs.popitem()

    @property
    def _stored(self) -> str:
        """The precision of the file that ``render`` is read from."""
        return INT8 if self.precision == INT8 else FP32

    @property
    def _graphs(self) -> Graphs:
        graphs = self.weights.graphs if self.weights is not None else None
        if graphs is None:
            raise EngineError(
                f"The {self.name} engine was given no weights file.", hint="Name a model: --model."
            )
        return graphs

    def _edge(self, image: Image) -> np.ndarray:
        if image.shape != (CROP_SIZE, CROP_SIZE, 3) or image.dtype != np.uint8:
            raise EngineError(
                f"The networks take {(CROP_SIZE, CROP_SIZE, 3)} uint8, "
                f"got {image.shape} {image.dtype}."
            )
        return image[None]

    def _run(self, graph: str, inputs: Mapping[str, np.ndarray]) -> Arrays:
        if graph not in self._runs:
            raise EngineError(
                f"{graph} was called on an engine that is not open.", hint="Call open()."
            )
        try:
            return self._runs[graph](inputs)
        except Exception as error:
            raise self._failed(f"run {graph}", error) from error

    def _failed(self, what: str, error: Exception) -> EngineError:
        first = (str(error).strip().splitlines() or [type(error).__name__])[-1]
        log.debug("%s failed to %s", self.name, what, exc_info=error)
        return EngineError(
            f"The {self.name} engine failed to {what}: {first}",
            hint="Leave --engine out to let the app choose another.",
        )
