"""Catalogue: the index file of a folder of portraits.

The pictures are the truth, the index says what they do not: their order, names and crops. So one
that is lost or damaged costs names and crops, never a picture.
"""

import contextlib
import json
import logging
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

from avatar.errors import OutputError

log = logging.getLogger(__name__)

INDEX = "index.json"
VERSION = 1
SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".gif", ".jfif"}
)
"""Of files that are taken for pictures, in lower case."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a picture.

    Attributes:
        file: its name in the folder; of a bundled one, its name in the package.
        name: what it is called.
        digest: of its pixels, to know it again; empty while nobody needed it.
        box: the square the user chose, x0 y0 x1 y1 in pixels of the file, upright; None = the
            face's.
        whole: the centre square is taken as it is, because there is no face to look for.
        found: the square that looking for the face gave, in the same pixels.
        warnings: why it animates badly; None while nobody looked.
    """

    file: str
    name: str
    digest: str = ""
    box: Box | None = None
    whole: bool = False
    found: Box | None = None
    warnings: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Records in the order in which their pictures were added; those of bundled ones apart.

    Attributes:
        own, bundled: see above.
        notice: what to tell the user about reading it; empty when all was well.
    """

    own: tuple[Record, ...] = ()
    bundled: tuple[Record, ...] = ()
    notice: str = field(default="", compare=False)


def read(folder: Path, judged: int) -> Catalogue:
    """The catalogue of a folder, true to the pictures that are in it now.

    Args:
        folder: may not exist.
        judged: version of the rules behind warnings; those of another one are forgotten.
    """
    path, notice = folder / INDEX, ""
    known = Catalogue()
    try:
        known = _parsed(path.read_text("utf-8"), judged)
    except FileNotFoundError:
        pass
    except OSError as error:
        notice = (
            f"The list of your portraits cannot be read ({error.strerror or error}); names and "
            "crops are missing until it can."
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        log.warning("%s is damaged: %s", path, error)
        aside = _set_aside(path)
        notice = "The list of your portraits was damaged and is made anew from the pictures. " + (
            f"The damaged one is kept as {aside.name}." if aside else "It could not be set aside."
        )
    files = _pictures(folder)
    own = [record for record in known.own if record.file in files]
    listed = {record.file for record in own}
    own += [Record(name, Path(name).stem) for name in files if name not in listed]
    return replace(known, own=tuple(own), notice=notice)


def write(folder: Path, catalogue: Catalogue, judged: int) -> None:
    """Put a catalogue in the place of the old one, whole or not at all.

    Raises:
        OutputError: it cannot be written; the old one is as it was.
    """
    content = {
        "version": VERSION,
        "judged": judged,
        "portraits": [_dumped(record) for record in catalogue.own],
        "bundled": [_dumped(record) for record in catalogue.bundled],
    }
    with replacing(folder / INDEX) as new:
        new.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")


@contextlib.contextmanager
def replacing(path: Path) -> Any:
    """A file beside ``path`` to be written, which takes its place if all goes well.

    Raises:
        OutputError: it cannot be written (a full disk, a folder that may not be changed).
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise OutputError(
            f"{path.parent} cannot be written to: {error.strerror or error}.",
            hint="Make room on the disk, or check the permissions of that folder.",
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def _pictures(folder: Path) -> list[str]:
    """Names of the pictures in a folder, oldest first."""
    try:
        found = [
            (entry.stat().st_mtime_ns, entry.name)
            for entry in os.scandir(folder)
            if Path(entry.name).suffix.lower() in SUFFIXES
            and not entry.name.startswith(".")
            and entry.is_file()
        ]
    except OSError:
        return []
    return [name for _, name in sorted(found)]


def _set_aside(path: Path) -> Path | None:
    for number in range(1, 100):
        aside = path.with_name(f"index.damaged-{number}.json")
        if not aside.exists():
            with contextlib.suppress(OSError):
                return path.rename(aside)
            return None
    return None


def _parsed(text: str, judged: int) -> Catalogue:
    content = json.loads(text)
    if content["version"] != VERSION:
        raise ValueError(f"version {content['version']!r}, expected {VERSION}")
    same = content.get("judged") == judged
    return Catalogue(
        tuple(_record(one, same) for one in _unique(content["portraits"])),
        tuple(_record(one, same) for one in _unique(content["bundled"])),
    )


def _unique(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({record["file"]: record for record in records}.values())


def _record(one: dict[str, Any], judged: bool) -> Record:
    file, name, digest = one["file"], one["name"], one.get("digest", "")
    if not all(isinstance(text, str) for text in (file, name, digest)):
        raise TypeError(f"a record of {file!r} with the name {name!r}")
    if not file or Path(file).name != file or not name.strip():
        raise ValueError(f"a record of {file!r} with the name {name!r}")
    warnings = one.get("warnings")
    if warnings is not None:
        warnings = tuple(str(sentence) for sentence in warnings) if judged else None
    whole = bool(one.get("whole", False))
    return Record(file, name, digest, _box(one.get("box")), whole, _box(one.get("found")), warnings)


def _box(value: Any) -> Box | None:
    if value is None:
        return None
    x0, y0, x1, y1 = (float(v) for v in value)
    if not (all(map(isfinite, (x0, y0, x1, y1))) and x1 > x0 and y1 > y0):
        raise ValueError(f"the box {value!r}")
    return x0, y0, x1, y1


def _dumped(record: Record) -> dict[str, Any]:
    return {
        "file": record.file,
        "name": record.name,
        "digest": record.digest,
        "box": record.box,
        "whole": record.whole,
        "found": record.found,
        "warnings": record.warnings,
    }
