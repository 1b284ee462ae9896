"""Sequence: numbered pictures (``frames/%05d.png``) or a folder of them, read and written."""

import logging
import re
import time
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from avatar import picture
from avatar.errors import InputError, OutputError, SourceLost
from avatar.frame import Frame, Image

log = logging.getLogger(__name__)

READ = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
"""Pictures that count in a folder."""

WRITTEN = (".png", ".jpg", ".jpeg")
"""Pictures that can be written."""

RATE = Fraction(25)
"""Pictures per second where nothing else is asked for."""

_FIELD = re.compile(r"%(0\d+)?d")
_QUALITY = 95  # of JPEGs


def is_pattern(path: Path) -> bool:
    """Whether the name has a place for a number, as in ``%05d.png``."""
    return path.name.count("%") == 1 and _FIELD.search(path.name) is not None


def find_pictures(path: Path) -> list[Path]:
    """The pictures of a folder or a pattern, in the order of the numbers in their names.

    Raises:
        InputError: there is none, or a number is missing in a pattern's.
    """
    folder = path.parent if is_pattern(path) else path
    if not folder.is_dir():
        raise InputError(f"No such folder: {folder}.", hint="Check the name of the pictures.")
    if not is_pattern(path):
        return _some((p for p in folder.iterdir() if p.suffix.lower() in READ), path)
    before, after = _FIELD.split(path.name)[0], _FIELD.split(path.name)[-1]
    name = re.compile(re.escape(before) + r"(\d+)" + re.escape(after))
    numbers = {int(m[1]) for p in folder.iterdir() if (m := name.fullmatch(p.name))}
    found = _some((folder / (path.name % n) for n in numbers), path)
    for expected, number in enumerate(sorted(numbers), start=min(numbers)):
        if number != expected:
            raise InputError(
                f"{folder / (path.name % expected)} is missing between pictures "
                f"{min(numbers)} and {max(numbers)}.",
                hint="Add it, or name the folder to take the pictures that are there.",
            )
    return found


def _some(found: Iterable[Path], path: Path) -> list[Path]:
    ordered = sorted(found, key=_natural)
    if not ordered:
        raise InputError(
            f"There is no picture in {path}; expected files ending in {', '.join(READ)}.",
            hint="Name a folder of pictures, or a pattern such as frames/%05d.png.",
        )
    return ordered


def _natural(path: Path) -> list[tuple[int, str]]:
    """So that picture 10 comes after picture 9."""
    return [(int(p), "") if p.isdigit() else (-1, p) for p in re.split(r"(\d+)", path.name)]


class SequenceSource:
    """Pictures at a constant rate; reads like an unpaced ``FileSource``.

    Attributes:
        rate: pictures per second.
        frames: how many there are.

    Raises:
        InputError: see :func:`find_pictures`.
    """

    def __init__(self, path: Path, rate: Fraction = RATE) -> None:
        self.rate = rate
        self._paths = find_pictures(path)
        self.frames = len(self._paths)
        self._next = 0
        self._start_ns = 0

    def open(self) -> None:
        """Look at the first picture.

        Raises:
            InputError: it cannot be read.
        """
        picture.read(self._paths[0])
        self._next, self._start_ns = 0, time.monotonic_ns()

    def read(self) -> Frame | None:
        """The next picture; None after the last.

        Raises:
            SourceLost: it cannot be read.
        """
        if self._next == self.frames:
            return None
        index, self._next = self._next, self._next + 1
        try:
            image = picture.read(self._paths[index]).image
        except InputError as error:
            raise SourceLost(error.message, hint=error.hint) from error
        return Frame(image, index, self._start_ns + self._time_ns(index))

    def skip_to(self, t_ns: int) -> int | None:
        """Leave out the pictures before ``t_ns`` nanoseconds; the time of the next, or None."""
        while self._next < self.frames and self._time_ns(self._next) < t_ns:
            self._next += 1
        return self._time_ns(self._next) if self._next < self.frames else None

    def close(self) -> None:
        """Nothing is open."""

    def _time_ns(self, index: int) -> int:
        return round(index * 1_000_000_000 / self.rate)


def check_pattern(path: Path) -> None:
    """Make sure that pictures can be written there and mix with no others.

    Raises:
        OutputError: pictures of such names are there already.
    """
    before, after = _FIELD.split(path.name)[0], _FIELD.split(path.name)[-1]
    name = re.compile(re.escape(before) + r"\d+" + re.escape(after))
    if old := next((p for p in path.parent.iterdir() if name.fullmatch(p.name)), None):
        raise OutputError(
            f"{path.parent} holds pictures of this name already, such as {old.name}.",
            hint="Remove them, or choose another folder or name.",
        )


class PictureSequence:
    """Numbered pictures being rendered, from 1 on; like ``Film``. Each is complete when it appears.

    Attributes:
        frames: pictures written.
        sound: always ``"none"``.
        warning: always empty.
    """

    def __init__(self, pattern: Path) -> None:
        self.frames = 0
        self.sound = "none"
        self.warning = ""
        self._pattern = pattern

    def add(self, image: Image, at: Fraction) -> None:
        """Write (H, W, 3) uint8 RGB; the time is not kept.

        Raises:
            OSError: the disk takes no more; the pictures before stay.
        """
        from PIL import Image as PillowImage

        path = self._pattern.with_name(self._pattern.name % (self.frames + 1))
        part = path.with_name(f"{path.stem}.part{path.suffix}")
        try:
            PillowImage.fromarray(image).save(part, quality=_QUALITY)
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        self.frames += 1

    def finish(self) -> Path:
        """The pattern."""
        return self._pattern

    def keep(self) -> Path | None:
        """The pattern; None if there is no picture."""
        return self._pattern if self.frames else None
