"""Items of stage 1: a frame and its neighbours in time (METHODS 5.3)."""

import logging

import numpy as np
import torch
from numpy.typing import NDArray

from avatar.errors import InputError
from tools.training import augment
from tools.training.data.footage import Footage
from tools.training.data.making import View, tensor, with_points
from tools.training.data.sampling import Sampler, random_of
from tools.training.data.settings import DataSettings
from tools.training.placement import STILL
from tools.training.stage import Item

log = logging.getLogger(__name__)

DROPPED, LEAST, MOST = 1.0, 2.0, 8.0
"""Median displacement of the landmarks, px of 256: pairs below the first are of no use; from the
second to the third is what is looked for."""
FARTHEST = 30
"""Kept frames that a neighbour may be away."""
POINTS = slice(0, 468, 6)
"""Landmarks that displacements are measured at."""
ROLES = ("target", "previous", "next")
TRIES = 1000
"""Drawn at most until a frame has neighbours."""


class TripletItems:
    """Random frames with one neighbour before and one after.

    An item has "target", "previous", "next", (3, S, S) float32 in [0, 1], and "target_seen",
    "previous_seen", "next_seen": the same, jittered alike or not at all, which is what the networks
    see; the loss sees the clean ones. "mirrored", () bool, all alike. Where the footage has
    landmarks, "target_landmarks", (478, 3) float32 px of a 256-wide picture.

    With ``distance = "adaptive"`` a neighbour is the nearest frame by which the face moved by 2 to
    8 px (median over the landmarks; at least 1 px where no frame comes so far).

    Args:
        footage: to draw from.
        settings: how.
        seed: of the run.

    Raises:
        InputError: no frame has neighbours, or "adaptive" without landmarks.
    """

    def __init__(self, footage: Footage, settings: DataSettings, seed: int) -> None:
        self._sampler = Sampler(footage, settings)
        self.footage = footage
        self._settings = settings
        self._seed = seed
        if settings.distance == "adaptive":
            self.neighbours = adaptive(footage)
        else:
            self.neighbours = fixed(footage)
        usable = int((self.neighbours >= 0).all(1).sum())
        if not usable:
            raise InputError(
                f"None of {len(footage)} frames has a neighbour on both sides"
                + (" by which the face moved." if settings.distance == "adaptive" else "."),
                hint="Give longer clips, in which heads move.",
            )
        log.info("%d of %d frames have neighbours on both sides", usable, len(footage))

    @property
    def epoch(self) -> int:
        """Items in an epoch: ``repeats`` for each identity."""
        return len(self.footage.identities) * self._settings.repeats

    def __getitem__(self, at: tuple[int, int]) -> Item:
        """The item at (step, place in the global batch).

        Raises:
            InputError: the cache was changed or damaged meanwhile; hardly any frame has neighbours.
        """
        random = random_of(self._seed, *at)
        s = self._settings
        target = self._target(random)
        mirrored, jittered = (bool(x) for x in random.random(2) < (s.mirror, s.triplet_jitter))
        c = s.triplet_colour
        jitter = augment.jitter(random, c, c, c, s.triplet_hue)
        view = View(mirrored, STILL, None, None, s.size)
        item: Item = {"mirrored": torch.tensor(mirrored)}
        rows = (target, *self.neighbours[target])
        for role, row in zip(ROLES, rows, strict=True):
            picture, points = view.frame(self.footage, int(row))
            item[role] = tensor(picture)
            item[f"{role}_seen"] = tensor(jitter.apply(picture)) if jittered else item[role].clone()
            if role == "target":
                with_points(item, "target_landmarks", points)
        return item

    def _target(self, random: np.random.Generator) -> int:
        """A row with both neighbours: a clip first, so that it is drawn as others are."""
        for _ in range(TRIES):
            row = self._sampler.row(random)
            if self.neighbours[row].min() >= 0:
                return row
        raise InputError(
            f"{TRIES} frames drawn in a row have no neighbours.",
            hint="Give longer clips, in which heads move, or set data.distance to fixed.",
        )


def fixed(footage: Footage) -> NDArray[np.int64]:
    """(N, 2): the rows before and after each, -1 at the ends of clips."""
    rows = np.arange(len(footage))
    result = np.stack([rows - 1, rows + 1], -1)
    for first, last in footage.spans():
        result[first, 0] = result[last - 1, 1] = -1
    return result


def adaptive(footage: Footage) -> NDArray[np.int64]:
    """(N, 2): the rows before and after each by which the face moved enough, -1 for none.

    Raises:
        InputError: a clip without landmarks.
    """
    result = np.full((len(footage), 2), -1, np.int64)
    for clip, (first, last) in enumerate(footage.spans()):
        points = footage.clip_landmarks(clip)
        if points is None:
            raise InputError(
                f'{footage.names[clip]} has no landmarks, which data.distance = "adaptive" needs.',
                hint='Set data.distance to "fixed", or load the footage with landmarks.',
            )
        ahead = moved(np.asarray(points[:, POINTS, :2]))
        for side, steps in ((1, nearest(ahead)), (0, nearest(_behind(ahead)))):
            rows = np.arange(first, last) + (steps if side else -steps)
            result[first:last, side] = np.where(steps > 0, rows, -1)
    return result


def moved(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Median displacement from each frame to the one n further on, n = 1, 2 ...: (frames, n); NaN
    past the end."""
    count = len(points)
    result = np.full((count, min(FARTHEST, max(0, count - 1))), np.nan, np.float32)
    for n in range(1, result.shape[1] + 1):
        apart = np.linalg.norm(points[n:] - points[:-n], axis=-1)
        result[:-n, n - 1] = np.median(apart, axis=1)
    return result


def nearest(apart: NDArray[np.float32]) -> NDArray[np.int64]:
    """(frames,) how many frames away the neighbour is, of displacements (frames, n); 0: none.

    The smallest distance with 2 to 8 px; where there is none, the one of 1 to 8 px nearest to 2.
    """
    if not apart.shape[1]:
        return np.zeros(len(apart), np.int64)
    known = np.nan_to_num(apart, nan=np.inf)
    good = (known >= LEAST) & (known <= MOST)
    fair = (known >= DROPPED) & (known <= MOST)
    most = np.where(fair, known, -np.inf).argmax(1)
    return np.where(good.any(1), good.argmax(1) + 1, np.where(fair.any(1), most + 1, 0))


def _behind(ahead: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same displacements seen from the later frame."""
    result = np.full_like(ahead, np.nan)
    for n in range(1, ahead.shape[1] + 1):
        result[n:, n - 1] = ahead[:-n, n - 1]
    return result
