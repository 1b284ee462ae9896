"""Keypoints of every training frame, from landmarks and from the detector, ready to be mixed.

The detector errs more on strangers than on the people it was trained on. The generator must live
with strangers' keypoints, so it is given ``landmarks + s (detector - landmarks)``, s from 0 to
beyond 1.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avatar.model.dagan import Dagan
from tools.training import batches, landmarks, schedule
from tools.training.landmarks import MIRROR, Shape
from tools.training.old_augment import Placement
from tools.training.old_data import Clips

PIXELS = 127.5 / 128
"""From coordinates whose -1 and 1 are pixel centres to those whose -1 and 1 are picture edges."""


@dataclass(frozen=True)
class Bank:
    """Exact keypoints and the detector's: value (N, K, 2), jacobian (N, K, 2, 2), float32."""

    exact: tuple[Tensor, Tensor]
    detected: tuple[Tensor, Tensor]

    def take(self, rows: NDArray[np.int64], trust: Tensor) -> tuple[Tensor, Tensor]:
        """Keypoints of these frames; ``trust`` (B,) is s: 0 exact, 1 as detected, above 1 worse."""
        at = torch.from_numpy(rows)
        s = trust[:, None, None]
        value = torch.lerp(self.exact[0][at], self.detected[0][at], s)
        return value, torch.lerp(self.exact[1][at], self.detected[1][at], s[..., None])


def mirrored(value: Tensor, jacobian: Tensor, flip: Tensor) -> tuple[Tensor, Tensor]:
    """Keypoints of the mirrored picture for the rows that ``flip`` (B,) bool names."""
    order = list(MIRROR)
    sign = value.new_tensor([-1, 1])
    other = jacobian[:, order] * sign * sign[:, None]
    value = torch.where(flip[:, None, None], value[:, order] * sign, value)
    return value, torch.where(flip[:, None, None, None], other, jacobian)


def placed(value: Tensor, jacobian: Tensor, placement: Placement) -> tuple[Tensor, Tensor]:
    """Keypoints of the placed picture; the placement must not bend."""
    outward = torch.linalg.inv(placement.linear)
    moved = (value * PIXELS - placement.move[:, None]) @ outward.transpose(1, 2) / PIXELS
    return moved, outward[:, None] @ jacobian


@torch.no_grad()
def fill(net: Dagan, clips: Clips, shape: Shape, path: Path) -> Bank:
    """Run the detector over every frame; the result is kept at ``path``."""
    net.eval()
    schedule.channels_last(net)
    assert net.depth is not None and net.keypoints.stem is not None
    for module in (net.depth.encoder, net.depth.decoder, net.keypoints.stem):
        schedule.bfloat16(module)
    schedule.bfloat16(net.keypoints.hourglass)
    values, jacobians = [], []
    for rows in np.array_split(np.arange(len(clips)), max(1, len(clips) // 64)):
        found = net.detect(batches.pictures(clips, rows))
        values.append(found.value)
        jacobians.append(found.jacobian)
    torch.save((torch.cat(values), torch.cat(jacobians)), path)
    return load(clips, shape, path)


def load(clips: Clips, shape: Shape, path: Path) -> Bank:
    """Read what :func:`fill` kept."""
    exact = landmarks.keypoints(torch.from_numpy(clips.landmarks), shape)
    value, jacobian = torch.load(path, weights_only=True)
    return Bank(exact, (value, jacobian))
