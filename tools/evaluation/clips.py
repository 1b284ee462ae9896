"""The clips that are measured on: videos, or folders of frames, and who is in them.

A clip is square already, cropped to head and shoulders with a box that stands still, as the
training data of these networks is. People come from ``manifest.json`` in the folder (a list of
objects with ``name``, and if known ``person`` and ``split``), else from VoxCeleb's names
(``id10283#...``), else every clip counts as a person of its own.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from avatar import picture
from avatar.errors import InputError, SourceError
from avatar.frame import CROP_SIZE, Image
from avatar.sources.file import FileSource

VIDEOS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
MANIFEST = "manifest.json"

_VOXCELEB = re.compile(r"(id\d{5})\b")


@dataclass(frozen=True)
class Clip:
    """One clip.

    Attributes:
        name: the file's stem, or the frame folder's name.
        person: who is in it; no two people have the same.
        path: a video, or a folder of frames in the order of their names.
    """

    name: str
    person: str
    path: Path

    @cached_property
    def files(self) -> list[Path]:
        """The frames of a folder, numbers in their names in the order of numbers; empty for a
        video."""
        if not self.path.is_dir():
            return []
        found = [p for p in self.path.iterdir() if p.suffix.lower() in PICTURES]
        return sorted(found, key=lambda p: numbers_in(p.name))

    @cached_property
    def length(self) -> int:
        """How many frames it has; a video is decoded to the end to count them.

        Raises:
            InputError: it cannot be read.
        """
        return len(self.files) or sum(1 for _ in self._decoded())

    def frames(self, wanted: Collection[int]) -> dict[int, Image]:
        """Some frames by their number, (256, 256, 3) uint8 RGB, read-only.

        Raises:
            InputError: it cannot be read, has fewer frames, or they are not square.
        """
        found: dict[int, Image] = {}
        if self.files:
            for index in sorted(set(wanted)):
                if index < len(self.files):
                    found[index] = self._fitted(picture.read(self.files[index]).image)
        else:
            last = max(wanted, default=-1)
            for index, image in enumerate(self._decoded()):
                if index > last:
                    break
                if index in wanted:
                    found[index] = self._fitted(image)
        if missing := sorted(set(wanted) - set(found)):
            raise InputError(
                f"{self.path} has no frame {missing[0]}: frame {max(found, default=0)} is the last "
                "that was found of those wanted.",
                hint="Check that the list of pairs belongs to these clips.",
            )
        return found

    def _decoded(self) -> Iterator[Image]:
        source = FileSource(self.path, paced=False)
        try:
            source.open()
            while (frame := source.read()) is not None:
                yield frame.image
        except SourceError as error:
            raise InputError(error.message, hint=error.hint) from error
        finally:
            source.close()

    def _fitted(self, image: Image) -> Image:
        import cv2

        height, width = image.shape[:2]
        if height != width:
            raise InputError(
                f"{self.path} is {width} x {height} pixels; expected a square around the head.",
                hint="Crop the clips first: python -m tools.crop_video.",
            )
        if width != CROP_SIZE:
            way = cv2.INTER_AREA if width > CROP_SIZE else cv2.INTER_LINEAR
            image = np.asarray(cv2.resize(image, (CROP_SIZE, CROP_SIZE), interpolation=way))
            image = image.astype(np.uint8, copy=False)
        image.flags.writeable = False
        return image


def find_clips(folder: Path, split: str | None = None) -> list[Clip]:
    """The clips in a folder, by name.

    Args:
        folder: with videos or frame folders; ``manifest.json`` beside them or one level up.
        split: only those of this split of the manifest.

    Raises:
        InputError: no such folder, no clips, no manifest where a split is asked for, or two clips
            of one name.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder.", hint="Give the folder with the clips, or with frames."
        )
    known = read_manifest(folder / MANIFEST)
    if split is not None and not known:
        raise InputError(
            f"{folder} has no {MANIFEST}, so nobody knows which clips are in the split {split!r}.",
            hint="Leave --split out, or give the folder of that split.",
        )
    clips: dict[str, Clip] = {}
    for path in sorted(folder.iterdir()):
        if not _is_clip(path):
            continue
        # A frame folder may be called like the video that it came from.
        name = path.stem if path.suffix.lower() in VIDEOS else path.name
        entry = known.get(name, {})
        if split is not None and entry.get("split") != split:
            continue
        if name in clips:
            raise InputError(
                f"{folder} has two clips called {name}: {clips[name].path.name} and {path.name}.",
                hint="Keep one of them.",
            )
        clips[name] = Clip(name, str(entry.get("person", person_of(name))), path)
    if not clips:
        where = f" of the split {split!r}" if split is not None else ""
        raise InputError(
            f"{folder} has no clips{where}: no video ({', '.join(VIDEOS)}) and no folder of "
            f"frames ({', '.join(PICTURES)}).",
            hint="Give the folder in which the clips lie.",
        )
    return list(clips.values())


def read_manifest(path: Path) -> dict[str, dict[str, object]]:
    """What a manifest says, by clip name; empty where there is none.

    Raises:
        InputError: it is no list of objects with names.
    """
    if not path.is_file():
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {str(entry["name"]): dict(entry) for entry in entries}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{path} cannot be used: {error}. Expected a list of objects with a name.",
            hint="Correct it, or move it away.",
        ) from error


def person_of(name: str) -> str:
    """Who is in a clip, by its name: VoxCeleb's ``id10283``, else the clip itself."""
    found = _VOXCELEB.match(name)
    return found.group(1) if found else name


def numbers_in(name: str) -> list[tuple[int, str]]:
    """A sort key in which 10 follows 9."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _is_clip(path: Path) -> bool:
    if path.is_dir():
        return any(p.suffix.lower() in PICTURES for p in path.iterdir())
    return path.suffix.lower() in VIDEOS
