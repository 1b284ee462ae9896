"""Items of stage 2: a portrait and a driver from one clip."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from tools.training.data.footage import Footage
from tools.training.data.making import (
    View,
    as_seen,
    drawn_jitter,
    drawn_placement,
    drawn_tint,
    tensor,
    with_points,
)
from tools.training.data.sampling import Sampler, random_of
from tools.training.data.settings import DataSettings
from tools.training.placement import STILL
from tools.training.stage import Item

Draw = Callable[[np.random.Generator], Item]
"""Further random numbers that a stage wants in each item."""

ROLES = ("source", "driving")


class PairItems:
    """Random pairs (METHODS section 4, "Data item").

    An item has "source" and "driving", (3, S, S) float32 in [0, 1], and "mirrored", () bool. Where
    the footage has landmarks, also "source_landmarks" and "driving_landmarks", (478, 3) float32 px
    of a 256-wide picture, moved with the pictures (in mirrored ones, left and right have still to
    swap their names). Where ``settings.recolour`` or ``degrade`` ask for it, also "source_seen" and
    "driving_seen": the same pictures as the detector sees them.

    Args:
        footage: to draw from.
        settings: how.
        seed: of the run.
        draws: each adds its values to every item; pickles.
        pairs: (M, 2) rows of source and driving to draw from instead of from all frames.

    Raises:
        InputError: no frames, or no landmarks where ``settings.expressive`` needs them.
    """

    def __init__(
        self,
        footage: Footage,
        settings: DataSettings,
        seed: int,
        draws: Sequence[Draw] = (),
        pairs: NDArray[np.int64] | None = None,
    ) -> None:
        self.footage = footage
        self._settings = settings
        self._seed = seed
        self._draws = tuple(draws)
        self._pairs = pairs
        self._sampler = Sampler(footage, settings)

    @property
    def epoch(self) -> int:
        """Items in an epoch: ``repeats`` for each identity."""
        return len(self.footage.identities) * self._settings.repeats

    def __getitem__(self, at: tuple[int, int]) -> Item:
        """The item at (step, place in the global batch).

        Raises:
            InputError: the cache was changed or damaged meanwhile.
        """
        random = random_of(self._seed, *at)
        s = self._settings
        source, driving, chosen = self._rows(random)
        flips = random.random(2) < (s.time_flip, s.mirror)
        if flips[0] and not chosen:  # a driver that was chosen stays the driver
            source, driving = driving, source
        view = View(
            bool(flips[1] and not flips[0]),
            drawn_placement(s, random),
            drawn_jitter(s, random),
            drawn_tint(s, random),
            s.size,
        )
        item: Item = {"mirrored": torch.tensor(view.mirrored)}
        for role, row in zip(ROLES, (source, driving), strict=True):
            picture, points = view.frame(self.footage, row)
            item[role] = tensor(picture)
            with_points(item, f"{role}_landmarks", points)
            if s.seen:
                item[f"{role}_seen"] = tensor(as_seen(s, random, picture))
        for draw in self._draws:
            item.update(draw(random))
        return item

    def describe(self, at: tuple[int, int]) -> str:
        """The clip and the frames of an item, for error messages."""
        source, driving, _ = self._rows(random_of(self._seed, *at))
        footage = self.footage
        name, frame = footage.names[footage.clip[source]], footage.frame
        return f"{name}, frames {frame[source]} and {frame[driving]}"

    def _rows(self, random: np.random.Generator) -> tuple[int, int, bool]:
        """Source, driving, and whether the driver was chosen for that role."""
        if self._pairs is None:
            return self._sampler.pair(random)
        source, driving = self._pairs[random.integers(len(self._pairs))].tolist()
        return source, driving, True


class FixedPairs:
    """Pairs as they are, neither mirrored nor placed nor coloured: for figures and contact sheets.

    Args:
        footage: of the validation split.
        pairs: (M, 2) rows of source and driving, see :mod:`tools.training.data.fixed`.
        size: of the pictures, in px.
    """

    def __init__(self, footage: Footage, pairs: NDArray[np.int64], size: int) -> None:
        self.footage = footage
        self.pairs = pairs
        self._view = View(False, STILL, None, None, size)

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.pairs)

    def __getitem__(self, at: int) -> Item:
        """ "source", "driving", "mirrored" (false), and landmarks where there are any."""
        if not 0 <= at < len(self):
            raise IndexError(f"pair {at} of {len(self)}")
        item: Item = {"mirrored": torch.tensor(False)}
        for role, row in zip(ROLES, self.pairs[at], strict=True):
            picture, points = self._view.frame(self.footage, int(row))
            item[role] = tensor(picture)
            with_points(item, f"{role}_landmarks", points)
        return item
