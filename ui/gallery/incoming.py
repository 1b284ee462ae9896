"""Incoming: what was pasted, or dropped on the window, as far as it can be a portrait or a driver.

Nothing is ever downloaded: an address on the web is only recognised, so that the user is told why
nothing happens.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PyQt6.QtCore import QMimeData
from PyQt6.QtGui import QImage

from avatar.errors import InputError
from avatar.frame import Image
from avatar.picture import MOST_PIXELS
from avatar.portraits.catalogue import SUFFIXES

VIDEOS = frozenset(
    {".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".gif", ".mpg", ".mpeg", ".ts"}
)
"""Suffixes taken for a driving video; everything else is tried as a portrait."""

MOST_AT_ONCE = 60
"""So many pictures are added at once; more are a mistake more often than a wish."""


@dataclass(frozen=True)
class Incoming:
    """What came.

    Attributes:
        files: local files and folders; whether they exist is not known yet.
        image: a picture that is no file.
        web: there is only an address on the web.
    """

    files: tuple[Path, ...] = ()
    image: QImage | None = None
    web: bool = False

    def __bool__(self) -> bool:
        return bool(self.files) or self.image is not None or self.web

    @property
    def video(self) -> Path | None:
        """The video, if there is one and nothing else."""
        if len(self.files) == 1 and self.files[0].suffix.lower() in VIDEOS:
            return self.files[0]
        return None


@dataclass(frozen=True)
class Gathered:
    """Pictures found in files and folders.

    Attributes:
        pictures: at most :data:`MOST_AT_ONCE`.
        left_out: how many more there were.
        single: the user named one file, which is used whatever it is called.
    """

    pictures: tuple[Path, ...]
    left_out: int = 0
    single: bool = False


def promised(data: QMimeData | None) -> Incoming:
    """What is being dragged, without reading the picture itself; its ``image`` is empty."""
    if data is None:
        return Incoming()
    files = tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    if files:
        return Incoming(files)
    if data.hasImage():
        return Incoming(image=QImage())
    return Incoming(web=_is_web(data))


def incoming(data: QMimeData | None) -> Incoming:
    """What was dropped or pasted."""
    came = promised(data)
    if data is None or came.image is None:
        return came
    image = data.imageData()
    if isinstance(image, QImage) and not image.isNull():
        return Incoming(image=image)
    return Incoming(web=_is_web(data))


def pixels(image: QImage) -> Image:
    """A QImage as (H, W, 4) uint8 RGBA, a new array. Takes its time: not in the GUI thread.

    Raises:
        InputError: it has more pixels than a file may have.
    """
    if image.width() * image.height() > MOST_PIXELS:
        raise InputError(
            f"The picture has {image.width()} x {image.height()} pixels; at most "
            f"{MOST_PIXELS // 1_000_000} million are taken.",
            hint="Scale it down first; 1024 pixels are plenty.",
        )
    rgba = image.convertToFormat(QImage.Format.Format_RGBA8888)
    width, height, line = rgba.width(), rgba.height(), rgba.bytesPerLine()
    bits = rgba.constBits()
    if bits is None or width < 1 or height < 1:
        return np.zeros((0, 0, 4), np.uint8)
    bits.setsize(line * height)
    seen: Any = bits  # Qt's stubs know no buffers
    rows = np.frombuffer(seen, np.uint8).reshape(height, line)
    return rows[:, : width * 4].reshape(height, width, 4).copy()


def gather(files: Sequence[Path]) -> Gathered:
    """The pictures among some files and in some folders, by name; not in the GUI thread.

    Folders in folders are left alone. An only file is taken whatever it is: trying it tells more
    than its name.
    """
    if len(files) == 1 and not files[0].is_dir():
        return Gathered((files[0],), single=True)
    found: list[Path] = []
    for path in files:
        if path.is_dir():
            try:
                inside = sorted(entry.name for entry in os.scandir(path) if entry.is_file())
            except OSError:
                continue
            found += [path / name for name in inside if not name.startswith(".")]
        else:
            found.append(path)
    pictures = [path for path in found if path.suffix.lower() in SUFFIXES]
    return Gathered(tuple(pictures[:MOST_AT_ONCE]), max(0, len(pictures) - MOST_AT_ONCE))


def _is_web(data: QMimeData) -> bool:
    schemes = {url.scheme().lower() for url in data.urls()}
    text = data.text().strip().lower() if data.hasText() else ""
    return bool(schemes & {"http", "https", "data", "ftp"}) or text.startswith(
        ("http://", "https://", "data:image/")
    )
