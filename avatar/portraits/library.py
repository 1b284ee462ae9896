"""Library: the portraits to choose from, bundled ones and the user's own.

The user's are copies in the user data folder, so that nothing depends on a picture on a memory
stick; the originals are never touched. Methods read and write files: call them off the GUI thread,
from any thread.
"""

import logging
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from avatar import picture
from avatar.errors import InputError, NoFaceError, OutputError, UsageError
from avatar.frame import Image, Portrait
from avatar.places import data_dir
from avatar.portraits.album import Album
from avatar.portraits.catalogue import SUFFIXES, Box, Record
from avatar.portraits.digest import digest_of, digest_of_file
from avatar.portraits.entry import Brought, Entry, Removed
from avatar.portraits.portrait import bundled, cut_portrait, file_box, find_portrait, known_box
from avatar.portraits.suitability import RULES
from avatar.tracker import FaceTracker

log = logging.getLogger(__name__)


def user_folder() -> Path:
    """Where the user's portraits are; may not exist yet."""
    return data_dir() / "portraits"


class Library:
    """The portraits of one folder, and the bundled ones before them.

    Args:
        folder: of the user's portraits; None = :func:`user_folder`.
        shipped: the bundled pictures; None = those of the package.
    """

    def __init__(self, folder: Path | None = None, shipped: Sequence[Path] | None = None) -> None:
        self._album = Album(user_folder() if folder is None else folder, RULES)
        self._shipped = list(bundled() if shipped is None else shipped)

    def notices(self) -> list[str]:
        """What to tell the user about reading the library; each once."""
        return self._album.notices()

    def entries(self) -> list[Entry]:
        """Every portrait: the bundled ones, then the user's in the order they were added."""
        known = self._album.read()
        crops = {record.file: record for record in known.bundled}
        shipped = [
            _entry(path, crops.get(path.name) or _shipped_record(path), own=False)
            for path in self._shipped
        ]
        return shipped + [_entry(self._album.folder / record.file, record) for record in known.own]

    def entry(self, path: Path) -> Entry | None:
        """The portrait of a file; None where the library has no such file."""
        return next((entry for entry in self.entries() if entry.path == path), None)

    def portrait(self, entry: Entry, *, fresh: bool = False) -> tuple[Portrait, Entry]:
        """Read a portrait, cut as its entry says.

        The face is looked for only if nobody did before, or ``fresh``; what is found is remembered.

        Returns:
            The portrait, and its entry as it is now.

        Raises:
            InputError: its file is gone or damaged. NoFaceError where no face is in it.
        """
        read = picture.read(entry.path)
        record = None if entry.guest else self._record(entry.path)
        if entry.square is not None and not fresh and record is not None and _looked_at(record):
            return cut_portrait(read, entry.square, entry.name, entry.warnings), entry
        portrait = find_portrait(read, entry.path.name, None, not entry.whole, entry.box)
        portrait = replace(portrait, name=entry.name)
        found = file_box(portrait, read)
        if record is not None:
            digest = "" if fresh else record.digest  # the file may have been painted over
            record = replace(record, found=found, warnings=portrait.warnings, digest=digest)
            try:
                self._remember(entry.path, record)
            except OutputError as error:
                log.warning("what was found is not remembered: %s", error)
        return portrait, replace(entry, found=found, warnings=portrait.warnings)

    def bring(
        self,
        path: Path,
        *,
        name: str = "",
        whole: bool = False,
        tracker: FaceTracker | None = None,
    ) -> Brought:
        """Add a picture file, unless it is there already, and read it.

        Args:
            path: of the picture; it is copied and never changed.
            name: what to call it; empty = like its file.
            whole: take its centre square as it is.
            tracker: see :func:`avatar.portraits.portrait.load_portrait`.

        Raises:
            InputError: it is no picture. NoFaceError where no face is in it. Nothing was added.
        """
        listed = self.entry(path)
        read = picture.read(path)
        digest = "" if listed else digest_of(read.image)
        listed = listed or self._same(digest)
        if listed is not None:
            if whole and not listed.whole:
                listed = self.choose_crop(listed, None, whole=True)
            portrait, listed = self.portrait(listed)
            return Brought(listed, portrait, new=False)
        portrait = find_portrait(read, path.name, tracker, not whole)
        found = file_box(portrait, read)
        record = Record(path.name, name or path.stem, digest, None, whole, found, portrait.warnings)

        def copy(target: Path) -> None:
            if path.suffix.lower() in SUFFIXES:
                shutil.copyfile(path, target)
            else:
                _save(target, read.image)

        try:
            record, new = self._album.keep(record, copy)
        except OutputError as error:
            log.warning("%s is not kept: %s", path, error)
            guest = replace(_entry(path.absolute(), record, own=False), guest=True)
            return Brought(guest, replace(portrait, name=record.name), new=True, refused=error)
        entry = _entry(self._album.folder / record.file, record)
        return Brought(entry, replace(portrait, name=entry.name), new)

    def bring_image(self, image: Image, name: str, *, whole: bool = False) -> Brought:
        """Add a picture that is no file: pasted, or dragged out of a browser.

        Args:
            image: (H, W, 3) uint8 RGB, or (H, W, 4) with alpha; it is kept as PNG.
            name: what to call it.
            whole: take its centre square as it is.

        Raises:
            InputError: it is empty or too large. NoFaceError where no face is in it.
            OutputError: it cannot be kept. Nothing was added.
        """
        if image.ndim != 3 or image.shape[2] not in (3, 4) or image.size == 0:
            raise InputError(
                f"Got a picture of the shape {image.shape}; expected height, width and 3 or 4.",
                hint="Save it as a file and open that.",
            )
        if image.shape[0] * image.shape[1] > picture.MOST_PIXELS:
            raise InputError(
                f"The picture has {image.shape[1]} x {image.shape[0]} pixels; at most "
                f"{picture.MOST_PIXELS // 1_000_000} million are taken.",
                hint="Scale it down first; 1024 pixels are plenty.",
            )
        try:
            with tempfile.TemporaryDirectory(prefix="avatar-") as folder:
                path = Path(folder) / "picture.png"
                _save(path, image)
                brought = self.bring(path, name=name, whole=whole)
        except OSError as error:
            raise OutputError(
                f"The picture cannot be kept: {error.strerror or error}.",
                hint="Make room on the disk.",
            ) from error
        if brought.refused is not None:
            raise brought.refused
        return brought

    def square_of_face(self, entry: Entry, read: picture.Picture) -> Box | None:
        """The square that looking for the face gives, whatever the user chose; None without a face.

        Args:
            entry: the portrait.
            read: its picture.
        """
        automatic = entry.box is None and not entry.whole
        if automatic and entry.found is not None:
            return entry.found
        if (known := known_box(entry.path)) is not None:
            return known
        try:
            return file_box(find_portrait(read, entry.path.name), read)
        except NoFaceError:
            return None

    def rename(self, entry: Entry, name: str) -> Entry:
        """Call one of the user's portraits by another name; numbered if another has it.

        Raises:
            UsageError: no name, or a portrait that is not the user's.
            OutputError: it cannot be written down; the old name stays.
        """
        self._check_own(entry, "renamed")
        return _entry(entry.path, self._album.rename(entry.path.name, name))

    def remove(self, entry: Entry) -> Removed:
        """Take one of the user's portraits away; :meth:`restore` undoes it.

        Raises:
            UsageError: a portrait that is not the user's.
            OutputError: it cannot be moved; it stays.
        """
        self._check_own(entry, "removed")
        return Removed(entry, self._album.remove(entry.path.name))

    def restore(self, removed: Removed) -> Entry:
        """Bring a removed portrait back to its place.

        Raises:
            InputError: its picture is gone.
            OutputError: it cannot be moved.
        """
        record = self._album.restore(removed.taken)
        return _entry(self._album.folder / record.file, record)

    def choose_crop(self, entry: Entry, box: Box | None, *, whole: bool = False) -> Entry:
        """Remember the square the user chose for a portrait; None = look for the face.

        Raises:
            UsageError: the library has no such portrait.
            OutputError: it cannot be written down; the old one stays.
        """
        whole = whole and box is None
        if entry.guest:
            return replace(entry, box=box, whole=whole, found=None, warnings=())
        record = self._record(entry.path)
        if record is None:
            raise UsageError(f"{entry.name} is not in the library.", hint="Add it first.")
        found = None if entry.own or box or whole else known_box(entry.path)
        looked = () if found else None
        record = replace(record, box=box, whole=whole, found=found, warnings=looked)
        self._remember(entry.path, record)
        return _entry(entry.path, record, own=entry.own)

    # -- inside -----------------------------------------------------------------------------------

    def _record(self, path: Path) -> Record | None:
        known = self._album.read()
        if path in self._shipped:
            crops = {record.file: record for record in known.bundled}
            return crops.get(path.name) or _shipped_record(path)
        if path.parent != self._album.folder:
            return None
        return next((record for record in known.own if record.file == path.name), None)

    def _remember(self, path: Path, record: Record) -> None:
        if path in self._shipped:
            self._album.change_bundled(record)
        else:
            self._album.change(path.name, lambda old: replace(record, file=old.file, name=old.name))

    def _same(self, digest: str) -> Entry | None:
        """The portrait with these pixels; pictures that nobody looked at yet are read for it."""
        for record in self._album.learn(digest_of_file).own:
            if record.digest == digest:
                return _entry(self._album.folder / record.file, record)
        same = next((path for path in self._shipped if digest_of_file(path) == digest), None)
        return None if same is None else self.entry(same)

    def _check_own(self, entry: Entry, what: str) -> None:
        if not entry.own:
            raise UsageError(
                f"{entry.name} ships with the app and cannot be {what}."
                if not entry.guest
                else f"{entry.name} is not kept in the library and cannot be {what}.",
                hint="Your own portraits can be.",
            )


def _entry(path: Path, record: Record, *, own: bool = True) -> Entry:
    warnings = record.warnings or ()
    return Entry(path, record.name, own, False, record.box, record.whole, record.found, warnings)


def _shipped_record(path: Path) -> Record:
    box = known_box(path)
    return Record(path.name, path.stem, found=box, warnings=None if box is None else ())


def _looked_at(record: Record) -> bool:
    return record.warnings is not None


def _save(path: Path, image: Image) -> None:
    from PIL import Image as Pillow

    Pillow.fromarray(image).save(path, "PNG", compress_level=2)
