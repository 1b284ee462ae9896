"""Film: the result of a rendering, with the times and the sound of the original.

Each picture is written when the next one shows how long it lasts.
"""

import logging
import math
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from avatar.frame import CROP_SIZE, Image
from avatar.media import VideoWriter
from avatar.offline.clip import Clip
from avatar.offline.soundtrack import Soundtrack

if TYPE_CHECKING:
    import av

log = logging.getLogger(__name__)

_FINEST = 10_000
"""At least so many units of time a second, for videos of variable frame rate."""

_LONGEST_S = 10
"""Longer than this no last picture lasts; the file's length is then not believed."""


class Film:
    """A video being rendered. One thread makes, fills and finishes it.

    Attributes:
        frames: pictures added.
        sound: ``"copied"``, ``"re-encoded"`` or ``"none"``.
    """

    def __init__(
        self,
        path: Path,
        rate: Fraction,
        clip: Clip,
        original: Path,
        size: tuple[int, int] = (CROP_SIZE, CROP_SIZE),
    ) -> None:
        """Create the temporary file beside ``path``.

        Args:
            path: where the result shall be.
            rate: pictures per second of the original, on average.
            clip: the times of the original.
            original: the video whose sound is kept.
            size: (width, height) of the pictures in pixels.

        Raises:
            OutputError: the file cannot be created.
        """
        self.frames = 0
        self._rate = rate.limit_denominator(1001)
        # Every 1/rate is a whole number of these units, and one is short.
        numerator = self._rate.numerator
        self._unit = Fraction(1, numerator * math.ceil(_FINEST / numerator))
        self._clip = clip
        self._tolerance = min(max(clip.tick, Fraction(1, 1_000_000)), 1 / self._rate / 4)
        self._waiting: tuple[av.VideoFrame, int] | None = None
        self._last = -1
        self._soundtrack: Soundtrack | None = None
        self.sound = "none"
        self._writer = VideoWriter(path, size, rate=self._rate, time_base=self._unit)
        if clip.sound_start is not None:
            try:
                self._soundtrack = Soundtrack(
                    original, self._writer, clip.origin, cut=clip.excerpt, end=clip.sound_end
                )
            except BaseException:
                self._writer.discard()
                raise
            self.sound = self._soundtrack.how

    @property
    def warning(self) -> str:
        """What is wrong with the sound; empty when nothing is."""
        return self._soundtrack.warning if self._soundtrack is not None else ""

    def add(self, image: Image, at: Fraction) -> None:
        """Add a picture.

        Args:
            image: (H, W, 3) uint8 RGB of the film's size.
            at: seconds since the first picture.

        Raises:
            OSError: the disk takes no more; what was written stays.
        """
        picture = self._writer.picture(image)
        # Coarse time stamps (milliseconds in Matroska) of a constant rate get back to that rate.
        exact = round(at * self._rate) / self._rate
        if abs(at - exact) <= self._tolerance:
            at = exact
        pts = max(self._last + 1, round((at + self._clip.start - self._clip.origin) / self._unit))
        self._write_waiting(pts)
        self._waiting, self._last = (picture, pts), pts
        self.frames += 1

    def finish(self) -> Path:
        """Write the rest of the sound, complete the file and give it its name; where it is.

        Raises:
            OSError: the disk takes no more; call :meth:`keep`.
            OutputError: it cannot be renamed.
        """
        ends = round((self._clip.seconds + self._clip.start - self._clip.origin) / self._unit)
        usual = round(1 / self._rate / self._unit)
        lasts = (ends - self._last) * self._unit
        self._write_waiting(ends if 0 < lasts <= _LONGEST_S else self._last + usual)
        if self._soundtrack is not None:
            self._soundtrack.feed(None)
            self._soundtrack.close()
        return self._writer.finish()

    def keep(self) -> Path | None:
        """Save what there is after an interruption; where it is, None if there is nothing.

        An older file of the wanted name stays, and the temporary name is then kept.
        """
        try:
            self._write_waiting(self._last + round(1 / self._rate / self._unit))
        except OSError as error:
            log.warning("the last picture is lost: %s", error)
        if self._soundtrack is not None:
            self._soundtrack.close()
        return self._writer.keep()

    def _write_waiting(self, until: int) -> None:
        if self._waiting is None:
            return
        (picture, pts), self._waiting = self._waiting, None
        if self._soundtrack is not None:
            self._soundtrack.feed(until * self._unit)
        self._writer.write(picture, pts, until - pts)
