"""Writing a small file so that a reader, or a crash, never meets half of it."""

import contextlib
import os
import tempfile
from pathlib import Path

from avatar.errors import OutputError


def write(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path`` in one step, making its folder if need be.

    It is written beside the file, forced to the disk, then renamed over it: two programs that
    write at once leave the whole content of one of them.

    Raises:
        OutputError: the folder cannot be made or written, or the disk is full.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint="Check that its folder is writable and that the disk has space.",
        ) from error
