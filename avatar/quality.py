"""How far the quantised ``render`` is from the FP32 one: pictures, keypoints and time."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from avatar.errors import Cancelled, WeightsError
from avatar.footage import Footage, Progress
from avatar.frame import CROP_SIZE, Image
from avatar.graphs import Graphs
from avatar.motion.geometry import inverse_2x2
from avatar.privacy import no_reporting

PSNR_DB = 35.0
"""Least mean PSNR of INT8 against FP32, over frames."""

SHIFT_PX = 0.25
"""Farthest that keypoints may move on average. The bundled model's own error (keypoints of its
output against those of the driving frame) is 0.95 px; an independent 0.25 px adds 3 % to it."""

GAIN = 0.9
"""INT8 has to take at most this share of FP32's time. CPUs without VNNI do not get there."""

ROUNDS = 9
MOST_KEPT = 32  # a picture and its keypoints each

Sample = dict[str, np.ndarray]
"""The inputs of ``render`` for one frame, float32."""


@dataclass(frozen=True)
class Quality:
    """INT8 against FP32.

    Attributes:
        frames: on how many frames.
        psnr_db, least_psnr_db: mean and worst frame; 100 where they are equal.
        shift_px, most_shift_px: how far keypoints found in the two pictures lie apart in pixels:
            mean over all, and the frame with the largest mean.
        fp32_ms, int8_ms: medians of a frame, by turns.
    """

    frames: int
    psnr_db: float
    least_psnr_db: float
    shift_px: float
    most_shift_px: float
    fp32_ms: float
    int8_ms: float

    @property
    def faithful(self) -> bool:
        """Whether pictures and keypoints are near enough."""
        return self.psnr_db >= PSNR_DB and self.shift_px <= SHIFT_PX

    def objections(self) -> Iterator[str]:
        """Why it is not worth using; nothing where it is."""
        if self.psnr_db < PSNR_DB:
            yield f"the pictures differ: {self.psnr_db:.1f} dB PSNR, {PSNR_DB:.0f} are needed"
        if self.shift_px > SHIFT_PX:
            yield f"keypoints move by {self.shift_px:.2f} px, at most {SHIFT_PX} are allowed"
        if self.int8_ms > GAIN * self.fp32_ms:
            yield (
                f"this CPU gains too little: a frame takes {self.int8_ms:.1f} ms "
                f"instead of {self.fp32_ms:.1f}"
            )


class Bench:
    """The FP32 graphs of a model under OpenVINO, and what they give for frames to compare with."""

    def __init__(self, graphs: Graphs, progress: Progress, cancelled: Callable[[], bool]) -> None:
        no_reporting()
        # NumPy works out its limits once, and gets them wrong once denormals are flushed.
        np.finfo(np.float32), np.finfo(np.float64)
        import openvino

        self._core = openvino.Core()
        self._graphs, self._progress, self._cancelled = graphs, progress, cancelled
        self._detect = self.compile(self.read("detect"))
        self._encode = self.compile(self.read("encode"))

    def read(self, graph: str) -> Any:
        """The FP32 graph as an OpenVINO model.

        Raises:
            WeightsError: it is damaged.
        """
        path = self._graphs.file(graph)
        if path is None:
            raise WeightsError(f"There is no exported graph {graph} of {self._graphs.weights}.")
        try:
            return self._core.read_model(str(path))
        except RuntimeError as error:
            raise WeightsError(
                f"OpenVINO cannot read {path}.", hint=f"Delete {path.parent}; it is made again."
            ) from error

    def compile(self, model: Any) -> "Graph":
        """A model ready to run."""
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
            "ENABLE_CPU_PINNING": False,
            "CPU_DENORMALS_OPTIMIZATION": True,
        }
        return Graph(self._core.compile_model(model, "CPU", settings))

    def samples(self, footage: Sequence[Footage], doing: str) -> list[Sample]:
        """The inputs of ``render`` for every frame but the first of each clip, its portrait."""
        total = sum(len(clip.squares) - 1 for clip in footage)
        made: list[Sample] = []
        for clip in footage:
            portrait, *driving = clip.squares
            found = self._detect({"driving": portrait[None]})
            value, jacobian = found["value"].copy(), found["jacobian"].copy()
            floats = np.ascontiguousarray(portrait.transpose(2, 0, 1)[None], np.float32) / 255
            given = {"portrait": np.asarray(floats, np.float32)} | found
            code = {name: part.copy() for name, part in self._encode(given).items()}
            code |= {"portrait": given["portrait"], "source": value}
            for square in driving:
                self._step(doing, len(made), total)
                moved = self._detect({"driving": square[None]})
                affine = np.matmul(jacobian, inverse_2x2(moved["jacobian"]))
                made.append(code | {"driving": moved["value"].copy(), "affine": affine})
        self._progress(doing, total, total)
        return made

    def measure_fp32(self, samples: Sequence[Sample]) -> None:
        """What ``render`` in FP32 gives for the frames of :meth:`measure`."""
        self._samples = [samples[i] for i in _evenly(len(samples), MOST_KEPT)]
        self._fp32 = self.compile(self.read("render"))
        self._pictures = []
        for number, sample in enumerate(self._samples):
            self._step("Measuring FP32", number, len(self._samples))
            self._pictures.append(self._picture(self._fp32, sample))
        self._keypoints = [self._found(picture) for picture in self._pictures]

    def measure(self, model: Any) -> Quality:
        """Compare a ``render`` with the FP32 one, on the frames given before."""
        graph = self.compile(model)
        decibels, shifts = [], []
        for number, sample in enumerate(self._samples):
            self._step("Measuring INT8", number, len(self._samples))
            picture = self._picture(graph, sample)
            decibels.append(psnr_db(picture, self._pictures[number]))
            apart = np.linalg.norm(self._found(picture) - self._keypoints[number], axis=-1)
            shifts.append(float(apart.mean()) * CROP_SIZE / 2)
        fp32_ms, int8_ms = self._race(self._fp32, graph)
        return Quality(
            frames=len(self._samples),
            psnr_db=round(float(np.mean(decibels)), 2),
            least_psnr_db=round(min(decibels), 2),
            shift_px=round(float(np.mean(shifts)), 4),
            most_shift_px=round(max(shifts), 4),
            fp32_ms=round(fp32_ms, 2),
            int8_ms=round(int8_ms, 2),
        )

    def _race(self, *graphs: "Graph") -> list[float]:
        """Medians in milliseconds, by turns."""
        sample = self._samples[0]
        times: list[list[float]] = [[] for _ in graphs]
        for number in range(ROUNDS):
            self._step("Measuring the time", number, ROUNDS)
            for graph, taken in zip(graphs, times, strict=True):
                start = time.perf_counter()
                graph(sample)
                taken.append(1e3 * (time.perf_counter() - start))
        return [median(taken) for taken in times]

    def _picture(self, graph: "Graph", sample: Sample) -> Image:
        picture: Image = graph(sample)["picture"][0].copy()
        return picture

    def _found(self, picture: Image) -> np.ndarray:
        found: np.ndarray = self._detect({"driving": picture[None]})["value"][0].copy()
        return found

    def _step(self, doing: str, done: int, total: int) -> None:
        if self._cancelled():
            raise Cancelled("Stopped; nothing was written.")
        self._progress(doing, done, total)


class Graph:
    """A compiled graph: inputs by name -> outputs by name, which the next call overwrites."""

    def __init__(self, compiled: Any) -> None:
        self._request = compiled.create_infer_request()
        self._inputs = [port.get_any_name() for port in compiled.inputs]
        self._outputs = [port.get_any_name() for port in compiled.outputs]

    def __call__(self, inputs: Sample) -> Sample:
        self._request.infer({name: inputs[name] for name in self._inputs})
        return {
            name: self._request.get_output_tensor(index).data
            for index, name in enumerate(self._outputs)
        }


def psnr_db(one: Image, other: Image) -> float:
    """Of two uint8 pictures; 100 where they are equal."""
    error = float(np.square(one.astype(np.float32) - other).mean())
    return 100.0 if error == 0 else float(10 * np.log10(255**2 / error))


def _evenly(count: int, most: int) -> list[int]:
    return [i * count // min(count, most) for i in range(min(count, most))]
