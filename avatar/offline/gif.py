"""Gif: a rendering as an animation without sound, one palette a picture; memory does not grow."""

import logging
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from avatar.errors import OutputError
from avatar.frame import Image
from avatar.output import PartFile

if TYPE_CHECKING:
    import av

log = logging.getLogger(__name__)

_TICK = Fraction(1, 100)  # all that the format can tell
_SHORTEST = 2  # ticks; what is shown for less, browsers show for ten


class Gif:
    """An animation being rendered. One thread makes, fills and finishes it; like ``Film``.

    Attributes:
        frames: pictures added.
        sound: always ``"none"``.
        warning: what got lost; empty when nothing did.
    """

    def __init__(self, path: Path, rate: Fraction, size: tuple[int, int]) -> None:
        """Create the temporary file beside ``path``.

        Args:
            path: where the result shall be.
            rate: pictures per second, on average.
            size: (width, height) of the pictures in pixels.

        Raises:
            OutputError: the file cannot be created, or this FFmpeg cannot write it.
        """
        import av

        self.frames = 0
        self.sound = "none"
        self._left_out = 0
        self._last = -_SHORTEST
        self._name = path.name
        self._part = PartFile(path)
        try:
            self._container: Any = av.open(self._part, "w", format="gif")
            self._stream = self._container.add_stream("gif", rate=rate)
            context = self._stream.codec_context
            context.width, context.height, context.pix_fmt = *size, "pal8"
            context.time_base = _TICK
        except (av.FFmpegError, ValueError) as error:
            self._part.discard()
            raise OutputError(
                f"{path} cannot be written: FFmpeg refuses ({error}).",
                hint="Install the app's own PyAV again: pip install --force-reinstall av.",
            ) from error

    @property
    def warning(self) -> str:
        """See the class."""
        if not self._left_out:
            return ""
        return (
            f"{self._left_out} of {self.frames} pictures are left out: {self._name} can show at "
            f"most {1 / _TICK / _SHORTEST} a second."
        )

    def add(self, image: Image, at: Fraction) -> None:
        """Add a picture.

        Args:
            image: (H, W, 3) uint8 RGB of the size given.
            at: seconds since the first picture.

        Raises:
            OSError: the disk takes no more; what was written stays.
        """
        self.frames += 1
        pts = round(at / _TICK)
        if pts < self._last + _SHORTEST:
            self._left_out += 1
            return
        self._last = pts
        picture = _in_palette(image)
        picture.pts, picture.time_base = pts, _TICK
        self._encode(picture)

    def finish(self) -> Path:
        """Complete the file and give it its name; where it is.

        Raises:
            OSError: the disk takes no more; call :meth:`keep`.
            OutputError: it cannot be renamed.
        """
        self._close()
        return self._part.finish()

    def keep(self) -> Path | None:
        """Save what there is after an interruption; where it is, None if there is nothing."""
        if not self.frames:
            self._part.discard()
            return None
        try:
            self._close()
        except OSError as error:
            log.warning("%s ends early: %s", self._part.path, error)
        try:
            return self._part.finish(replace=False)
        except OutputError as error:
            log.warning("%s", error)
            return self._part.path

    def _close(self) -> None:
        if self.frames and not self._part.closed:
            self._encode(None)
            self._container.close()
            if self._part.error is not None:
                raise self._part.error

    def _encode(self, picture: "av.VideoFrame | None") -> None:
        import av

        try:
            self._container.mux(self._stream.encode(picture))
        except av.FFmpegError as error:
            raise self._part.error or OSError(error.errno, error.strerror) from error
        if self._part.error is not None:
            raise self._part.error


def _in_palette(image: Image) -> "av.VideoFrame":
    """The picture in its own 256 colours, dithered."""
    import av
    from PIL import Image as PillowImage

    picture = PillowImage.fromarray(image)
    palette = picture.quantize(256)
    indices = picture.quantize(palette=palette, dither=PillowImage.Dither.FLOYDSTEINBERG)
    colours = np.full((256, 4), 255, np.uint8)  # alpha, red, green, blue
    rgb = np.array(palette.getpalette("RGB"), np.uint8).reshape(-1, 3)
    colours[: len(rgb), 1:] = rgb
    pal8: Any = (np.asarray(indices), colours)  # PyAV takes the pair, its annotation does not
    return av.VideoFrame.from_ndarray(pal8, format="pal8")
