"""Lists of pairs as they are published beside FOMM and DaGAN: CSV files that name portrait and
driver.

Columns found by their heading: ``source`` and ``driving``, if there ``best_frame`` (DaGAN's lists
with the driver's frame that matches the portrait). Others, such as ``distance`` and the empty
``frame``, have no meaning here. An entry is

- a frame by its path, ``.../id10283#...mp4/0000024.png``: the last parts of it that exist below the
  data folder count, so that paths of another machine work; where the clip is a video and not a
  folder of frames, the number in the name is the frame's;
- or a whole clip, ``id10283#...mp4``: its first frame as portrait, all its frames as driver.
"""

import csv
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from avatar.errors import InputError
from tools.evaluation.clips import PICTURES, VIDEOS, Clip, person_of
from tools.evaluation.trials import LeftOut, Shot, Trial, across, reconstruction

NAMES = ("source", "driving")
BEST = "best_frame"


class PairList:
    """Finds what a list names among the clips and below the data folder."""

    def __init__(self, folder: Path, clips: Sequence[Clip]) -> None:
        self._folder = folder
        self._clips = {clip.name: clip for clip in clips}
        self._folders: dict[Path, Clip] = {}

    def read(
        self, path: Path, every: int, frames: int | None = None
    ) -> tuple[list[Trial], list[LeftOut]]:
        """The trials of a list, and the rows that cannot be used with the reason.

        Raises:
            InputError: it is no such list, or not one of its rows can be used.
        """
        rows = read_rows(path)
        trials: list[Trial] = []
        left_out: list[LeftOut] = []
        for number, row in enumerate(rows, start=2):
            try:
                trials.append(self._trial(row, every, frames))
            except InputError as error:
                left_out.append(LeftOut(f"{path.name}, line {number}", error.message))
        if not trials:
            raise InputError(
                f"None of the {len(rows)} rows of {path} can be used. The first: "
                f"{left_out[0].why if left_out else 'there is none'}",
                hint=f"Check that the clips it names lie below {self._folder}.",
            )
        return trials, left_out

    def _trial(self, row: dict[str, str], every: int, frames: int | None) -> Trial:
        source, driving = (self._find(row[name]) for name in NAMES)
        portrait = Shot(source, 0) if isinstance(source, Clip) else source
        if isinstance(driving, Clip):
            if portrait == Shot(driving, 0):
                return reconstruction(driving, every, frames)
            moved = across(portrait.clip, driving, every, frames)
            return Trial(portrait, moved.driving, moved.neutral)
        best = self._find(row[BEST]) if row.get(BEST) else None
        return Trial(portrait, (driving,), Shot(best, 0) if isinstance(best, Clip) else best)

    def _find(self, entry: str) -> Clip | Shot:
        """The clip or frame that an entry means.

        Raises:
            InputError: there is none.
        """
        path = PurePosixPath(entry.strip().replace("\\", "/"))
        if path.suffix.lower() not in PICTURES:
            clip = self._clip(path)
            if clip is None:
                raise InputError(f"there is no clip {path.name!r} in {self._folder}.")
            return clip
        found = self._below(path)
        if found is not None:
            clip = self._of_folder(found.parent)
            return Shot(clip, clip.files.index(found))
        clip = self._clip(path.parent)
        number = re.search(r"(\d+)\D*$", path.stem)
        if clip is None or number is None:
            raise InputError(f"there is no frame {'/'.join(path.parts[-2:])!r} in {self._folder}.")
        index = int(number.group(1))
        if index >= clip.length:
            raise InputError(f"{clip.path} has {clip.length} frames, no frame {index}.")
        return Shot(clip, index)

    def _clip(self, path: PurePosixPath) -> Clip | None:
        if (clip := self._clips.get(path.name)) is not None:
            return clip
        return self._clips.get(path.stem) if path.suffix.lower() in VIDEOS else None

    def _below(self, path: PurePosixPath) -> Path | None:
        """The longest end of a path that exists below the folder."""
        parts = [part for part in path.parts if part not in ("/", "..", ".")]
        for first in range(len(parts)):
            candidate = self._folder.joinpath(*parts[first:])
            if candidate.is_file():
                return candidate
        return None

    def _of_folder(self, folder: Path) -> Clip:
        if (known := self._clips.get(folder.name)) is not None and known.path == folder:
            return known
        if folder not in self._folders:
            # CelebV keeps people apart by the folder above: Jack_Ma/Image/0001.jpg.
            name = folder.parent.name if folder.name.lower() == "image" else folder.name
            self._folders[folder] = Clip(name, person_of(name), folder)
        return self._folders[folder]


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a list by heading.

    Raises:
        InputError: it cannot be read, or lacks the columns source and driving.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            headings = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = headings
            rows = [
                {key: value or "" for key, value in row.items() if isinstance(key, str)}
                for row in reader
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path} cannot be read as a list of pairs: {error}.",
            hint="Give a CSV file with the columns source and driving.",
        ) from error
    if missing := [name for name in NAMES if name not in headings]:
        raise InputError(
            f"{path} has the columns {', '.join(headings) or 'none'}; "
            f"{' and '.join(missing)} missing.",
            hint="The first line has to name the columns: source,driving.",
        )
    return rows
