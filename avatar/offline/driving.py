"""Driving: the frames that drive a rendering, from a video, pictures or a part of them."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from avatar.errors import InputError, UsageError
from avatar.frame import Frame
from avatar.offline.clip import Clip, read_clip
from avatar.offline.excerpt import Excerpt, shown
from avatar.offline.sequence import RATE, SequenceSource, is_pattern
from avatar.sources.file import FileSource

_SLACK_NS = 1_000_000  # time stamps may be rounded to milliseconds


class Driving:
    """Frames in order of time. One thread opens, reads and closes it.

    Args:
        path: a video, a folder of pictures, or a pattern such as ``frames/%05d.png``.
        excerpt: which part of it.
        fps: pictures per second of a folder or pattern; None: 25.

    Attributes:
        clip: how pictures and sound of the part lie in time; known after :meth:`open`.
        rate: pictures per second on average.
        total: how many pictures there will be, as far as the file tells; at least 1.

    Raises:
        InputError: ``path`` is no file that can be read, or holds no pictures.
        UsageError: ``fps`` for a video, which has its own, or out of range.
    """

    def __init__(
        self, path: Path, excerpt: Excerpt | None = None, fps: float | None = None
    ) -> None:
        self.path = path
        self._excerpt = excerpt or Excerpt()
        self._source: FileSource | SequenceSource = _source(path, fps)
        self._first_ns: int | None = None
        self._length_ns: int | None = None
        self.clip: Clip
        self.rate = self._source.rate
        self.total = 1

    def open(self) -> None:
        """Open the file and go to where the part begins.

        Raises:
            SourceError: not a video that can be decoded.
            InputError: the part lies outside the video.
        """
        self._source.open()
        self.rate = self._source.rate
        clip = self._read_clip()
        if self._excerpt.whole:
            self.clip = clip
            frames = round((clip.seconds or clip.length) * self.rate)
            self.total = max(self._source.frames, frames, 1)
            return
        self._check(clip.seconds or clip.length)
        first = self._begin()
        if first is None:
            raise self._too_late("")
        self.clip = _cut(clip, first, self._excerpt.end)
        if self._excerpt.end is not None:
            self._length_ns = round((self._excerpt.end - first) * 1_000_000_000)
        self.total = max(1, round((self.clip.seconds or self.clip.length) * self.rate))

    def rewind(self) -> None:
        """Begin again.

        Raises:
            SourceError: the file has gone meanwhile.
        """
        self._source.close()
        self._source.open()
        self._first_ns = None
        self._begin()

    def read(self) -> Frame | None:
        """The next frame; None at the end of the part.

        Raises:
            SourceLost: the file broke off in the middle.
        """
        frame = self._source.read()
        if frame is None:
            return None
        if self._first_ns is None:
            self._first_ns = frame.t_ns
        after = frame.t_ns - self._first_ns
        if self._length_ns is not None and after >= self._length_ns - _SLACK_NS:
            return None
        return frame

    def close(self) -> None:
        """Close the file; idempotent."""
        self._source.close()

    def _read_clip(self) -> Clip:
        if isinstance(self._source, FileSource):
            return read_clip(self.path)
        seconds = self._source.frames / self.rate
        return Clip(Fraction(1, 1_000_000_000), Fraction(0), seconds, seconds, None)

    def _begin(self) -> Fraction | None:
        start = round(self._excerpt.start * 1_000_000_000)
        first = self._source.skip_to(start - _SLACK_NS) if start else 0
        return None if first is None else Fraction(first, 1_000_000_000)

    def _check(self, seconds: Fraction) -> None:
        if not seconds:  # the file does not say; reading it will tell
            return
        if self._excerpt.start >= seconds:
            raise self._too_late(f" lasts {shown(seconds)} and")
        end = self._excerpt.end
        if end is not None and end > seconds + 1 / self.rate:
            raise InputError(
                f"{self.path} lasts {shown(seconds)}, but an end at {shown(end)} was given.",
                hint="Give an earlier --end, or leave it out.",
            )

    def _too_late(self, lasts: str) -> InputError:
        return InputError(
            f"{self.path}{lasts} has no picture from {shown(self._excerpt.start)} on.",
            hint="Give an earlier --start.",
        )


def _source(path: Path, fps: float | None) -> FileSource | SequenceSource:
    if fps is not None and not 1 <= fps <= 1000:
        raise UsageError(
            f"Pictures can be shown 1 to 1000 times a second, got {fps:g}.", hint="Give --fps 25."
        )
    if path.is_dir() or is_pattern(path):
        rate = RATE if fps is None else Fraction(fps).limit_denominator(1001)
        return SequenceSource(path, rate)
    if fps is not None:
        raise UsageError(
            f"A rate is for folders of pictures, but {path} has its own.", hint="Leave out --fps."
        )
    return FileSource(path, paced=False)


def _cut(clip: Clip, first: Fraction, end: Fraction | None) -> Clip:
    """The times of the part from ``first`` to ``end``, in seconds since the first picture."""
    start = clip.start + first

    def left(seconds: Fraction) -> Fraction:
        ends = seconds if end is None else min(end, seconds or end)
        return max(ends - first, Fraction(0))

    return replace(
        clip,
        start=start,
        seconds=left(clip.seconds),
        length=left(clip.length),
        sound_start=None if clip.sound_start is None else max(start, clip.sound_start),
        excerpt=True,
        sound_end=None if end is None else left(end),
    )
