"""From a frame to the tensors of an item: mirrored, placed, coloured."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.training import augment, placement
from tools.training.augment import Jitter, Tint
from tools.training.data.footage import Footage
from tools.training.data.settings import DataSettings
from tools.training.placement import Placement
from tools.training.stage import Item

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class View:
    """How frames of one item are shown, all of them alike.

    Attributes:
        mirrored: left and right exchanged, before the placement.
        placement: where the picture is put.
        jitter, tint: of the clean pictures.
        size: of the result, in px.
    """

    mirrored: bool
    placement: Placement
    jitter: Jitter | None
    tint: Tint | None
    size: int

    def frame(self, footage: Footage, row: int) -> tuple[Floats, Floats | None]:
        """The picture (S, S, 3) float32 in [0, 1], and landmarks (478, 3) px of 256 if any."""
        image = footage.image(row)
        points = footage.landmarks(row) if footage.has_landmarks else None
        if self.mirrored:
            image, points = placement.mirror(image, points)
        image = self.placement.image(image, self.size)
        if points is not None:
            points = self.placement.points(points)
        picture = image.astype(np.float32)
        picture *= np.float32(1 / 255)
        for change in (self.jitter, self.tint):
            if change is not None:
                picture = change.apply(picture)
        return picture, points


def drawn_placement(settings: DataSettings, random: np.random.Generator) -> Placement:
    """A placement as the settings say."""
    s = settings
    if not s.placed:
        return placement.STILL
    return placement.placement(random, s.turn, s.zoom, s.shift, s.stretch, s.bend)


def drawn_jitter(settings: DataSettings, random: np.random.Generator) -> Jitter | None:
    """The jitter of a pair or a face."""
    s = settings
    if not (s.brightness or s.contrast or s.saturation or s.hue):
        return None
    return augment.jitter(random, s.brightness, s.contrast, s.saturation, s.hue)


def drawn_tint(settings: DataSettings, random: np.random.Generator) -> Tint | None:
    """The tint of a pair."""
    return augment.tint(random, settings.tint) if settings.tint > 0 else None


def as_seen(settings: DataSettings, random: np.random.Generator, picture: Floats) -> Floats:
    """A picture as the detector sees it: recoloured and degraded."""
    if settings.recolour > 0:
        picture = augment.tint(random, settings.recolour).apply(picture)
    if settings.degrade > 0:
        picture = augment.degrade(random, picture, settings.degrade)
    return picture


def tensor(picture: Floats) -> Tensor:
    """(H, W, 3) -> (3, H, W) float32."""
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))


def with_points(item: Item, name: str, points: Floats | None) -> None:
    """Add landmarks to an item where there are any."""
    if points is not None:
        item[name] = torch.from_numpy(np.ascontiguousarray(points, np.float32))
