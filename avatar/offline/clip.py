"""Clip: how the pictures and the sound of a video lie in time.

Whether it can be decoded at all is FileSource's business, which is opened before.
"""

import logging
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from avatar.errors import InputError
from avatar.sources.container import open_local

log = logging.getLogger(__name__)

_TICK = Fraction(1, 90_000)


@dataclass(frozen=True)
class Clip:
    """The times of a video, in seconds.

    Attributes:
        tick: precision of its time stamps.
        start: time stamp of the first picture.
        seconds: how long its pictures last; 0 when the file does not say.
        length: how long the whole file lasts; 0 when it does not say.
        sound_start: time stamp of the first sound; None without sound.
        excerpt: this is a part of the file: the sound before ``origin`` does not belong to it.
        sound_end: seconds after ``origin`` at which the part's sound ends; None: with the file.
    """

    tick: Fraction
    start: Fraction
    seconds: Fraction
    length: Fraction
    sound_start: Fraction | None
    excerpt: bool = False
    sound_end: Fraction | None = None

    @property
    def origin(self) -> Fraction:
        """When the first of picture and sound begins."""
        return self.start if self.sound_start is None else min(self.start, self.sound_start)


def read_clip(path: Path) -> Clip:
    """Read the times of a video; decodes nothing.

    Raises:
        InputError: a picture, or not a video.
    """
    import av

    try:
        with open_local(path) as container:
            if container.format.name.endswith("_pipe") or container.format.name == "image2":
                raise InputError(
                    f"{path} is a picture; expected a video.",
                    hint="Give the video whose motion the portrait shall take.",
                )
            return _read(container)
    except (av.FFmpegError, OSError, IndexError) as error:
        raise InputError(
            f"{path} is not a video that can be read.",
            hint="Give a video such as mp4, mov, mkv or webm; check that it plays elsewhere.",
        ) from error


def _read(container: Any) -> Clip:
    # FFmpeg's best is what FileSource takes too: the cover of a song ranks last.
    video, sound = container.streams.best("video"), container.streams.best("audio")
    if video is None:
        raise IndexError("no video stream")
    if sound is not None and sound.codec_context is None:
        log.warning(
            "%s has sound in a format that is not known here; it is left out", container.name
        )
        sound = None
    tick = video.time_base or _TICK
    sound_start = None
    if sound is not None:
        sound_start = (sound.start_time or 0) * (sound.time_base or _TICK)
    return Clip(
        tick=tick,
        start=(video.start_time or 0) * tick,
        seconds=(video.duration or 0) * tick,
        length=Fraction(container.duration or 0, 1_000_000),
        sound_start=sound_start,
    )
