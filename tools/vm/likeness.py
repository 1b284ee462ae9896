"""Likeness: pictures read back from the device, against what ``avatar render`` makes."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from avatar.errors import AvatarError
from avatar.frame import CROP_SIZE, Image
from tools.evaluation.pixels import psnr, ssim

PSNR_DB = 28.0
"""Least median. Live and offline differ in when the face is looked for and in how the crop follows;
the colours of 4:2:0 cost some as well."""

SSIM = 0.9
"""Least median."""


@dataclass(frozen=True)
class Match:
    """A picture and the rendered one that is nearest to it.

    Attributes:
        frame: number of that one in the clip, from 0.
        psnr_db, ssim: against it.
        usual_db: the median PSNR against all rendered ones: what a wrong one would have.
    """

    frame: int
    psnr_db: float
    ssim: float
    usual_db: float


def nearest(seen: Image, rendered: Sequence[Image]) -> Match:
    """The rendered picture with the highest PSNR; all (256, 256, 3) uint8 RGB.

    Raises:
        ValueError: there are none.
    """
    if not rendered:
        raise ValueError("got no rendered pictures")
    scores = [psnr(seen, other) for other in rendered]
    best = int(np.argmax(scores))
    return Match(best, scores[best], ssim(seen, rendered[best]), median(scores))


def small(image: Image) -> Image:
    """A square picture as large as the network gives it: (256, 256, 3)."""
    shape = (CROP_SIZE, CROP_SIZE)
    return np.asarray(cv2.resize(image, shape, interpolation=cv2.INTER_AREA), np.uint8)


def as_sent(image: Image) -> Image:
    """What is left of a (256, 256, 3) picture once it was enlarged as the device's and reduced."""
    side = 720
    large = cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR)
    return small(np.asarray(large, np.uint8))


def load(folder: Path, pattern: str) -> list[Image]:
    """The pictures of a folder in the order of their names, RGB."""
    pictures = [cv2.imread(str(path)) for path in sorted(folder.glob(pattern))]
    return [np.asarray(cv2.cvtColor(p, cv2.COLOR_BGR2RGB), np.uint8) for p in pictures]


def render(portrait: Path, clip: Path, engine: str, folder: Path) -> list[Image]:
    """Every picture of the clip, rendered on this machine.

    Raises:
        AvatarError: it could not be rendered.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "avatar", "render", "--portrait", str(portrait)]
    command += ["--driving", str(clip), "--engine", engine, "-o", str(folder / "%05d.png")]
    done = subprocess.run(command, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise AvatarError(
            f"avatar render ended with {done.returncode}.", hint="Its own message is above."
        )
    return load(folder, "*.png")
