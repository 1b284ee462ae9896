"""Where a result is written: the place is checked before work starts, and the file appears when
it is complete.

Until then it grows under a name of its own beside the wanted one (``clip.part.mp4``), so that a
crash loses nothing and an older file of the wanted name stays until the new one can replace it.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from avatar.errors import OutputError

log = logging.getLogger(__name__)

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv")
"""Video files that can be written."""

MINIMUM_FREE = 16 << 20
"""Bytes that must be free before a video is begun; a minute of 256x256 takes about 5 MB."""


def check_output(
    path: Path, *, inputs: Sequence[Path] = (), suffixes: Sequence[str] = VIDEO_SUFFIXES
) -> None:
    """Make sure that ``path`` can be written, before the work that would be lost otherwise.

    Args:
        path: the file to be written.
        inputs: files that are read for it; ``path`` must be none of them.
        suffixes: the file types that can be written.

    Raises:
        OutputError: it cannot; the message says why.
    """
    if path.suffix.lower() not in suffixes:
        raise OutputError(
            f"{path} has {f'the ending {path.suffix!r}' if path.suffix else 'no ending'}; "
            f"expected one of {', '.join(suffixes)}.",
            hint=f"Name it {path.with_suffix(suffixes[0]).name}." if path.name else "Name a file.",
        )
    folder = path.parent
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise OutputError(
            f"{path} cannot be written: {folder} {what}.",
            hint="Create the folder first, or name another one.",
        )
    if path.is_dir():
        raise OutputError(f"{path} is a folder.", hint="Name a file in it.")
    if path.exists():
        for other in inputs:
            if other.exists() and path.samefile(other):
                raise OutputError(
                    f"{path} is also an input, which would be overwritten.",
                    hint="Give the output another name.",
                )
        if not path.is_file() or not os.access(path, os.W_OK):
            raise OutputError(
                f"{path} exists and cannot be replaced.", hint="Give the output another name."
            )
    try:
        # Only trying tells: permission bits know nothing of read-only disks, quotas and Windows.
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint=f"Choose a folder you may write to, or change the rights of {folder}.",
        ) from error
    if free < MINIMUM_FREE:
        raise OutputError(
            f"{path} cannot be written: {free / 1e6:.0f} MB free in {folder}, "
            f"expected at least {MINIMUM_FREE / 1e6:.0f} MB.",
            hint="Free some space, or choose a folder on another disk.",
        )


def _create(path: Path) -> BinaryIO:
    return open(path, "x+b")


class PartFile:
    """A file under a temporary name beside its final one; the object a container is written to.

    After the first write that fails (full disk) it ignores all others, so that what is on disk
    stays as it was: a container that is written in fragments is then playable.

    Attributes:
        path: the temporary name.
        final: the name it gets by :meth:`finish`.
        error: the first write error; None while all is well.
    """

    def __init__(self, final: Path, opener: Callable[[Path], BinaryIO] = _create) -> None:
        """Create the temporary file.

        Raises:
            OutputError: it cannot be created.
        """
        self.final = final
        self.error: OSError | None = None
        self.path = final.with_name(f"{final.stem}.part{final.suffix}")
        number = 1
        while True:
            try:
                self._file = opener(self.path)
                return
            except FileExistsError:  # another recording, or what a crash left: not ours to touch
                number += 1
                self.path = final.with_name(f"{final.stem}.part{number}{final.suffix}")
            except OSError as error:
                raise OutputError(
                    f"{final} cannot be written: {error.strerror or error}.",
                    hint="Choose another folder or a shorter name.",
                ) from error

    @property
    def closed(self) -> bool:
        """Whether it was finished or discarded; PyAV asks before it writes a late trailer."""
        return self._file.closed

    def write(self, data: bytes) -> int:
        """Write, or pretend to once a write has failed; the number of bytes taken."""
        if self.error is None:
            try:
                self._file.write(data)
                self._file.flush()  # a crash of this process then loses no whole fragment
            except OSError as error:
                self.error = error
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; the new position in bytes."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """The position in bytes."""
        return self._file.tell()

    def finish(self, *, replace: bool = True) -> Path:
        """Close it and give it its final name; where it is now.

        Args:
            replace: whether an older file of the final name gives way; if not, and there is one,
                the temporary name stays.

        Raises:
            OutputError: it cannot be renamed; the temporary file is kept and named.
        """
        self._close()
        if not replace and self.final.exists():
            return self.path
        try:
            os.replace(self.path, self.final)
        except OSError as error:
            raise OutputError(
                f"{self.final} cannot be replaced: {error.strerror or error}.",
                hint=f"The result is complete in {self.path}; rename it by hand.",
            ) from error
        return self.final

    def discard(self) -> None:
        """Close it and remove it."""
        self._close()
        with suppress(FileNotFoundError):
            self.path.unlink()

    def _close(self) -> None:
        try:
            self._file.close()
        except OSError as error:  # the last buffered bytes did not fit
            self.error = self.error or error
            log.warning("closing %s: %s", self.path, error)
