"""Whether an engine gives what eager FP32 gives on the same GPU, on a bundled pair of pictures.

No test without the GPU can show that TensorRT's kernels are right, so every plan is compared before
it is used. Each graph gets the reference's own inputs, so that a verdict is about it alone.
"""

import math
from typing import TYPE_CHECKING, Protocol

import numpy as np

from avatar.assets import asset
from avatar.frame import CROP_SIZE, Image
from engines.plans import Verdict

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from avatar.model.dagan import Dagan

PAIR = ("portraits/astronaut.png", "portraits/drawn.png")
"""Portrait and driving picture; both are in the public domain."""

# Starting values: no plan has been compared on a GPU yet. On a CPU, the compact model in mixed FP16
# accumulated in FP32 differs by 6e-5, 3e-4, 1e-3, 0.02 and 1.
KEYPOINTS_WITHIN = 2e-3
"""Largest error of a coordinate in [-1, 1]: a quarter of a pixel."""
JACOBIANS_WITHIN = 1e-2
"""Largest error of a jacobian's element, as a share of the largest element."""
CODE_WITHIN = 1e-2
"""Largest root mean square error of a part of the code, as a share of its root mean square."""
SMALLEST = 1e-3
"""Root mean square below which a part counts as this large: a query may be all zeros."""
MEAN_WITHIN = 0.5
"""Mean error of the picture, of 255."""
TAIL_WITHIN = 4.0
"""99.9th percentile of the picture's error, of 255."""


class Checked(Protocol):
    """What can be compared: the three graphs, each on its own; tensors on the engine's device."""

    def run_detect(self, frame: Image) -> "dict[str, Tensor]":
        """(256, 256, 3) uint8 -> value, jacobian, disparity where there is depth."""
        ...

    def run_encode(self, inputs: "dict[str, Tensor]") -> "dict[str, Tensor]":
        """portrait, disparity -> the parts of the code."""
        ...

    def run_render(self, inputs: "dict[str, Tensor]") -> Image:
        """Everything that render takes -> (256, 256, 3) uint8."""
        ...


def pictures() -> tuple[Image, Image]:
    """The bundled pair, (256, 256, 3) uint8 RGB each."""
    import PIL.Image

    side = (CROP_SIZE, CROP_SIZE)
    loaded = []
    for name in PAIR:
        with PIL.Image.open(asset(name)) as picture:
            resized = picture.convert("RGB").resize(side, PIL.Image.Resampling.LANCZOS)
            loaded.append(np.array(resized, np.uint8))
    return loaded[0], loaded[1]


def check(engine: Checked, network: "Dagan", device: "torch.device") -> dict[str, Verdict]:
    """Compare each graph with a folded FP32 network, which is moved to the device."""
    import torch

    from avatar.model.dagan import combine_jacobians
    from avatar.model.graphs import code_parts, to_pixels, to_unit

    network = network.to(device)
    portrait, driving = pictures()
    with torch.no_grad():
        seen, moving = (to_unit(torch.from_numpy(p)[None].to(device)) for p in (portrait, driving))
        source = network.detect(seen)
        target = network.detect(moving)
        depth = network.depth is not None
        code = network.generator.encode(seen, source.disparity if depth else None)
        affine = combine_jacobians(
            source.jacobian[0].cpu().numpy(), target.jacobian[0].cpu().numpy()
        )
        motion = (source.value, target.value, torch.from_numpy(affine)[None].to(device))
        picture = to_pixels(network.render(code, *motion))[0].cpu().numpy()
    parts = {name: getattr(code, name) for name in code_parts(network.params)}
    encoded = {"portrait": seen, "disparity": source.disparity} if depth else {"portrait": seen}
    rendered = {
        **parts,
        "portrait": seen,
        **dict(zip(("source", "driving", "affine"), motion, strict=True)),
    }
    return {
        "detect": _keypoints(engine.run_detect(driving), target._asdict()),
        "encode": _code(engine.run_encode(encoded), parts),
        "render": _picture(engine.run_render(rendered), picture),
    }


def psnr(image: np.ndarray, reference: np.ndarray) -> float:
    """Peak signal to noise in dB of pictures in [0, 255]; infinite when they are equal."""
    error = float(np.mean(np.square(image.astype(np.float64) - reference)))
    return math.inf if error == 0 else 10 * math.log10(255.0**2 / error)


def _keypoints(found: "dict[str, Tensor]", wanted: "dict[str, Tensor]") -> Verdict:
    value = _largest(found["value"], wanted["value"])
    jacobian = _largest(found["jacobian"], wanted["jacobian"])
    jacobian /= float(wanted["jacobian"].abs().max())
    holds = value <= KEYPOINTS_WITHIN and jacobian <= JACOBIANS_WITHIN  # false for NaN
    note = f"keypoints within {value:.1g}, jacobians within {jacobian:.1g}"
    if "disparity" in found:
        disparity = _relative(found["disparity"], wanted["disparity"])
        holds = holds and disparity <= CODE_WITHIN
        note += f", disparity within {disparity:.1g}"
    return Verdict(holds, note)


def _code(found: "dict[str, Tensor]", wanted: "dict[str, Tensor]") -> Verdict:
    errors = {name: _relative(found[name], wanted[name]) for name in wanted}
    worst = max(errors, key=lambda name: math.inf if math.isnan(errors[name]) else errors[name])
    return Verdict(
        all(error <= CODE_WITHIN for error in errors.values()),
        f"{worst} within {errors[worst]:.1g} of its size",
    )


def _picture(found: Image, wanted: Image) -> Verdict:
    error = np.abs(found.astype(np.int16) - wanted)
    mean, tail = float(error.mean()), float(np.percentile(error, 99.9))
    return Verdict(
        mean <= MEAN_WITHIN and tail <= TAIL_WITHIN,
        f"{psnr(found, wanted):.1f} dB, mean error {mean:.2f}, 99.9 % below {tail:.1f} of 255",
    )


def _largest(found: "Tensor", wanted: "Tensor") -> float:
    return float((found - wanted).abs().max())


def _relative(found: "Tensor", wanted: "Tensor") -> float:
    size = max(float(wanted.square().mean().sqrt()), SMALLEST)
    return float((found - wanted).square().mean().sqrt()) / size
