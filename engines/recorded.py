"""Recorded: one network on one device, its detect and render as graphs over static buffers.

A frame goes in as uint8 and comes out as uint8; conversion and normalisation are part of the
graphs. ``encode`` and ``inspect`` run seldom and are not recorded.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from avatar.errors import EngineError
from avatar.frame import CROP_SIZE, Image, Keypoints
from engines.cuda import Device, GraphRunner

if TYPE_CHECKING:
    from torch import Tensor

    from avatar.model.dagan import Dagan

MODE = "max-autotune-no-cudagraphs"
"""Of torch.compile; the CUDA graphs are ours, since PyTorch's belong to one thread's storage."""

FED = ("driving", "affine")
"""Inputs of render that change with every frame."""

KEYPOINTS = ("value", "jacobian")


class RecordedCode(NamedTuple):
    """The inputs of render that depend on the portrait alone, on the device, and its keypoints."""

    inputs: "dict[str, Tensor]"
    keypoints: Keypoints


class Recorded:
    """The networks, ready to be called. One thread makes and calls it.

    Args:
        device: where the network is.
        network: in evaluation mode, FP32 or mixed (avatar/model/precision.py).
        compiled: let torch.compile make its kernels, which may take minutes.
        tell: called with the name of each graph before it is recorded.

    Raises:
        RuntimeError: PyTorch failed; with ``compiled``, whatever the compiler raises.
    """

    def __init__(
        self,
        device: Device,
        network: "Dagan",
        compiled: bool = False,
        tell: Callable[[str], None] = lambda graph: None,
    ) -> None:
        import torch

        from avatar.model.graphs import Detect, Encode, Render, code_parts, render_inputs, to_unit

        self.device, self.network = device, network
        self._encoder = Encode(network)
        self._parts = code_parts(network.params)
        self._shown: RecordedCode | None = None
        detect_all: Any = Detect(network, pixels=True).eval()
        render_all: Any = Render(network, pixels=True).eval()
        if compiled:
            torch._dynamo.reset()  # the same code may have been compiled for another precision
            options: Any = {"mode": MODE, "fullgraph": True, "dynamic": False}
            detect_all = torch.compile(detect_all, **options)
            render_all = torch.compile(render_all, **options)
        order = render_inputs(network.params)
        self._kept = tuple(name for name in order if name not in FED)

        def detect(inputs: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
            found = detect_all(inputs["driving"])
            return dict(zip((*KEYPOINTS, "disparity"), found, strict=False))

        def render(inputs: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
            return {"picture": render_all(*(inputs[name] for name in order))}

        tell("detect")
        with device.using():
            shape = (1, CROP_SIZE, CROP_SIZE, 3)
            black = torch.zeros(shape, dtype=torch.uint8, device=device.torch)
        self._detect = GraphRunner(
            device, detect, {"driving": black}, fed=("driving",), fetched=KEYPOINTS
        )
        with device.using():
            value = self._detect.outputs["value"].clone()
            code = self._encode(to_unit(black), self._detect.outputs.get("disparity"))
            affine = torch.eye(2, device=device.torch).repeat(1, value.shape[1], 1, 1)
            examples = code | {"source": value, "driving": value, "affine": affine}
        tell("render")
        self._render = GraphRunner(
            device,
            render,
            {name: examples[name] for name in order},
            fed=FED,
            fetched=("picture",),
        )

    def encode(self, portrait: Image) -> RecordedCode:
        """(256, 256, 3) uint8 RGB -> the portrait's code and keypoints."""
        from avatar.model.graphs import to_unit

        keypoints = self.detect(portrait)
        found = self._detect.outputs
        with self.device.using():
            inputs = self._encode(to_unit(self._detect.inputs["driving"]), found.get("disparity"))
            inputs["source"] = found["value"].clone()
        return RecordedCode(inputs, keypoints)

    def detect(self, driving: Image) -> Keypoints:
        """(256, 256, 3) uint8 RGB -> keypoints.

        Raises:
            EngineError: a picture of another size or type.
        """
        if driving.shape != (CROP_SIZE, CROP_SIZE, 3) or driving.dtype != np.uint8:
            raise EngineError(
                f"The networks take {(CROP_SIZE, CROP_SIZE, 3)} uint8, "
                f"got {driving.shape} {driving.dtype}."
            )
        found = self._detect(driving=driving[None])
        return Keypoints(found["value"][0].copy(), found["jacobian"][0].copy())

    def render(self, code: RecordedCode, driving: Keypoints) -> Image:
        """The portrait in the pose of ``driving``: (256, 256, 3) uint8 RGB, a new array."""
        if code is not self._shown:
            self._shown = None
            self._render.keep({name: code.inputs[name] for name in self._kept})
            self._shown = code
        found = self._render(driving=driving.value[None], affine=_affine(code, driving)[None])
        picture: Image = found["picture"][0].copy()
        return picture

    def inspect(
        self, code: RecordedCode, driving: Image, motion: Keypoints, wanted: Sequence[str]
    ) -> dict[str, np.ndarray]:
        """Maps of one frame, float32, without the batch axis, as the eager engine names them.

        Raises:
            EngineError: a map asked for that this model does not have.
        """
        import torch

        from avatar.model.generator import Code

        self.detect(driving)
        with self.device.using():
            taps: dict[str, Tensor] = {}
            if "disparity" in self._detect.outputs:
                taps["depth"] = self._detect.outputs["disparity"][:, 0].clone()
            source = code.inputs["source"]
            nothing = source.new_empty(0)
            whole = Code(*(code.inputs.get(part, nothing) for part in Code._fields))
            value, affine = (
                torch.from_numpy(np.array(array, np.float32)).to(self.device.torch)[None]
                for array in (motion.value, _affine(code, motion))
            )
            self.network.render(whole, source, value, affine, taps)
            if missing := sorted(set(wanted) - set(taps)):
                raise EngineError(
                    f"This model has no map called {', '.join(missing)}; "
                    f"it has {', '.join(sorted(taps))}."
                )
            return {name: taps[name][0].float().cpu().numpy() for name in wanted}

    # Each graph on its own, tensors on the device: what is compared with the reference.

    def run_detect(self, frame: Image) -> "dict[str, Tensor]":
        """(256, 256, 3) uint8 -> value, jacobian, disparity where there is depth."""
        self._detect(driving=frame[None])
        with self.device.using():
            return {name: output.clone() for name, output in self._detect.outputs.items()}

    def run_encode(self, inputs: "dict[str, Tensor]") -> "dict[str, Tensor]":
        """portrait, disparity where there is depth -> the parts of the code."""
        with self.device.using():
            return self._encode(inputs["portrait"], inputs.get("disparity"))

    def run_render(self, inputs: "dict[str, Tensor]") -> Image:
        """Everything that render takes -> (256, 256, 3) uint8."""
        self._shown = None
        self._render.keep({name: inputs[name] for name in self._kept})
        with self.device.using():
            fed = {name: inputs[name].cpu().numpy() for name in FED}
        picture: Image = self._render(**fed)["picture"][0].copy()
        return picture

    def _encode(self, portrait: "Tensor", disparity: "Tensor | None") -> "dict[str, Tensor]":
        found = self._encoder(portrait, disparity)
        return dict(zip(self._parts, found, strict=True)) | {"portrait": portrait}


def _affine(code: RecordedCode, driving: Keypoints) -> np.ndarray:
    from avatar.model.dagan import combine_jacobians

    return combine_jacobians(code.keypoints.jacobian, driving.jacobian)
