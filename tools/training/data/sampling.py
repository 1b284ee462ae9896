"""Which frames an item shows: identity, clip, frames of it (METHODS section 4, "Data item")."""

import numpy as np
from numpy.typing import NDArray

from avatar.errors import InputError
from tools.training.data.footage import Footage
from tools.training.data.settings import DataSettings
from tools.training.landmarks import openness

DRAWN = 4
"""Of so many drivers the one that differs most is taken, in expressive pairs."""


def random_of(seed: int, step: int, place: int) -> np.random.Generator:
    """The generator of the item at a step and a place in the global batch."""
    return np.random.default_rng(np.random.SeedSequence((seed, step, place)))


class Sampler:
    """Draws clips and frames.

    Raises:
        InputError: footage without frames, or expressive pairs of footage without landmarks.
    """

    def __init__(self, footage: Footage, settings: DataSettings) -> None:
        if not len(footage):
            raise InputError(
                "There is no footage to draw from.",
                hint="Name a folder with clips to train on: --data FOLDER.",
            )
        self._spans = np.array(list(footage.spans()), np.int64)
        who = footage.identity[self._spans[:, 0]]
        lengths = np.diff(self._spans, axis=1)[:, 0]
        clips, frames = np.bincount(who), np.bincount(who, lengths)
        if settings.weighting == "identity":
            share = 1.0 / clips[who]
        else:
            share = lengths / frames[who] ** 0.5
        self._edges = np.cumsum(share / share.sum())
        self._expressive = settings.expressive
        self._expression: NDArray[np.float32] | None = None
        if settings.expressive > 0:
            self._expression = expressions(footage)

    def clip(self, random: np.random.Generator) -> tuple[int, int]:
        """First row and one past the last of a clip: an identity, then one of its clips."""
        at = int(np.searchsorted(self._edges, random.random(), side="right"))
        first, last = self._spans[min(at, len(self._spans) - 1)]
        return int(first), int(last)

    def row(self, random: np.random.Generator) -> int:
        """A single frame."""
        return int(random.integers(*self.clip(random)))

    def pair(self, random: np.random.Generator) -> tuple[int, int, bool]:
        """Rows of source and driving, and whether the driver was chosen for its expression.

        Else two frames, uniformly with replacement, the earlier of which is the source.
        """
        first, last = self.clip(random)
        drawn = random.integers(first, last, size=1 + DRAWN)
        chosen = bool(random.random() < self._expressive)
        if chosen and self._expression is not None:
            apart = np.abs(self._expression[drawn[1:]] - self._expression[drawn[0]]).sum(1)
            return int(drawn[0]), int(drawn[1 + int(apart.argmax())]), True
        a, b = sorted(drawn[:2].tolist())
        return a, b, False


def expressions(footage: Footage) -> NDArray[np.float32]:
    """(N, 2): how open eyes and mouth are in each row, in standard deviations.

    Raises:
        InputError: a clip without landmarks.
    """
    found = []
    for clip, name in enumerate(footage.names):
        points = footage.clip_landmarks(clip)
        if points is None:
            raise InputError(
                f"{name} has no landmarks, which data.expressive needs.",
                hint="Set data.expressive to 0, or choose a stage that finds landmarks.",
            )
        found.append(np.stack(openness(np.asarray(points)), -1))
    each = np.concatenate(found)
    return (each / (each.std(0) + 1e-6)).astype(np.float32)
