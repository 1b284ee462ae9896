"""Album: a folder of the user's portraits. It knows files and names, no faces.

What is removed lies in a folder inside until a later start, so that removing can be undone. Methods
read and write files; any thread may call them.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from avatar.errors import InputError, OutputError, UsageError
from avatar.portraits import catalogue
from avatar.portraits.catalogue import SUFFIXES, Catalogue, Record, replacing

log = logging.getLogger(__name__)

LONGEST_NAME = 60
TRASH = "trash"
TRASH_S = 3600.0
"""What another run removed longer ago than this, in seconds, is deleted when the album is opened;
another window may still want to undo what is newer."""

_removed_here: set[Path] = set()
"""What this run removed stays until the next one, however often the album is opened."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A portrait that was removed: its record, its place among the others, and where it lies."""

    record: Record
    place: int
    kept: Path


class Album:
    """The user's portraits, in the order in which they were added.

    Args:
        folder: where they are; may not exist yet.
        judged: version of the rules behind the warnings in the records.
    """

    def __init__(self, folder: Path, judged: int) -> None:
        self.folder = folder
        self._judged = judged
        self._lock = threading.RLock()
        self._notices: list[str] = []
        self._empty_trash()

    def notices(self) -> list[str]:
        """What to tell the user about reading the album; each once."""
        with self._lock:
            told, self._notices = self._notices, []
            return told

    def read(self) -> Catalogue:
        """What is in it now."""
        with self._lock:
            known = catalogue.read(self.folder, self._judged)
            if known.notice and known.notice not in self._notices:
                self._notices.append(known.notice)
            return known

    def change(self, file: str, change: Callable[[Record], Record]) -> Record:
        """Write down a changed record.

        Raises:
            UsageError: there is no such portrait.
            OutputError: it cannot be written; the old one stays.
        """
        with self._lock:
            known = self.read()
            new = change(known.own[self._place(known, file)])
            self._write(replace(known, own=tuple(new if r.file == file else r for r in known.own)))
            return new

    def change_bundled(self, record: Record) -> None:
        """Write down what is known of a bundled portrait.

        Raises:
            OutputError: it cannot be written; the old one stays.
        """
        with self._lock:
            known = self.read()
            others = tuple(r for r in known.bundled if r.file != record.file)
            self._write(replace(known, bundled=(*others, record)))

    def learn(self, digest_of: Callable[[Path], str]) -> Catalogue:
        """The catalogue with the digest of every picture; missing ones are made now."""
        with self._lock:
            known = self.read()
            if all(record.digest for record in known.own):
                return known
            own = tuple(
                r if r.digest else replace(r, digest=digest_of(self.folder / r.file))
                for r in known.own
            )
            known = replace(known, own=own)
            try:
                self._write(known)
            except OutputError as error:
                log.warning("digests are not remembered: %s", error)
            return known

    def keep(self, record: Record, fill: Callable[[Path], object]) -> tuple[Record, bool]:
        """Add a picture: its file and its record, or neither.

        Args:
            record: what is known of it; its file and name are numbered if others have them.
            fill: writes the picture to a path; may raise OSError.

        Returns:
            Its record, and whether it is new: one with the same digest stays the only one.

        Raises:
            OutputError: it cannot be written; everything is as it was.
        """
        with self._lock:
            known = self.read()
            for old in known.own:
                if old.digest and old.digest == record.digest:
                    return old, False
            file = self._free_file(record.file, known)
            name = _free_name(cleaned(record.name) or Path(file).stem, known)
            record = replace(record, file=file, name=name)
            target = self.folder / file
            with replacing(target) as temporary:
                fill(temporary)
            try:
                self._write(replace(known, own=(*known.own, record)))
            except OutputError:
                target.unlink(missing_ok=True)
                raise
            return record, True

    def rename(self, file: str, name: str) -> Record:
        """Call a portrait by another name; numbered if another has it. The file keeps its own.

        Raises:
            UsageError: no such portrait, or no name.
            OutputError: it cannot be written down; the old name stays.
        """
        if not (clean := cleaned(name)):
            raise UsageError("A portrait needs a name.", hint="Type at least one letter.")
        with self._lock:
            known = self.read()
            others = tuple(r for r in known.own if r.file != file)
            free = _free_name(clean, replace(known, own=others))
            return self.change(file, lambda old: replace(old, name=free))

    def remove(self, file: str) -> Removed:
        """Take a portrait away; :meth:`restore` undoes it.

        Raises:
            UsageError: there is no such portrait.
            OutputError: it cannot be moved; it stays.
        """
        with self._lock:
            known = self.read()
            place = self._place(known, file)
            kept = self.folder / TRASH / f"{uuid4().hex[:8]}-{file}"
            self._move(self.folder / file, kept)
            _removed_here.add(kept)
            try:
                self._write(replace(known, own=known.own[:place] + known.own[place + 1 :]))
            except OutputError:
                self._move(kept, self.folder / file)
                raise
            return Removed(known.own[place], place, kept)

    def restore(self, removed: Removed) -> Record:
        """Bring a removed portrait back to its place.

        Raises:
            InputError: its picture is gone.
            OutputError: it cannot be moved.
        """
        with self._lock:
            if not removed.kept.is_file():
                raise InputError(
                    f"{removed.record.name} cannot be brought back: its picture is gone.",
                    hint="Add the picture again.",
                )
            known, place = self.read(), removed.place
            file = self._free_file(removed.record.file, known)
            record = replace(removed.record, file=file, name=_free_name(removed.record.name, known))
            self._move(removed.kept, self.folder / file)
            try:
                self._write(replace(known, own=(*known.own[:place], record, *known.own[place:])))
            except OutputError:
                self._move(self.folder / file, removed.kept)
                raise
            return record

    # -- inside -----------------------------------------------------------------------------------

    def _write(self, known: Catalogue) -> None:
        catalogue.write(self.folder, known, self._judged)

    def _place(self, known: Catalogue, file: str) -> int:
        for place, record in enumerate(known.own):
            if record.file == file:
                return place
        raise UsageError(f"There is no portrait {file}.", hint="It may have been removed.")

    def _free_file(self, wanted: str, known: Catalogue) -> str:
        """A file name like the wanted one that no portrait has, whatever its ending or case."""
        suffix = Path(wanted).suffix.lower()
        suffix = suffix if suffix in SUFFIXES else ".png"
        stems = {Path(record.file).stem.casefold() for record in known.own}
        stem = _numbered(
            _file_stem(Path(wanted).stem),
            lambda n: n.casefold() in stems or (self.folder / (n + suffix)).exists(),
        )
        return stem + suffix

    def _move(self, path: Path, target: Path) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        except OSError as error:
            raise OutputError(
                f"{path.name} cannot be moved: {error.strerror or error}.",
                hint=f"Check the permissions of {self.folder}.",
            ) from error

    def _empty_trash(self) -> None:
        trash, now = self.folder / TRASH, time.time()
        try:
            for path in trash.iterdir() if trash.is_dir() else ():
                if path not in _removed_here and now - path.stat().st_ctime > TRASH_S:
                    path.unlink()
        except OSError as error:
            log.warning("%s cannot be emptied: %s", trash, error)


def cleaned(name: str) -> str:
    """A name in one line without control characters, at most LONGEST_NAME long; may be empty."""
    line = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return line[:LONGEST_NAME].strip()


def _free_name(wanted: str, known: Catalogue) -> str:
    names = {record.name.casefold() for record in known.own}
    return _numbered(wanted, lambda name: name.casefold() in names)


def _numbered(name: str, taken: Callable[[str], bool]) -> str:
    """``name``, or ``name (2)`` and so on, whichever is the first that is not taken."""
    if not taken(name):
        return name
    number = 2
    while taken(f"{name} ({number})"):
        number += 1
    return f"{name} ({number})"


def _file_stem(name: str) -> str:
    """A name as a file's on every system: no separators, no leading dot, not too long."""
    kept = "".join(c if c.isalnum() or c in " -_()" else "_" for c in name)
    return kept[:LONGEST_NAME].strip() or "portrait"
