"""The eager engine: the networks run by PyTorch as they are written. Every other engine is held to
it.

Batch normalisation is folded, the portrait is encoded once, and on a CPU the tensors are
channels-last. It takes CUDA where PyTorch offers it, in float32.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from avatar.engine import Progress
from avatar.errors import EngineError
from avatar.frame import CROP_SIZE, Image, Keypoints
from engines.threads import ThreadGovernor, usable_cores

if TYPE_CHECKING:
    import torch

    from avatar.model.generator import Code
    from avatar.weights import Weights

log = logging.getLogger(__name__)


class EagerCode(NamedTuple):
    """The portrait's code and its keypoints, on the engine's device."""

    code: "Code"
    keypoints: Keypoints
    value: "torch.Tensor"


class EagerEngine:
    """The reference engine."""

    name: ClassVar[str] = "eager"
    rank: ClassVar[int] = 10
    precisions: ClassVar[tuple[str, ...]] = ("fp32",)
    shows: ClassVar[tuple[str, ...]] = ("depth", "flow", "occlusion", "mask", "attention")

    def __init__(self, weights: "Weights | None", precision: str | None = None) -> None:
        self.weights = weights
        self.precision = precision or self.precisions[0]
        self._network: Any = None

    @classmethod
    def available(cls) -> str:
        """Empty when PyTorch is installed, else the reason why not."""
        from importlib.util import find_spec

        if find_spec("torch"):
            return ""
        return "PyTorch is not installed (pip install 'dagan-avatar[torch]')"

    def missing(self) -> str:
        """Nothing."""
        return ""

    def build(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        """Nothing to make: the networks run as they are."""
        progress(1.0, "Nothing to build")

    def open(self) -> None:
        """Load the weights and run all three graphs once.

        Raises:
            EngineError: no weights, or PyTorch cannot run them here.
        """
        import torch

        from avatar.model.blocks import fold
        from avatar.model.dagan import Dagan

        if self.weights is None:
            raise EngineError(
                "The eager engine was given no weights.", hint="Name a model: --model."
            )
        # NumPy works out its limits once, and gets them wrong, with a warning, once
        # denormals are flushed.
        np.finfo(np.float32), np.finfo(np.float64)
        torch.set_flush_denormal(True)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        most = 1 if self.device.type == "cuda" else usable_cores()
        self._governor = ThreadGovernor(most, torch.set_num_threads)
        with self._mapped("load"), torch.no_grad():
            network = Dagan(self.weights.params)
            network.load_state_dict(self.weights.tensors)
            # Parameters that need gradients would make every call record a graph.
            network.requires_grad_(False)
            self._network = (
                fold(network)
                .to(self.device)
                .to(
                    memory_format=torch.channels_last  # type: ignore[call-overload]
                )
            )
            # Frames are copied in here: PyTorch does not take a frame's own read-only array.
            self._bytes = torch.zeros(CROP_SIZE, CROP_SIZE, 3, dtype=torch.uint8)
            self._pixels = self._bytes.numpy()
        code, keypoints = self.encode(np.zeros((CROP_SIZE, CROP_SIZE, 3), np.uint8))
        self.detect(self._pixels)
        self.render(code, keypoints)

    def encode(self, portrait: Image) -> tuple[EagerCode, Keypoints]:
        """(256, 256, 3) uint8 RGB -> the portrait's code and keypoints."""
        with self._running("encode"):
            found = self._network.encode(self._tensor(portrait))
            keypoints = Keypoints(found.value[0].cpu().numpy(), found.jacobian[0].cpu().numpy())
            return EagerCode(found.code, keypoints, found.value), keypoints

    def detect(self, driving: Image) -> Keypoints:
        """(256, 256, 3) uint8 RGB -> keypoints."""
        with self._running("detect"):
            found = self._network.detect(self._tensor(driving))
            return Keypoints(found.value[0].cpu().numpy(), found.jacobian[0].cpu().numpy())

    def render(self, code: EagerCode, driving: Keypoints) -> Image:
        """The portrait in the pose of ``driving``: (256, 256, 3) uint8 RGB, a new array."""
        with self._running("render"):
            start = perf_counter()
            picture = self._network.render(code.code, *self._motion(code, driving))
            image = self._image(picture)
        self._governor.took(perf_counter() - start)
        return image

    def inspect(
        self, code: EagerCode, driving: Image, motion: Keypoints, wanted: Sequence[str]
    ) -> dict[str, np.ndarray]:
        """Maps of one frame, float32, without the batch axis; off the hot path.

        Names: depth (h, w), flow (h, w, 2), occlusion (1, h, w), mask (K + 1, h, w), attention (n,
        n), blend (1, H, W), warped_portrait (3, H, W), synthesised (3, H, W).

        Raises:
            EngineError: a map asked for that this model does not have.
        """
        taps: dict[str, torch.Tensor] = {}
        with self._running("inspect"):
            disparity = self._network.detect(self._tensor(driving)).disparity
            if disparity.numel():  # none without a depth network
                taps["depth"] = disparity[:, 0]
            self._network.render(code.code, *self._motion(code, motion), taps)
            if missing := sorted(set(wanted) - set(taps)):
                raise EngineError(
                    f"This model has no map called {', '.join(missing)}; "
                    f"it has {', '.join(sorted(taps))}."
                )
            return {name: taps[name][0].float().cpu().numpy() for name in wanted}

    def close(self) -> None:
        """Free the networks; idempotent."""
        self._network = None

    def _tensor(self, image: Image) -> "torch.Tensor":
        if image.shape != self._pixels.shape or image.dtype != np.uint8:
            raise EngineError(
                f"The networks take {self._pixels.shape} uint8, got {image.shape} {image.dtype}."
            )
        if image is not self._pixels:
            np.copyto(self._pixels, image)
        pixels = self._bytes.to(self.device)
        return pixels.permute(2, 0, 1).unsqueeze(0).float().mul_(1 / 255)

    def _motion(
        self, code: EagerCode, driving: Keypoints
    ) -> "tuple[torch.Tensor, torch.Tensor, torch.Tensor]":
        import torch

        from avatar.model.dagan import combine_jacobians

        affine = combine_jacobians(code.keypoints.jacobian, driving.jacobian)
        value = torch.from_numpy(np.array(driving.value, np.float32)).to(self.device)
        return code.value, value.unsqueeze(0), torch.from_numpy(affine).to(self.device).unsqueeze(0)

    def _image(self, picture: "torch.Tensor") -> Image:
        import torch

        scaled = picture[0].permute(1, 2, 0).mul(255).round_().clamp_(0, 255)
        result: Image = scaled.to(torch.uint8).contiguous().cpu().numpy()
        return result

    @contextmanager
    def _running(self, what: str) -> Iterator[None]:
        import torch

        if self._network is None:
            raise EngineError(
                f"{what} was called on an engine that is not open.", hint="Call open()."
            )
        with self._mapped(what), torch.no_grad():
            yield

    @contextmanager
    def _mapped(self, what: str) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:  # PyTorch raises nothing finer, out of memory included
            first = (str(error).splitlines() or [type(error).__name__])[0]
            raise EngineError(
                f"PyTorch failed to {what}: {first}",
                hint="If memory ran out, close other programs or pick --model compact.",
            ) from error
