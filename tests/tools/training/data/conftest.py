"""Made-up clips: every frame tells which one it is by its brightness."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatar.frame import Face
from avatar.media import VideoWriter
from tools.training.data import DataSettings, Footage, in_memory


def level(number: int) -> int:
    """The brightness of frame ``number``."""
    return 20 + 10 * number


@pytest.fixture
def film() -> Callable[..., Path]:
    """Writes a video whose frames are flat grey."""

    def write(path: Path, count: int, size: tuple[int, int] = (64, 64)) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = VideoWriter(path, size, rate=Fraction(10))
        for i in range(count):
            image = np.full((size[1], size[0], 3), level(i), np.uint8)
            writer.write(writer.picture(image), i, 1)
        return writer.finish()

    return write


@pytest.fixture
def stills() -> Callable[..., Path]:
    """Writes a folder of frames 1.png, 2.png, ..., flat grey."""

    def write(folder: Path, count: int, size: int = 64, ending: str = ".png") -> Path:
        folder.mkdir(parents=True)
        for i in range(count):
            image = np.full((size, size, 3), level(i), np.uint8)
            assert cv2.imwrite(str(folder / f"{i + 1}{ending}"), image)
        return folder

    return write


@pytest.fixture
def beside() -> Callable[..., None]:
    """Writes landmarks beside a clip: in frame i, all points lie at (offsets[i], 2 offsets[i])."""

    def write(path: Path, offsets: Iterable[float]) -> None:
        at = np.array(list(offsets))
        xyz = np.zeros((len(at), 478, 3))
        xyz[..., 0], xyz[..., 1] = at[:, None], 2 * at[:, None]
        eighths = np.rint(xyz * (8, 8, 4)).astype(np.int16)
        delta = np.diff(eighths, axis=0).transpose(2, 0, 1)
        np.savez(path, first=eighths[0], delta=delta)

    return write


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., DataSettings]:
    """Settings for the clips in tmp_path/clips, with a cache beside it."""

    def make(**changes: object) -> DataSettings:
        values = {
            "folder": str(tmp_path / "clips"),
            "cache_folder": str(tmp_path / "cache"),
            "resolution": 64,
            "size": 64,
            "validation": 0.0,
            **changes,
        }
        return DataSettings(**values)  # type: ignore[arg-type]

    return make


class DarkFaces:
    """A tracker to whom every frame but the brightest has a face, at its brightness."""

    def track(self, image: np.ndarray) -> list[Face]:
        shade = float(image.mean())
        if shade > level(3) - 3:
            return []
        marks = np.full((478, 3), shade / 4, np.float32)
        return [Face(np.array([0, 0, 1, 1], np.float32), marks, 1.0)]

    def close(self) -> None:
        pass


@pytest.fixture
def tracker() -> type[DarkFaces]:
    return DarkFaces


@pytest.fixture
def footage() -> Footage:
    """Three clips of two people in memory, with landmarks; pixel values are random."""
    random = np.random.default_rng(0)
    lengths = (6, 4, 9)
    images = [random.integers(0, 256, (n, 64, 64, 3), dtype=np.uint8) for n in lengths]
    marks = [random.uniform(40, 210, (n, 478, 3)).astype(np.float32) for n in lengths]
    return in_memory(images, marks, ["a", "b", "b"])
