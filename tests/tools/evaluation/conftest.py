"""Pictures, clips and a face reader for the evaluation's tests; no real person is in them."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatar.assets import asset
from avatar.frame import Image
from tools.evaluation.observer import Seen


@pytest.fixture(scope="session")
def astronaut() -> Image:
    """A face, (256, 256, 3) uint8: the bundled public-domain portrait, cropped."""
    picture = cv2.imread(str(asset("portraits/astronaut.png")))[..., ::-1]
    head = np.ascontiguousarray(picture[10:230, 112:332])
    return cv2.resize(head, (256, 256), interpolation=cv2.INTER_AREA)


@pytest.fixture
def noise() -> Callable[[int], Image]:
    """Makes smooth made-up pictures, (256, 256, 3) uint8, different by seed."""

    def make(seed: int) -> Image:
        small = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
        return cv2.resize(small, (256, 256), interpolation=cv2.INTER_CUBIC)

    return make


@pytest.fixture
def frame_folder() -> Callable[..., Path]:
    """Writes a folder of frames, whose brightness is 10 times their number."""

    def make(folder: Path, count: int = 5, size: tuple[int, int] = (64, 64)) -> Path:
        folder.mkdir(parents=True)
        for i in range(count):
            picture = np.full((*size, 3), 10 * (i % 25), np.uint8)
            cv2.imwrite(str(folder / f"{i:07d}.png"), picture)
        return folder

    return make


class BrightnessReader:
    """Sees a face in every picture that is not black; its place follows the mean brightness."""

    def __init__(self) -> None:
        self.pictures = 0
        self.closed = False

    def read(self, image: Image) -> Seen:
        self.pictures += 1
        mean = float(image.mean())
        if mean < 1:
            return Seen()
        points = np.zeros((478, 3), np.float32)
        points[:, 0] = np.arange(478) / 10 + mean
        points[10, 1], points[152, 1] = 50, 150
        points[14, 1] = mean / 10  # the lower lip: the gap between the lips
        blendshapes = np.full(52, mean / 255, np.float32)
        return Seen(points, np.array([mean, 0.0, 0.0]), blendshapes)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def reader() -> BrightnessReader:
    return BrightnessReader()
