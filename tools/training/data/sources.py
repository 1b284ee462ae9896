"""The clips in a folder: what they are called, who is in them, which split they belong to.

A clip is a video, or a folder of frames in the order of the numbers in their names. They may lie
at any depth. Sub-folders ``train`` and ``test`` (or ``val``) are the official layout, in which the
splits are told by the folder; what else lies beside them is not looked at.
"""

import hashlib
import logging
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from avatar.errors import InputError, UsageError
from tools.evaluation.clips import MANIFEST, PICTURES, VIDEOS, numbers_in, read_manifest

log = logging.getLogger(__name__)

TRAIN, VAL = "train", "val"
VALIDATION = ("val", "validation", "test")
"""What the split that is not trained on may be called."""

_VOXCELEB = re.compile(r"^(id\d{5})(?!\d)")


@dataclass(frozen=True)
class Source:
    """A clip as it lies on the disk.

    Attributes:
        name: its path below the folder, without a video's suffix: unique.
        identity: who is in it.
        split: "train" or "val"; None: nobody said.
        path: a video, or a folder of frames.
        landmarks: MediaPipe's points of all frames, if they lie beside it.
        fps: as a manifest says; None: as the video says.
    """

    name: str
    identity: str
    split: str | None
    path: Path
    landmarks: Path | None = None
    fps: float | None = None

    def files(self) -> list[Path]:
        """The frames of a folder in order; empty for a video."""
        if not self.path.is_dir():
            return []
        with os.scandir(self.path) as entries:
            found = [Path(e.path) for e in entries if _suffix(e) in PICTURES and e.name[0] != "."]
        return sorted(found, key=lambda path: numbers_in(path.name))


def find_sources(folder: Path) -> list[Source]:
    """The clips below a folder, by name.

    Raises:
        InputError: no such folder, no clips, two of one name, or a manifest that is none.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder; expected one with videos or folders of frames.",
            hint="Name the training data: --data FOLDER.",
        )
    found: dict[str, Source] = {}
    for root, split in _roots(folder):
        known = read_manifest(root / MANIFEST) or read_manifest(folder / MANIFEST)
        for path, name in _clips(root):
            entry = known.get(name) or known.get(PurePosixPath(name).name) or {}
            label = name if split is None else f"{root.name}/{name}"
            if label in found:
                raise InputError(
                    f"{folder} has two clips called {label}: {found[label].path.name} and "
                    f"{path.name}.",
                    hint="Keep one of them.",
                )
            points = path.with_name(PurePosixPath(name).name + ".npz")
            fps = entry.get("fps")
            found[label] = Source(
                label,
                str(entry["person"]) if "person" in entry else identity_of(name),
                split or _split_of(entry.get("split")),
                path,
                points if points.is_file() else None,
                float(fps) if isinstance(fps, int | float) and fps > 0 else None,
            )
    if not found:
        raise InputError(
            f"{folder} has no clips: no video ({', '.join(VIDEOS)}) and no folder of frames "
            f"({', '.join(PICTURES)}), at any depth.",
            hint="Name the folder in which the clips lie: --data FOLDER.",
        )
    return sorted(found.values(), key=lambda source: source.name)


def identity_of(name: str) -> str:
    """VoxCeleb's ``id10283`` where a part of the path begins with it, else the clip itself."""
    for part in PurePosixPath(name).parts:
        if found := _VOXCELEB.match(part):
            return found.group(1)
    return name


def divide(sources: Sequence[Source], validation: float) -> list[Source]:
    """Give each clip a split.

    Where nobody said, the identities whose name's hash is in the lowest ``validation`` part of all
    hashes are for validation: others do not change sides when people are added. At least one
    identity comes to each side.

    Raises:
        UsageError: a single identity, which cannot be on both sides.
    """
    if any(source.split for source in sources):
        # Somebody said, and whoever was not mentioned is trained on.
        return [replace(source, split=source.split or TRAIN) for source in sources]
    names = sorted({source.identity for source in sources}, key=place)
    held = {name for name in names if place(name) < validation}
    if validation > 0:
        if len(names) < 2:
            raise UsageError(
                f"All {len(sources)} clips show one identity ({names[0]}), and data.validation is "
                f"{validation}; expected at least 2, of whom one is never trained on.",
                hint="Add people, or go without validation: --set data.validation=0.",
            )
        held = (held or {names[0]}) - {names[-1]}
    return [replace(s, split=VAL if s.identity in held else TRAIN) for s in sources]


def place(identity: str) -> float:
    """A number in [0, 1) that depends on nothing but the name."""
    digest = hashlib.sha256(identity.encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56


def _roots(folder: Path) -> list[tuple[Path, str | None]]:
    if not (folder / "train").is_dir():
        return [(folder, None)]
    others = [(folder / name, VAL) for name in VALIDATION if (folder / name).is_dir()]
    return [(folder / "train", TRAIN), *others]


def _split_of(said: object) -> str | None:
    if said is None:
        return None
    return VAL if str(said).lower() in VALIDATION else TRAIN


def _clips(root: Path) -> Iterator[tuple[Path, str]]:
    """Every clip below a folder with its name."""
    seen: set[str] = set()
    for at, folders, _ in os.walk(root, followlinks=True):
        here = Path(at)
        real = os.path.realpath(here)
        if real in seen:  # a link that leads back up
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        with os.scandir(here) as entries:
            files = [e for e in entries if e.is_file() and not e.name.startswith(".")]
        videos = sorted(entry.name for entry in files if _suffix(entry) in VIDEOS)
        below = here.relative_to(root)
        for name in videos:
            yield here / name, (below / name).with_suffix("").as_posix()
        if any(_suffix(entry) in PICTURES for entry in files):
            if videos:
                log.info("%s: there are videos in it, so its pictures are no clip", here)
            else:
                yield here, below.as_posix() if here != root else root.name


def _suffix(entry: os.DirEntry[str]) -> str:
    return os.path.splitext(entry.name)[1].lower()
