"""How well keypoints are found on people never trained on, and a sheet that shows it."""

from collections.abc import Iterator

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from avatar.frame import Image
from avatar.model.dagan import Dagan, Detected
from tools.training import landmarks
from tools.training.data import Footage
from tools.training.detector.phase import COARSER
from tools.training.landmarks import GAPS, GROUPS, Shape

EYES, MOUTH = slice(5, 13), slice(13, 17)
"""Keypoints of :data:`tools.training.landmarks.GROUPS`."""

GAP_NAMES = ("left_eye", "right_eye", "lips")
"""Of :data:`tools.training.landmarks.GAPS`, as they lie in the picture."""

TOGETHER = 32
"""Frames that go through the networks at a time."""
MOST = 300
"""Frames that are validated on, about; evenly spread."""
SHOWN = 8
"""Faces on a contact sheet."""


def figures(dagan: Dagan, footage: Footage, shape: Shape) -> dict[str, float]:
    """Means over frames: "px", "eyes_px", "mouth_px", distances of keypoints from their targets in
    px of 256; "jacobian", mean absolute difference; "depth", of the disparity over the face (absent
    without a depth network). Means over clips: "left_eye", "right_eye", "lips", correlations of the
    openings between keypoints with those between landmarks; clips in which nothing opens are left
    out."""
    stride = max(1, len(footage) // MOST)
    found: dict[str, list[float]] = {}
    for first, last in footage.spans():
        rows = range(first, last, stride)
        openings: list[tuple[Tensor, Tensor]] = []
        for some in (rows[i : i + TOGETHER] for i in range(0, len(rows), TOGETHER)):
            points = torch.from_numpy(np.stack([_landmarks(footage, row) for row in some]))
            target = landmarks.keypoints(points, shape)
            got = _detect(dagan, footage, some)
            for name, value in _errors(got, target, points):
                found.setdefault(name, []).extend(value.tolist())
            openings.append((_gaps(got.value), _gaps(target[0])))
        ours, theirs = (torch.cat([pair[i] for pair in openings]).numpy() for i in (0, 1))
        for name, a, b in zip(GAP_NAMES, ours.T, theirs.T, strict=True):
            if len(a) > 2 and a.std() and b.std():
                found.setdefault(name, []).append(float(np.corrcoef(a, b)[0, 1]))
    return {name: float(np.mean(values)) for name, values in found.items()}


def sheet(dagan: Dagan, footage: Footage, shape: Shape) -> Image:
    """Faces with their keypoints (green) and where landmarks put them (red); below, the disparity
    where there is one."""
    rows = [int(row) for row in np.linspace(0, len(footage) - 1, min(SHOWN, len(footage)))]
    got = _detect(dagan, footage, rows)
    points = torch.from_numpy(np.stack([_landmarks(footage, row) for row in rows]))
    wanted, _ = landmarks.keypoints(points, shape)
    cells = []
    for i, row in enumerate(rows):
        face = np.array(footage.image(row))
        for value, colour in ((wanted[i], (255, 40, 40)), (got.value[i], (40, 255, 40))):
            for x, y in ((value.numpy() + 1) * ((face.shape[0] - 1) / 2)).round().astype(int):
                cv2.circle(face, (int(x), int(y)), 2, colour, -1, cv2.LINE_AA)
        if got.disparity.numel():
            grey = F.interpolate(got.disparity[i : i + 1], face.shape[:2])[0, 0]
            below = (grey * 255).round().to(torch.uint8).numpy()
            face = np.concatenate([face, np.repeat(below[..., None], 3, -1)])
        cells.append(face)
    return np.concatenate(cells, 1)


@torch.no_grad()
def _detect(dagan: Dagan, footage: Footage, rows: range | list[int]) -> Detected:
    """On the CPU afterwards."""
    device = next(dagan.parameters()).device
    pictures = torch.from_numpy(np.stack([footage.image(row) for row in rows])).to(device)
    found = dagan.detect(pictures.permute(0, 3, 1, 2).float().div_(255))
    return Detected(*(tensor.float().cpu() for tensor in found))


def _landmarks(footage: Footage, row: int) -> NDArray[np.float32]:
    points = footage.landmarks(row)
    if points is None:
        raise ValueError(f"row {row} has no landmarks")
    return points


def _errors(
    got: Detected, target: tuple[Tensor, Tensor], points: Tensor
) -> Iterator[tuple[str, Tensor]]:
    apart = (got.value - target[0]).norm(dim=-1) * 127.5
    yield "px", apart.mean(1)
    yield "eyes_px", apart[:, EYES].mean(1)
    yield "mouth_px", apart[:, MOUTH].mean(1)
    yield "jacobian", (got.jacobian - target[1]).abs().mean((1, 2, 3))
    if got.disparity.numel():
        coarse = F.avg_pool2d(got.disparity, COARSER)
        depth, weight = landmarks.disparity(points, coarse.shape[-1])
        face = (weight == 1).float()
        off = ((coarse - depth).abs() * face).sum((1, 2, 3))
        yield "depth", off / face.sum((1, 2, 3)).clamp(min=1)


def _gaps(value: Tensor) -> Tensor:
    """(B, K, 2) -> (B, 3): how far eyes and mouth are open."""
    assert value.shape[1] == len(GROUPS)
    return torch.stack(
        [(value[:, lower] - value[:, upper]).norm(dim=-1) for upper, lower, _ in GAPS], -1
    )
