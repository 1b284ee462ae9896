"""The table ``[data]`` of a recipe: where the footage is, what is kept of it, how items are
drawn."""

import math
from dataclasses import dataclass
from typing import Literal

SHARES = ("validation", "time_flip", "mirror", "expressive", "degrade", "triplet_jitter")
"""Settings that are probabilities or parts of a whole."""


STRENGTHS = ("least_motion", "turn", "zoom", "shift", "stretch", "bend", "tint", "recolour")


@dataclass(frozen=True)
class DataSettings:
    """Defaults are the papers' (METHODS section 4, "Data item").

    Footage:
        folder: with clips (``--data``); see :mod:`tools.training.data.sources`.
        cache: "raw" (uncompressed, memory-mapped: 192 KiB a frame of 256 px), "jpeg" (quality 95,
            a ninth of that, and half a millisecond for each frame drawn), "none" (nothing is kept;
            videos are decoded anew for every frame drawn, which is slow).
        cache_folder: where it is kept; empty: the user's cache.
        resolution: width and height in px to which frames are fitted before they are kept.
        strict: a clip that cannot be used is an error, and not left out with a warning.
        validation: part of the identities that is never trained on, where neither a manifest nor
            sub-folders tell; 0: none.
        pairs: a published list (CSV with the columns source and driving) of the pairs that are
            validated on; empty: they are made from the validation clips.

    Frames that are kept:
        stride: every so many frames one, for training.
        validation_stride: the same for validation.
        least_motion: where there are landmarks, a training frame is kept if they moved by so many
            px (of 256; mean over the points) since the last one kept; 0: all are.
        longest_still: at least every so many frames one is kept, whatever moved.

    Items:
        size: width and height in px of the pictures in items; at most ``resolution``.
        repeats: items an identity has in an epoch.
        weighting: "identity" (uniformly), or "frames" (by the square root of how many frames the
            identity has).
        time_flip: probability that a pair is swapped.
        mirror: probability that a pair that was not swapped is mirrored.
        brightness, contrast, saturation: one factor each for a pair, from 1 - x to 1 + x.
        hue: one shift for a pair, of -x to x turns of the colour circle.
        expressive: part of the pairs whose driver is, of four drawn, the one whose eyes and mouth
            differ most; needs landmarks.
        turn: degrees; zoom, shift, stretch, bend: parts of the picture; standard deviations of
            where a pair is placed. See :func:`tools.training.placement.placement`.
        tint: strength of one colouring for the pair, stronger than the jitter (gain, offset, gamma,
            saturation and white balance); 0: none.
        recolour: strength of such a colouring, drawn for each picture by itself, of what the
            detector sees ("source_seen", "driving_seen"); 0: none.
        degrade: probability of being blurred, noisy or covered, times that of
            :func:`tools.training.augment.degrade`, of what the detector sees.

    Triplets:
        distance: "fixed" (neighbouring frames that were kept), or "adaptive" (so far apart that the
            face moved by 2 to 8 px, see METHODS 5.3; needs landmarks).
        triplet_jitter: probability that what the networks see is jittered.
        triplet_colour: as brightness, contrast and saturation, for triplets.
        triplet_hue: as hue, for triplets.
    """

    folder: str = ""
    cache: Literal["raw", "jpeg", "none"] = "raw"
    cache_folder: str = ""
    resolution: int = 256
    strict: bool = False
    validation: float = 0.1
    pairs: str = ""

    stride: int = 1
    validation_stride: int = 1
    least_motion: float = 0.0
    longest_still: int = 4

    size: int = 256
    repeats: int = 75
    weighting: Literal["identity", "frames"] = "identity"
    time_flip: float = 0.5
    mirror: float = 0.5
    brightness: float = 0.1
    contrast: float = 0.1
    saturation: float = 0.1
    hue: float = 0.1
    expressive: float = 0.0
    turn: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0
    stretch: float = 0.0
    bend: float = 0.0
    tint: float = 0.0
    recolour: float = 0.0
    degrade: float = 0.0

    distance: Literal["fixed", "adaptive"] = "fixed"
    triplet_jitter: float = 0.5
    triplet_colour: float = 0.2
    triplet_hue: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            ValueError: with the setting, its value and what is expected.
        """
        for name in SHARES:
            if not 0 <= (value := getattr(self, name)) <= 1:
                raise _wrong(name, value, "a number from 0 to 1")
        if self.validation == 1:
            raise _wrong("validation", 1, "less than 1, since somebody has to be trained on")
        for name in ("stride", "validation_stride", "longest_still", "repeats"):
            if getattr(self, name) < 1:
                raise _wrong(name, getattr(self, name), "1 or more")
        for name in ("brightness", "contrast", "saturation", "triplet_colour"):
            if not 0 <= (value := getattr(self, name)) < 1:
                raise _wrong(name, value, "a number from 0 to below 1")
        for name in ("hue", "triplet_hue"):
            if not 0 <= (value := getattr(self, name)) <= 0.5:
                raise _wrong(name, value, "a number from 0 to 0.5")
        for name in STRENGTHS:
            if not 0 <= (value := getattr(self, name)) < math.inf:
                raise _wrong(name, value, "0 or more")
        if not 16 <= self.resolution <= 4096:
            raise _wrong("resolution", self.resolution, "a width of 16 to 4096 pixels")
        if not 16 <= self.size <= self.resolution:
            raise _wrong("size", self.size, f"16 to resolution, which is {self.resolution}")

    @property
    def placed(self) -> bool:
        """Whether pictures are turned, zoomed, shifted, stretched or bent."""
        return any((self.turn, self.zoom, self.shift, self.stretch, self.bend))

    @property
    def seen(self) -> bool:
        """Whether the detector sees other pictures than the generator has to make."""
        return self.recolour > 0 or self.degrade > 0


def _wrong(name: str, got: object, expected: str) -> ValueError:
    return ValueError(f"{name} is {got!r}, expected {expected}")
