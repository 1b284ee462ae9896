"""Result: what a rendering is written to, by the name it is given: video, GIF or pictures."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from avatar.frame import Image
from avatar.offline.clip import Clip
from avatar.offline.film import Film
from avatar.offline.gif import Gif
from avatar.offline.sequence import WRITTEN, PictureSequence, check_pattern, is_pattern
from avatar.output import VIDEO_SUFFIXES, check_output


class Result(Protocol):
    """See :class:`~avatar.offline.film.Film`, which has them all."""

    frames: int
    sound: str

    @property
    def warning(self) -> str:
        """What got lost; empty when nothing did."""
        ...

    def add(self, image: Image, at: Fraction) -> None:
        """Add (H, W, 3) uint8 RGB, shown ``at`` seconds after the first."""
        ...

    def finish(self) -> Path:
        """Complete it; where it is."""
        ...

    def keep(self) -> Path | None:
        """Save what there is after an interruption; where it is, None if there is nothing."""
        ...


def check_result(path: Path, *, inputs: Sequence[Path] = ()) -> None:
    """Make sure that ``path`` can be written, before the work that would be lost otherwise.

    Raises:
        OutputError: it cannot; the message says why.
    """
    if not is_pattern(path):
        check_output(path, inputs=inputs, suffixes=(*VIDEO_SUFFIXES, ".gif"))
        return
    check_output(path, inputs=inputs, suffixes=WRITTEN)
    check_pattern(path)


def open_result(
    path: Path, rate: Fraction, clip: Clip, original: Path, size: tuple[int, int]
) -> Result:
    """Begin a result; the arguments are those of :class:`~avatar.offline.film.Film`.

    Raises:
        OutputError: the file cannot be created.
    """
    if is_pattern(path):
        return PictureSequence(path)
    if path.suffix.lower() == ".gif":
        return Gif(path, rate, size)
    return Film(path, rate, clip, original, size)
