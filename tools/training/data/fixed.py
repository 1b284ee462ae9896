"""Pairs that stay the same: of a published list, or spread over the clips."""

import logging
import re
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from avatar.errors import InputError
from tools.evaluation.clips import PICTURES, VIDEOS, numbers_in
from tools.evaluation.pairlist import NAMES, read_rows
from tools.training.data.footage import Footage
from tools.training.data.settings import DataSettings

log = logging.getLogger(__name__)


def fixed_pairs(footage: Footage, settings: DataSettings, each: int = 8) -> NDArray[np.int64]:
    """(M, 2) rows of source and driving: ``settings.pairs`` if there is such a list, else spread.

    Raises:
        InputError: see :func:`listed`.
    """
    if settings.pairs:
        return listed(Path(settings.pairs), footage)
    return spread(footage, each)


def spread(footage: Footage, each: int = 8) -> NDArray[np.int64]:
    """Of every clip, the first frame as source and up to ``each`` later ones as drivers."""
    pairs = [
        (first, row)
        for first, last in footage.spans()
        for row in np.unique(
            np.linspace(first + 1, last - 1, min(each, last - first - 1), dtype=int)
        )
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)


def listed(path: Path, footage: Footage) -> NDArray[np.int64]:
    """The pairs of a published list, as rows (see :mod:`tools.evaluation.pairlist` for entries).

    Rows that name clips or frames that are not there are counted and left out with a warning.

    Raises:
        InputError: it is no such list, or none of its rows can be used.
    """
    rows = read_rows(path)
    finder = _Finder(footage)
    pairs: list[tuple[int, int]] = []
    absent: list[str] = []
    for number, row in enumerate(rows, start=2):
        try:
            sources, drivers = (finder.find(row[name]) for name in NAMES)
        except InputError as error:
            absent.append(f"line {number}: {error.message}")
            continue
        pairs += [(int(sources[0]), int(driver)) for driver in drivers]
    if not pairs:
        raise InputError(
            f"None of the {len(rows)} rows of {path} can be used. "
            f"The first, {absent[0] if absent else 'there is none.'}",
            hint="Check that the clips it names are in the data folder, in the split that is "
            "validated on.",
        )
    if absent:
        log.warning(
            "%d of %d rows of %s are left out; the first, %s",
            len(absent),
            len(rows),
            path,
            absent[0],
        )
    return np.array(pairs, np.int64)


class _Finder:
    """Rows of footage by what a list calls them."""

    def __init__(self, footage: Footage) -> None:
        self._footage = footage
        self._spans = list(footage.spans())
        self._clips: dict[str, int] = {}
        self._files: dict[int, dict[str, int]] = {}
        for clip, name in enumerate(footage.names):
            parts = PurePosixPath(name).parts
            # By every end of its path, the shortest last: those of two clips may be the same.
            for first in range(len(parts)):
                self._clips.setdefault("/".join(parts[first:]), clip)

    def find(self, entry: str) -> NDArray[np.int64]:
        """The row of a frame, or all rows of a clip.

        Raises:
            InputError: there is none.
        """
        path = PurePosixPath(entry.strip().replace("\\", "/"))
        if path.suffix.lower() not in PICTURES:
            return np.arange(*self._spans[self._clip(path)])
        clip = self._clip(path.parent)
        number = self._number(clip, path)
        first, last = self._spans[clip]
        at = first + int(np.searchsorted(self._footage.frame[first:last], number))
        if at == last or self._footage.frame[at] != number:
            raise InputError(
                f"frame {number} of {self._footage.names[clip]} was not kept; data.stride = 1 and "
                "data.validation_stride = 1 keep all that have a face."
            )
        return np.array([at])

    def _clip(self, path: PurePosixPath) -> int:
        parts = [part for part in path.parts if part not in ("/", "..", ".")]
        for first in range(len(parts)):
            name = "/".join(parts[first:])
            names = [name, name.rsplit(".", 1)[0]] if path.suffix.lower() in VIDEOS else [name]
            for known in names:
                if known in self._clips:
                    return self._clips[known]
        raise InputError(f"there is no clip {path.name!r} in the footage.")

    def _number(self, clip: int, path: PurePosixPath) -> int:
        """Which frame of a clip is meant: of a folder, its file; of a video, the number in it."""
        folder = self._footage.paths[clip]
        if folder is not None and folder.is_dir():
            if clip not in self._files:
                files = [f.name for f in folder.iterdir() if f.suffix.lower() in PICTURES]
                files = sorted((f for f in files if f[0] != "."), key=numbers_in)
                self._files[clip] = {name: i for i, name in enumerate(files)}
            if path.name not in self._files[clip]:
                raise InputError(f"there is no {path.name} in {self._footage.names[clip]}.")
            return self._files[clip][path.name]
        number = re.search(r"(\d+)\D*$", path.stem)
        if number is None:
            raise InputError(f"{path.name} names no frame by a number.")
        return int(number.group(1))
