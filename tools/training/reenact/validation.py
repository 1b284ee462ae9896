"""How good the networks are on people never trained on, and a sheet that shows it.

The first frame of a clip is the portrait, and later frames drive it, absolutely, as in training.
These figures are for choosing between runs; those to report come from ``tools.evaluate``.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from avatar.frame import Image
from avatar.model.dagan import Dagan
from avatar.model.generator import Code
from tools.evaluation.pixels import l1, psnr, ssim
from tools.training import landmarks
from tools.training.data import Footage
from tools.training.landmarks import Shape
from tools.training.motion import affine_of
from tools.training.reenact.pixels import speaking_map
from tools.training.reenact.supervision import places

MOST = 160
"""Driving frames that are validated on, about; evenly spread."""
TOGETHER = 8
"""Driving frames that go through the networks at a time."""
PAIRS = 4
"""Rows of the contact sheet."""


class Reenacted(NamedTuple):
    """Portraits driven: result and warped (B, 3, H, W) in [0, 1]; occlusion (B, 1, h, w);
    disparity of the driving frame (B, 1, h, w), or empty without depth; keypoints of the driving
    frame (B, K, 2)."""

    result: Tensor
    warped: Tensor
    occlusion: Tensor
    disparity: Tensor
    value: Tensor


@torch.no_grad()
def reenact(dagan: Dagan, portrait: Tensor, driving: Tensor) -> Reenacted:
    """Let driving frames (B, 3, H, W) drive one portrait (1, 3, H, W), absolutely."""
    value, jacobian, code = dagan.encode(portrait)
    together = len(driving)
    code = Code(*(t.expand(together, *t.shape[1:]) if t.numel() else t for t in code))
    found = dagan.detect(driving)
    taps: dict[str, Tensor] = {}
    affine = affine_of(jacobian, found.jacobian)
    source = value.expand(together, -1, -1)
    result = dagan.render(code, source, found.value, affine, taps)
    warped = dagan.generator.warp(code.portrait, taps["flow"])
    return Reenacted(result, warped, taps["occlusion"], found.disparity, found.value)


def figures(dagan: Dagan, footage: Footage, shape: Shape | None) -> dict[str, float]:
    """Means over clips, each of means over its driving frames.

    "l1" in [0, 1], "psnr" in dB and "ssim" compare results with driving frames. "l1_copying" is L1
    as a share of that of the unchanged portrait; so are "dssim_copying", of 1 - SSIM, and, where
    there are landmarks, "speaking_copying", of L1 around eyes and mouth. "keypoint_px": how far, in
    px of 256, keypoints lie from where landmarks put them, if ``shape`` is given. Empty without
    footage.
    """
    clips = []
    stride = max(1, -(-len(footage) // MOST))
    for first, last in footage.spans():
        if last - first > 1:  # the last frame of clips shorter than the stride
            rows = list(range(first + min(stride, last - first - 1), last, stride))
            clips.append(_clip(dagan, footage, first, rows, shape))
    if not clips:
        return {}
    names = sorted({name for clip in clips for name in clip})
    means = {n: float(np.mean([clip[n] for clip in clips if n in clip])) for n in names}
    for name in ("l1", "dssim", "speaking"):
        if (copied := means.pop(f"{name}_of_copy", None)) is not None:
            means[f"{name}_copying"] = means[name] / max(copied, 1e-9)
    means.pop("dssim")
    means.pop("speaking", None)
    return means


def _clip(
    dagan: Dagan, footage: Footage, first: int, rows: list[int], shape: Shape | None
) -> dict[str, float]:
    size = dagan.params.image_size
    portrait = _picture(footage, first, size)
    found: dict[str, list[float]] = {}
    for some in (rows[i : i + TOGETHER] for i in range(0, len(rows), TOGETHER)):
        frames = [_picture(footage, row, size) for row in some]
        device = next(dagan.parameters()).device
        driving = _tensor(frames).to(device)
        out = reenact(dagan, _tensor([portrait]).to(device), driving)
        results = _images(out.result)
        for result, frame in zip(results, frames, strict=True):
            for name, value in _pair(result, portrait, frame):
                found.setdefault(name, []).append(value)
        for i, row in enumerate(some):
            points = footage.landmarks(row)
            if points is None:
                continue
            for name, value in _points(dagan, points, results[i], portrait, frames[i]):
                found.setdefault(name, []).append(value)
            if shape is not None:
                wanted, _ = landmarks.keypoints(torch.from_numpy(points)[None], shape)
                apart = (out.value[i].cpu() - wanted[0]).norm(dim=-1).mean()
                found.setdefault("keypoint_px", []).append(float(apart) * 127.5)
    return {name: float(np.mean(values)) for name, values in found.items()}


def _pair(result: Image, portrait: Image, frame: Image) -> Iterator[tuple[str, float]]:
    similar = ssim(result, frame)
    yield "l1", l1(result, frame)
    yield "psnr", psnr(result, frame)
    yield "ssim", similar
    yield "dssim", 1 - similar
    yield "l1_of_copy", l1(portrait, frame)
    yield "dssim_of_copy", 1 - ssim(portrait, frame)


def _points(
    dagan: Dagan, points: NDArray[np.float32], result: Image, portrait: Image, frame: Image
) -> Iterator[tuple[str, float]]:
    where = places(torch.from_numpy(points)[None], dagan.params.align_corners)
    near = speaking_map(where, frame.shape[0])[0, 0].numpy()[..., None]
    share = near.sum() * 3 * 255
    for name, picture in (("speaking", result), ("speaking_of_copy", portrait)):
        apart = np.abs(picture.astype(np.float32) - frame)
        yield name, float((apart * near).sum() / max(share, 1e-6))


def sheet(dagan: Dagan, footage: Footage) -> Image:
    """A contact sheet: for a few clips, a row of portrait, driver, result, warped portrait,
    occlusion and disparity of the driver (left out without a depth network)."""
    spans = list(footage.spans())
    chosen = [spans[i * len(spans) // PAIRS] for i in range(min(PAIRS, len(spans)))]
    device = next(dagan.parameters()).device
    side = dagan.params.image_size
    rows = []
    for first, last in chosen:
        portrait = _tensor([_picture(footage, first, side)]).to(device)
        driving = _tensor([_picture(footage, first + 2 * (last - first) // 3, side)]).to(device)
        out = reenact(dagan, portrait, driving)
        cells = [portrait, driving, out.result, out.warped, out.occlusion]
        cells += [out.disparity] if out.disparity.numel() else []
        size = portrait.shape[-2:]
        rows.append(torch.cat([_cell(cell, size) for cell in cells], -1))
    return _images(torch.cat(rows, -2))[0]


def _cell(map_: Tensor, size: torch.Size) -> Tensor:
    if map_.shape[-2:] != size:
        map_ = F.interpolate(map_, size=size, mode="nearest")
    return map_.expand(-1, 3, -1, -1)


def _picture(footage: Footage, row: int, size: int) -> Image:
    """A frame as the networks want it, (size, size, 3)."""
    import cv2

    image = np.asarray(footage.image(row))
    if image.shape[0] != size:
        image = np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
    return image


def _tensor(images: list[Image]) -> Tensor:
    stacked = torch.from_numpy(np.stack(images))
    return stacked.permute(0, 3, 1, 2).float().div_(255)


def _images(pictures: Tensor) -> NDArray[np.uint8]:
    """(B, 3, H, W) in [0, 1] -> (B, H, W, 3)."""
    scaled = (pictures.clamp(0, 1) * 255).round().to(torch.uint8)
    return scaled.permute(0, 2, 3, 1).contiguous().cpu().numpy()
