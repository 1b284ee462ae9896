"""Random training batches from the decoded clips: single faces for stage 1, pairs for stage 2."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.training.landmarks import openness
from tools.training.old_data import Clips


class FaceSampler:
    """Draws frames so that people with many frames do not drown the others."""

    def __init__(self, clips: Clips, seed: int) -> None:
        self.clips = clips
        self.random = np.random.default_rng(seed)
        self.spans = list(clips.spans())
        counts = np.bincount(clips.person)
        share = np.array(
            [(b - a) / counts[clips.person[a]] ** 0.5 for a, b in self.spans], np.float64
        )
        self.share = share / share.sum()
        eyes, mouth = openness(clips.landmarks)
        self.expression = np.stack([eyes / (eyes.std() + 1e-6), mouth / (mouth.std() + 1e-6)], -1)

    def rows(self, batch: int) -> NDArray[np.int64]:
        """Row numbers of a batch of single frames."""
        spans = self.random.choice(len(self.spans), batch, p=self.share)
        return np.array(
            [self.random.integers(self.spans[s][0], self.spans[s][1]) for s in spans], np.int64
        )

    def pairs(self, batch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row numbers of portrait and driver, both from one clip each.

        Half of the drivers are, of four drawn, the one whose eyes and mouth differ most: in talk
        most random pairs look alike.
        """
        spans = self.random.choice(len(self.spans), batch, p=self.share)
        portraits, drivers = np.empty(batch, np.int64), np.empty(batch, np.int64)
        for i, span in enumerate(spans):
            first, last = self.spans[span]
            drawn = self.random.integers(first, last, size=5)
            others = drawn[1:] if i % 2 else drawn[1:2]
            apart = np.abs(self.expression[others] - self.expression[drawn[0]]).sum(1)
            portraits[i], drivers[i] = drawn[0], others[apart.argmax()]
        return portraits, drivers


def pictures(clips: Clips, rows: NDArray[np.int64]) -> Tensor:
    """(B, 3, 256, 256) float32 in [0, 1]."""
    images = np.stack([clips.frames[row] for row in rows])
    return torch.from_numpy(images).permute(0, 3, 1, 2).float().div_(255)


def mirror_pictures(images: Tensor, points: Tensor, flip: Tensor) -> tuple[Tensor, Tensor]:
    """Mirror the pictures that ``flip`` (B,) bool names, and their landmarks in pixels of 256."""
    mirrored = points * points.new_tensor([-1, 1, 1]) + points.new_tensor([256, 0, 0])
    images = torch.where(flip[:, None, None, None], images.flip(-1), images)
    return images, torch.where(flip[:, None, None], mirrored, points)
