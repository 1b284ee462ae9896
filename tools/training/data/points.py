"""Landmarks of a clip's frames: stored beside it, or found by MediaPipe."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from avatar.errors import InputError
from avatar.tracker import FaceTracker, MediaPipeTracker

Points = NDArray[np.float32]
"""(478, 3) float32 px of a 256-wide picture, z nearer is less."""

COUNT = 478
WIDTH = 256.0
"""What the pixels of landmarks are of, whatever the size of a picture."""


def stored(path: Path) -> NDArray[np.float32]:
    """Landmarks that lie beside a clip, (frames, 478, 3) float32.

    They are eighths of pixels (quarters in depth): the first frame, then differences.

    Raises:
        InputError: it is no such file.
    """
    try:
        with np.load(path) as file:
            first = file["first"].astype(np.int32)[None]
            delta = file["delta"].transpose(1, 2, 0).astype(np.int32)
            # The differences begin with the second frame.
            xyz = np.cumsum(np.concatenate([first, delta]), axis=0) / np.array([8, 8, 4])
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise InputError(
            f"{path} cannot be read as landmarks: {error}; expected the arrays first and delta.",
            hint="Fetch it again, or take it away: landmarks are then found by MediaPipe.",
        ) from error
    if xyz.shape[1:] != (COUNT, 3):
        raise InputError(f"{path} has landmarks of the shape {xyz.shape}; expected (n, 478, 3).")
    return xyz.astype(np.float32)


class Finder:
    """MediaPipe's landmarks in the frames of one clip after another.

    Args:
        make: the tracker for one clip.
    """

    def __init__(self, make: Callable[[], FaceTracker] = MediaPipeTracker) -> None:
        self._tracker = make()

    def __enter__(self) -> "Finder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tracker.close()

    def find(self, image: NDArray[np.uint8]) -> Points | None:
        """The largest face in a frame, in px of 256; None: no face."""
        faces = self._tracker.track(image)
        if not faces:
            return None
        return np.asarray(faces[0].landmarks * (WIDTH / image.shape[1]), np.float32)
