"""The reference path: the network evaluated as the official demo evaluates it.

The authors' demo finds the portrait's depth and keypoints once, and then for each driving frame
encodes the portrait and its depth anew, detects, and generates; its generator also warps the
portrait itself at full resolution, which nothing uses. Unfolded batch normalisation, PyTorch's own
memory format and number of threads, FP32; on CUDA where PyTorch offers it.
"""

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor

from avatar.bench.material import Material
from avatar.bench.measured import FRAME_NS, Block, Tell, block
from avatar.bench.subject import Subject
from avatar.frame import Floats, Image, Keypoints
from avatar.model.dagan import Dagan, Detected, combine_jacobians
from avatar.model.graphs import to_pixels, to_unit
from avatar.motion.settings import MotionSettings
from avatar.motion.transfer import Motion


class ReferencePath:
    """The reference, held open.

    Args:
        subject: its weights.
        folder: of the :class:`~avatar.bench.material.Material`.
    """

    def __init__(self, subject: Subject, folder: Path) -> None:
        self.subject = subject
        self._material = Material.load(folder)
        self._network: Any = None

    def open(self, tell: Tell) -> dict[str, Any]:
        """Load the network, animate one frame, and count what a frame costs.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        from avatar.weights import load

        start = perf_counter()
        assert self.subject.weights is not None
        weights = load(self.subject.weights)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = Dagan(weights.params)
        network.load_state_dict(weights.tensors)
        self._network = network.eval().requires_grad_(False).to(self._device)
        self._portrait = self._tensor(self._material.portrait)
        self._source = self._detect(self._portrait)
        first = np.array(self._material.crops[0])
        self._frame(first)
        figures = {
            "first_frame_s": perf_counter() - start,
            "device": str(self._device),
        }
        return figures | self._cost(first)

    def networks(self, seconds: float) -> Block:
        """Detect, encode and render of every frame."""
        frames = [np.array(crop) for crop in self._material.crops]
        return block(seconds, lambda number: self._frame(frames[number % len(frames)]))

    def pictures(self) -> np.ndarray:
        """As :meth:`MeasuredEngine.pictures`."""
        motion = Motion(MotionSettings(smoothing=0))
        motion.reset(_keypoints(self._source))
        pictures = []
        for number, crop in enumerate(self._material.compared):
            found = _keypoints(self._detect(self._tensor(np.array(crop))))
            pictures.append(self._render(motion(found, number * FRAME_NS)))
        return np.stack(pictures)

    def close(self) -> None:
        """Free the network; idempotent."""
        self._network = None

    def _frame(self, driving: Image) -> dict[str, float]:
        start = perf_counter()
        found = _keypoints(self._detect(self._tensor(driving)))
        detected = perf_counter()
        self._render(found)
        end = perf_counter()
        return {
            "detect": (detected - start) * 1e3,
            "render": (end - detected) * 1e3,
            "frame": (end - start) * 1e3,
        }

    @torch.no_grad()
    def _detect(self, picture: Tensor) -> Detected:
        found: Detected = self._network.detect(picture)
        return found

    @torch.no_grad()
    def _render(self, driving: Keypoints) -> Image:
        network, source = self._network, self._source
        disparity = source.disparity if network.depth is not None else None
        code = network.generator.encode(self._portrait, disparity)
        affine = combine_jacobians(source.jacobian[0].cpu().numpy(), driving.jacobian)
        taps: dict[str, Tensor] = {}
        picture = network.render(
            code, source.value, self._floats(driving.value), self._floats(affine), taps
        )
        network.generator.warp(self._portrait, taps["flow"])  # made, and not used
        image: Image = to_pixels(picture)[0].cpu().numpy()
        return image

    def _cost(self, driving: Image) -> dict[str, float]:
        """Multiply-adds, in 10^9, of a frame by this path, and of one with a cached portrait."""
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as whole:
            self._frame(driving)
        disparity = self._source.disparity if self._network.depth is not None else None
        with FlopCounterMode(display=False) as encoder, torch.no_grad():
            self._network.generator.encode(self._portrait, disparity)
        both = whole.get_total_flops() / 2e9
        return {"gmac": both, "gmac_cached": both - encoder.get_total_flops() / 2e9}

    def _tensor(self, image: Image) -> Tensor:
        return to_unit(torch.from_numpy(np.array(image))[None].to(self._device))

    def _floats(self, array: Floats) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array, np.float32))[None].to(self._device)


def _keypoints(found: Detected) -> Keypoints:
    return Keypoints(found.value[0].cpu().numpy(), found.jacobian[0].cpu().numpy())
