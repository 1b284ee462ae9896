"""The trt engine: the three graphs as TensorRT plans, in FP16 with coordinates in FP32.

Plans are compiled on the machine that runs them, in a process of their own, and kept in the cache
folder (engines/plans.py). Pictures are converted by PyTorch beside the plans, and ``detect`` and
``render`` are each one CUDA graph. A plan is used once it has been compared with eager FP32 on the
same GPU; one that differs is replaced by the next form of its graph (engines/trt_ladder.py), and
when none is left the engine says so.

Not run on a GPU yet. Without one, tests run it over the real front end of Torch-TensorRT and a
stand-in for TensorRT (tests/engines/test_trt_front_end.py), which shows everything but the kernels.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from avatar.engine import Progress
from avatar.errors import EngineError
from avatar.frame import CROP_SIZE, Image, Keypoints
from engines.plans import Plan, Plans, folder_for
from engines.trt_aside import build_aside
from engines.trt_forms import Form, network
from engines.trt_ladder import Ladder
from engines.trt_machine import Machine, TensorRtMachine
from engines.trt_runtime import PlanUnreadable

if TYPE_CHECKING:
    from torch import Tensor

    from avatar.weights import Weights
    from engines.cuda import GraphRunner
    from engines.trt_runtime import Call

log = logging.getLogger(__name__)


class CheckFailed(EngineError):
    """A plan does not give what the reference gives; the verdict is stored."""


class TrtCode(NamedTuple):
    """The inputs of ``render`` that depend on the portrait alone, on the GPU; its keypoints."""

    inputs: "dict[str, Tensor]"
    keypoints: Keypoints


class TrtEngine:
    """TensorRT on an NVIDIA GPU.

    Args:
        weights: a model that came from a file.
        precision: "fp16".
        machine: GPU, compiler and runtime; a test gives its own.

    Attributes:
        note: after ``open``: the forms in use, why a faster one is not, and the PSNR against eager.
    """

    name: ClassVar[str] = "trt"
    rank: ClassVar[int] = 80
    precisions: ClassVar[tuple[str, ...]] = ("fp16",)
    shows: ClassVar[tuple[str, ...]] = ("depth",)

    def __init__(
        self,
        weights: "Weights | None",
        precision: str | None = None,
        machine: Machine | None = None,
    ) -> None:
        self.weights = weights
        self.precision = precision or self.precisions[0]
        self.note = ""
        self._machine = TensorRtMachine() if machine is None else machine
        self._calls: dict[str, Call] = {}
        self._kept: TrtCode | None = None
        self._runners: dict[str, GraphRunner] = {}

    @classmethod
    def available(cls) -> str:
        """Empty where TensorRT can run, else the reason why not, with the cure."""
        return TensorRtMachine().lacks()

    def missing(self) -> str:
        """Which plan has to be compiled, and why; empty when all can be used."""
        why = Ladder(self.plans).missing()
        return f"a TensorRT plan for this GPU ({why})" if why else ""

    def build(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        """Compile what is missing, in a process of its own. Takes minutes.

        Raises:
            Cancelled: ``cancelled()`` turned true; finished plans stay.
            EngineError: a graph cannot be compiled, or every form of it differs from eager.
            OutputError: the cache folder cannot be written.
        """
        plans = self.plans
        if not self.missing():
            progress(1.0, "Nothing to build")
            return
        plans.writable()
        assert self.weights is not None
        build_aside(self._machine.builder(self.weights), plans, progress, cancelled)

    def open(self) -> None:
        """Load the plans, record the CUDA graphs, and compare plans that were not compared yet.

        Raises:
            CheckFailed: a plan differs from eager; the next build compiles its next form.
            EngineError: no plan, one that cannot be loaded, or no form that passes.
        """
        from engines.cuda import mapped

        plans = self.plans
        ladder = Ladder(plans)
        forms = ladder.forms()
        found = {graph: ladder.plan(graph, form) for graph, form in forms.items()}
        try:
            with mapped("open the TensorRT plans"):
                self._load(found)
                self._record()
            self._compare(plans, forms, found)
        except PlanUnreadable as error:
            self.close()
            for graph, form in forms.items():
                plans.discard(graph, form.name)
            raise PlanUnreadable(
                error.message, hint="The plans are compiled again by the next build."
            ) from error
        except BaseException:
            self.close()
            raise

    def encode(self, portrait: Image) -> tuple[TrtCode, Keypoints]:
        """(256, 256, 3) uint8 RGB -> the portrait's code and keypoints."""
        import torch

        from avatar.model.graphs import to_unit

        keypoints = self.detect(portrait)
        with self._running("encode"), self._device.using():
            frame = torch.from_numpy(portrait.copy())[None].to(self._device.torch)
            given = {**self._runners["detect"].outputs, "portrait": to_unit(frame)}
            inputs = self._calls["encode"](given)
            inputs["portrait"] = given["portrait"]
            source = torch.from_numpy(keypoints.value)[None]
            inputs["source"] = source.to(self._device.torch)
            self._device.wait()
        return TrtCode(inputs, keypoints), keypoints

    def detect(self, driving: Image) -> Keypoints:
        """(256, 256, 3) uint8 RGB -> keypoints."""
        with self._running("detect"):
            found = self._runners["detect"](frame=self._edge(driving))
        return Keypoints(found["value"][0].copy(), found["jacobian"][0].copy())

    def render(self, code: TrtCode, driving: Keypoints) -> Image:
        """The portrait in the pose of ``driving``: (256, 256, 3) uint8 RGB, a new array."""
        from avatar.model.dagan import combine_jacobians

        with self._running("render"):
            runner = self._runners["render"]
            if code is not self._kept:
                runner.keep({n: t for n, t in code.inputs.items() if n in runner.inputs})
                self._kept = code
            affine = combine_jacobians(code.keypoints.jacobian, driving.jacobian)
            found = runner(driving=driving.value[None], affine=affine[None])
        picture: Image = found["picture"][0].copy()
        return picture

    def inspect(
        self, code: TrtCode, driving: Image, motion: Keypoints, wanted: Sequence[str]
    ) -> dict[str, np.ndarray]:
        """Depth (h, w) float32 is all that compiled graphs show.

        Raises:
            EngineError: another map was asked for.
        """
        self.detect(driving)
        outputs = self._runners["detect"].outputs
        maps = {}
        if "disparity" in outputs:
            maps["depth"] = outputs["disparity"][0, 0].cpu().numpy().copy()
        if missing := sorted(set(wanted) - set(maps)):
            raise EngineError(
                f"The {self.name} engine has no map called {', '.join(missing)}; "
                f"it has {', '.join(sorted(maps)) or 'none'}.",
                hint="The eager engine shows every map: --engine eager",
            )
        return {name: maps[name] for name in wanted}

    def close(self) -> None:
        """Free plans, graphs and buffers; idempotent."""
        self._runners, self._calls, self._kept = {}, {}, None

    @property
    def plans(self) -> Plans:
        """Where the plans of these weights for this GPU are."""
        weights = self.weights
        if weights is None or weights.path is None:
            raise EngineError(
                f"The {self.name} engine was given no weights file.", hint="Name a model: --model."
            )
        parts = {**self._machine.parts(), "weights": weights.sha256}
        return Plans(folder_for(parts["GPU"], weights.path.stem, weights.sha256), parts)

    def run_detect(self, frame: Image) -> "dict[str, Tensor]":
        """For the comparison (engines/check.py), as the next two."""
        self._runners["detect"](frame=self._edge(frame))
        return dict(self._runners["detect"].outputs)

    def run_encode(self, inputs: "dict[str, Tensor]") -> "dict[str, Tensor]":
        """portrait, disparity -> the parts of the code."""
        with self._device.using():
            found = self._calls["encode"](inputs)
            self._device.wait()
        return found

    def run_render(self, inputs: "dict[str, Tensor]") -> Image:
        """Everything that render takes -> (256, 256, 3) uint8."""
        runner = self._runners["render"]
        runner.keep({name: tensor for name, tensor in inputs.items() if name in runner.inputs})
        fed = {name: inputs[name].cpu().numpy() for name in ("driving", "affine")}
        picture: Image = runner(**fed)["picture"][0].copy()
        self._kept = None
        return picture

    def _load(self, found: dict[str, Plan]) -> None:
        self._device = self._machine.device()
        for graph, plan in found.items():
            self._calls[graph] = self._machine.load(plan, self._device.torch)

    def _record(self) -> None:
        """Make the runners of ``detect`` and ``render``, with inputs of the shapes that the plans
        give."""
        import torch

        from avatar.model.graphs import render_inputs, to_pixels, to_unit
        from engines.cuda import GraphRunner

        assert self.weights is not None
        calls, device = self._calls, self._device
        black = torch.zeros(1, CROP_SIZE, CROP_SIZE, 3, dtype=torch.uint8, device=device.torch)
        with device.using():
            seen = calls["detect"]({"driving": to_unit(black)})
            code = calls["encode"]({**seen, "portrait": to_unit(black)})
            examples = {
                **code,
                "portrait": to_unit(black),
                "source": seen["value"],
                "driving": seen["value"],
                "affine": seen["jacobian"],
            }
            device.wait()
        self._runners["detect"] = GraphRunner(
            device,
            lambda inputs: calls["detect"]({"driving": to_unit(inputs["frame"])}),
            {"frame": black},
            fed=["frame"],
            fetched=["value", "jacobian"],
        )
        self._runners["render"] = GraphRunner(
            device,
            lambda inputs: {"picture": to_pixels(calls["render"](inputs)["picture"]).contiguous()},
            {name: examples[name] for name in render_inputs(self.weights.params)},
            fed=["driving", "affine"],
            fetched=["picture"],
        )

    def _compare(self, plans: Plans, forms: dict[str, Form], found: dict[str, Plan]) -> None:
        """Judge plans without a verdict, store what was found, and write the note."""
        verdicts = {graph: plan.verdict for graph, plan in found.items() if plan.verdict}
        if len(verdicts) < len(found):
            from engines.check import check
            from engines.cuda import mapped

            assert self.weights is not None
            with mapped("compare the TensorRT plans with eager"):
                verdicts = check(self, network(self.weights, half=False), self._device.torch)
            for graph, verdict in verdicts.items():
                plans.judge(graph, forms[graph].name, verdict)
        failed = [graph for graph, verdict in verdicts.items() if not verdict.passed]
        if failed:
            raise CheckFailed(
                "TensorRT does not give what eager gives: "
                + "; ".join(f"{g} in {forms[g].sentence}: {verdicts[g].note}" for g in failed)
                + ".",
                hint="The next build compiles another form.",
            )
        notes = [f"{forms['render'].sentence}; {verdicts['render'].note}"]
        for graph, form in forms.items():
            notes += Ladder(plans).passed_over(graph, form)
        self.note = "; ".join(notes)
        log.info("trt: %s", self.note)

    def _edge(self, image: Image) -> np.ndarray:
        if image.shape != (CROP_SIZE, CROP_SIZE, 3) or image.dtype != np.uint8:
            raise EngineError(
                f"The networks take {(CROP_SIZE, CROP_SIZE, 3)} uint8, "
                f"got {image.shape} {image.dtype}."
            )
        return image[None]

    def _running(self, what: str) -> Any:
        if not self._runners:
            raise EngineError(
                f"{what} was called on an engine that is not open.", hint="Call open()."
            )
        from engines.cuda import mapped

        return mapped(what)
