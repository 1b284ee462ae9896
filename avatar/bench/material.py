"""What every subject is measured on: the bundled portrait and recorded crops of the driver, made
once and read by all."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from avatar.config import RunConfig
from avatar.frame import Image, Portrait
from avatar.sources.base import Source

CROPS = 90
"""Recorded crops: three seconds at 30 fps, in which the driver moves enough."""

PICTURES = 6
"""How many of them, evenly spread, are compared by PSNR."""


class Material(NamedTuple):
    """portrait (256, 256, 3) and crops (n, 256, 256, 3), uint8 RGB."""

    portrait: Image
    crops: np.ndarray

    @classmethod
    def load(cls, folder: Path) -> "Material":
        """What :func:`record` left in a folder; the crops stay on disk until they are used."""
        return cls(np.load(folder / "portrait.npy"), np.load(folder / "crops.npy", mmap_mode="r"))

    @property
    def compared(self) -> np.ndarray:
        """The crops that pictures are compared of; the first is the neutral pose."""
        count = min(PICTURES, len(self.crops))
        return self.crops[np.linspace(0, len(self.crops) - 1, count).astype(int)]


def driver(clip: str | None) -> Source:
    """The driving frames, unpaced and without end: a video, or the bundled driver."""
    if clip is None:
        from avatar.sources.synthetic import SyntheticSource

        return SyntheticSource(paced=False)
    from avatar.sources.file import FileSource

    return FileSource(clip, loop=True, paced=False)


def record(folder: Path, clip: str | None, crop: bool, tell: Callable[[str], None]) -> int:
    """Write the portrait and the crops into a folder; how many crops there are.

    Raises:
        AvatarError: the clip or the portrait cannot be used.
    """
    from avatar import assembly

    config = RunConfig(headless=True, crop=crop)
    tell("Recording crops of the driver")
    cropper = assembly.cropper_maker(config)()
    source = driver(clip)
    crops: list[Image] = []
    try:
        source.open()
        while len(crops) < CROPS and (frame := source.read()) is not None:
            crops.append(cropper.crop(frame).image)
    finally:
        source.close()
        cropper.close()
    np.save(folder / "crops.npy", np.stack(crops))
    np.save(folder / "portrait.npy", portrait(crop).image)
    return len(crops)


def portrait(crop: bool) -> Portrait:
    """The first bundled portrait; its centre square where no face shall be looked for."""
    from avatar.portraits.portrait import bundled, load_portrait
    from avatar.square import centre_square, cut

    path = bundled()[0]
    if crop:
        return load_portrait(path)
    from avatar.picture import read

    image = read(path).image
    square = centre_square(image.shape[1], image.shape[0])
    return Portrait(cut(image, square), square.box, image, None, path.stem)
