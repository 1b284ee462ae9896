"""Items of the landmark-supervised detector: single faces."""

import torch

from avatar.errors import InputError
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
from tools.training.stage import Item


class FaceItems:
    """Random single frames with their landmarks.

    An item has "picture", (3, S, S) float32 in [0, 1], recoloured and degraded as the settings say;
    "landmarks", (478, 3) float32 px of a 256-wide picture; "mirrored", () bool: whether left and
    right have still to swap their names.

    Args:
        footage: to draw from, with landmarks.
        settings: how.
        seed: of the run.

    Raises:
        InputError: no frames, or frames without landmarks.
    """

    def __init__(self, footage: Footage, settings: DataSettings, seed: int) -> None:
        self._sampler = Sampler(footage, settings)
        if not footage.has_landmarks:
            raise InputError(
                "The footage has no landmarks, which are what a face's item teaches.",
                hint="Load it with landmarks: those that are missing are found by MediaPipe.",
            )
        self.footage = footage
        self._settings = settings
        self._seed = seed

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
        row = self._sampler.row(random)
        mirrored = bool(random.random() < s.mirror)
        view = View(
            mirrored,
            drawn_placement(s, random),
            drawn_jitter(s, random),
            drawn_tint(s, random),
            s.size,
        )
        picture, points = view.frame(self.footage, row)
        item: Item = {"picture": tensor(as_seen(s, random, picture))}
        item["mirrored"] = torch.tensor(mirrored)
        with_points(item, "landmarks", points)
        return item

    def describe(self, at: tuple[int, int]) -> str:
        """The clip and the frame of an item, for error messages."""
        row = self._sampler.row(random_of(self._seed, *at))
        return f"{self.footage.names[self.footage.clip[row]]}, frame {self.footage.frame[row]}"
