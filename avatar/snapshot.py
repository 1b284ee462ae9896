"""Snapshot: one picture of the result, as a PNG of its own."""

import os
from datetime import datetime
from pathlib import Path

from avatar.errors import OutputError
from avatar.frame import Image


def save(image: Image, folder: Path, now: datetime | None = None) -> Path:
    """Write a picture into a folder, which is made if need be; never over another file.

    Args:
        image: (H, W, 3) uint8 RGB.
        folder: where.
        now: the time in its name; None = now.

    Returns:
        The file, complete.

    Raises:
        OutputError: it cannot be written there.
    """
    from PIL import Image as Pillow

    stem = f"avatar-{now or datetime.now():%Y-%m-%d-%H%M%S}"
    part = folder / f".{stem}-{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            Pillow.fromarray(image).save(part, format="PNG")
            return _named(part, folder, stem)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"The snapshot cannot be written to {folder}: {error.strerror or error}.",
            hint="Choose another folder for snapshots, or free some space.",
        ) from error


def _named(part: Path, folder: Path, stem: str) -> Path:
    """Give the file the first name that is free."""
    number = 1
    while True:
        path = folder / (f"{stem}.png" if number == 1 else f"{stem}-{number}.png")
        try:
            path.touch(exist_ok=False)  # two at once cannot both have it
        except FileExistsError:
            number += 1
            continue
        try:
            os.replace(part, path)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return path
