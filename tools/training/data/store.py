"""One clip's frames as they are kept: an entry of the cache, the clip itself, or an array.

An entry is a folder that comes into being by being renamed, so it is whole or not there::

    frames.bin       uint8 RGB one after the other, or JPEG files one after the other
    landmarks.bin    (n, 478, 3) float32, where there are any
    index.json       what the others hold and how long they are
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from avatar.errors import InputError
from tools.training.data.frames import Direct, Picture, fitted
from tools.training.data.points import COUNT, Points

FORMAT = 1
INDEX, FRAMES, LANDMARKS = "index.json", "frames.bin", "landmarks.bin"
POINT_BYTES = COUNT * 3 * 4


class Damaged(Exception):
    """An entry that is not what its index says."""


class Kept(Protocol):
    """The frames that were kept of one clip, by 0, 1, 2 ...; pickles, and then opens anew."""

    @property
    def numbers(self) -> NDArray[np.int32]:
        """(n,) the number of each in the clip, rising."""
        ...

    @property
    def marked(self) -> bool:
        """Whether there are landmarks."""
        ...

    def image(self, at: int) -> Picture:
        """(S, S, 3) uint8 RGB, not to be written to."""
        ...

    def landmarks(self) -> NDArray[np.float32] | None:
        """(n, 478, 3) float32 px of 256, not to be written to."""
        ...

    def close(self) -> None:
        """Give up what is open; opened again when need be."""
        ...


@dataclass
class InMemory:
    """Frames (n, S, S, 3) uint8 in an array; mostly for tests."""

    images: NDArray[np.uint8]
    points: NDArray[np.float32] | None = None

    @property
    def numbers(self) -> NDArray[np.int32]:
        """0, 1, 2 ..."""
        return np.arange(len(self.images), dtype=np.int32)

    @property
    def marked(self) -> bool:
        """See :class:`Kept`."""
        return self.points is not None

    def image(self, at: int) -> Picture:
        """See :class:`Kept`."""
        return self.images[at]

    def landmarks(self) -> NDArray[np.float32] | None:
        """See :class:`Kept`."""
        return self.points

    def close(self) -> None:
        """Nothing is open."""


class Uncached:
    """Frames read from the clip each time."""

    def __init__(
        self, direct: Direct, numbers: NDArray[np.int32], size: int, points: Points | None
    ) -> None:
        self._direct = direct
        self._size = size
        self._points = points
        self.numbers = numbers

    @property
    def marked(self) -> bool:
        """See :class:`Kept`."""
        return self._points is not None

    def image(self, at: int) -> Picture:
        """See :class:`Kept`."""
        return fitted(self._direct.read(int(self.numbers[at])), self._size)

    def landmarks(self) -> NDArray[np.float32] | None:
        """See :class:`Kept`."""
        return self._points

    def close(self) -> None:
        """See :class:`Kept`."""
        self._direct.close()


class Entry:
    """Frames in the cache.

    Raises:
        Damaged: its files are not what the index says.
        FileNotFoundError: there is no such entry.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        text = (folder / INDEX).read_text(encoding="utf-8")
        try:
            index: dict[str, Any] = json.loads(text)
            self._size = int(index["size"])
            self.numbers = np.array(index["numbers"], np.int32)
            ends = index["ends"]
            self._ends = None if ends is None else np.array(ends, np.int64)
            self.marked = bool(index["marked"])
            self.rate = float(index["rate"])
            self.faceless = int(index["faceless"])
            self.cropped = bool(index["cropped"])
        except (ValueError, TypeError, KeyError) as error:
            raise Damaged(f"its index cannot be read: {error}") from error
        count = len(self.numbers)
        if self._ends is None:
            self._expect(FRAMES, count * self._size**2 * 3)
        else:
            self._expect(FRAMES, int(self._ends[-1]) if count else 0)
        if self.marked:
            self._expect(LANDMARKS, count * POINT_BYTES)
        self._frames: NDArray[np.uint8] | None = None
        self._points: NDArray[np.float32] | None = None

    def image(self, at: int) -> Picture:
        """See :class:`Kept`.

        Raises:
            InputError: the file is gone, or a JPEG in it is damaged.
        """
        if self._frames is None:
            self._frames = self._mapped(FRAMES, np.dtype(np.uint8))
        if self._ends is None:
            step = self._size**2 * 3
            flat = self._frames[at * step : (at + 1) * step]
            return flat.reshape(self._size, self._size, 3)
        import cv2

        first = int(self._ends[at - 1]) if at else 0
        found = cv2.imdecode(self._frames[first : int(self._ends[at])], cv2.IMREAD_COLOR)
        if found is None:
            raise InputError(
                f"Frame {at} in {self._folder} is damaged.",
                hint="Delete that folder; it is made anew at the next start.",
            )
        return np.ascontiguousarray(found[..., ::-1])

    def landmarks(self) -> NDArray[np.float32] | None:
        """See :class:`Kept`.

        Raises:
            InputError: the file is gone.
        """
        if not self.marked:
            return None
        if self._points is None:
            flat = self._mapped(LANDMARKS, np.dtype(np.float32))
            self._points = flat.reshape(-1, COUNT, 3)
        return self._points

    def close(self) -> None:
        """See :class:`Kept`."""
        self._frames = self._points = None

    def __getstate__(self) -> dict[str, Any]:
        """All but the open maps, which would travel as whole arrays."""
        return {**self.__dict__, "_frames": None, "_points": None}

    def _mapped(self, name: str, kind: np.dtype[Any]) -> NDArray[Any]:
        try:
            # Not a memmap: its views cost microseconds each.
            return np.asarray(np.memmap(self._folder / name, kind, "r"))
        except (OSError, ValueError) as error:
            raise InputError(
                f"{self._folder / name} cannot be opened: {error}.",
                hint="The cache was changed while in use; start again, and it is made anew.",
            ) from error

    def _expect(self, name: str, size: int) -> None:
        path = self._folder / name
        got = path.stat().st_size if path.is_file() else 0
        if got != size:
            raise Damaged(f"{name} has {got} bytes, the index says {size}")
