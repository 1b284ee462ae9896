"""Reading clips: every frame in order, or one by its number, fitted to a square."""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avatar import picture
from avatar.errors import InputError
from tools.training.data.sources import Source

log = logging.getLogger(__name__)

Picture = NDArray[np.uint8]
"""(H, W, 3) uint8 RGB."""

LEAST_WHOLE = 0.95
"""A video that gives less than this part of the frames that its header states is truncated."""
SLACK = 2
"""So many frames less are never held against it: headers are often off by one."""


def read_all(source: Source) -> Iterator[Picture]:
    """Every frame of a clip, (H, W, 3) uint8 RGB, in its own size.

    Raises:
        InputError: the clip cannot be read to its end; named.
    """
    if source.path.is_dir():
        for path in source.files():
            yield picture.read(path).image
        return
    import av

    count = 0
    with _named(source), av.open(str(source.path)) as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            count += 1
            yield frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
        stated = stream.frames
    if count < stated * LEAST_WHOLE - SLACK:
        raise InputError(
            f"{source.path} breaks off after {count} of {stated} frames.",
            hint="Fetch it again, or take it away.",
        )


def rate_of(source: Source) -> float:
    """Frames a second: as the manifest says, as the video says, else 25."""
    if source.fps is not None:
        return source.fps
    if not source.path.is_dir():
        import av

        with _named(source), av.open(str(source.path)) as container:
            if rate := container.streams.video[0].average_rate:
                return float(rate)
    return 25.0


def fitted(image: Picture, size: int) -> Picture:
    """The middle square of a frame, (size, size, 3); made smaller by area, larger by bilinear."""
    import cv2

    height, width = image.shape[:2]
    if height != width:
        side = min(height, width)
        y, x = (height - side) // 2, (width - side) // 2
        image = image[y : y + side, x : x + side]
    if image.shape[0] != size:
        way = cv2.INTER_AREA if image.shape[0] > size else cv2.INTER_LINEAR
        image = np.asarray(cv2.resize(image, (size, size), interpolation=way), np.uint8)
    return np.ascontiguousarray(image)


class Direct:
    """Frames of a clip by their number, read from the clip itself each time."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._times: NDArray[np.int64] | None = None
        self._container: Any = None

    def __len__(self) -> int:
        """How many frames there are; of a video, as many as it has packets with a time.

        Raises:
            InputError: it cannot be read.
        """
        if self.source.path.is_dir():
            return len(self.source.files())
        return len(self.times)

    @property
    def times(self) -> NDArray[np.int64]:
        """When each frame of a video is shown, in its own unit."""
        if self._times is None:
            import av

            with _named(self.source), av.open(str(self.source.path)) as container:
                packets = container.demux(container.streams.video[0])
                self._times = np.sort(np.array([p.pts for p in packets if p.pts is not None]))
        return self._times

    def read(self, number: int) -> Picture:
        """One frame in its own size.

        Raises:
            InputError: it cannot be read.
        """
        if self.source.path.is_dir():
            return picture.read(self.source.files()[number]).image
        import av

        time = int(self.times[number])
        with _named(self.source):
            if self._container is None:
                self._container = av.open(str(self.source.path))
            stream = self._container.streams.video[0]
            self._container.seek(time, stream=stream)
            for frame in self._container.decode(stream):
                if frame.pts is not None and frame.pts >= time:
                    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
        raise InputError(
            f"{self.source.path} has no frame {number} any more.", hint="Fetch it again."
        )

    def close(self) -> None:
        """Close the file; it is opened again when need be."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def __getstate__(self) -> dict[str, Any]:
        """All but the open file."""
        return {**self.__dict__, "_container": None}


@contextlib.contextmanager
def _named(source: Source) -> Iterator[None]:
    """Name the clip where the library only says what was wrong with it."""
    import av

    try:
        yield
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise InputError(
            f"{source.path} cannot be read as a video: {error}.",
            hint="Check that it plays elsewhere; fetch it again, or take it away.",
        ) from error
