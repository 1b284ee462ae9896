"""CropJob: what the crop editor needs of a portrait, made ready off the GUI thread."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from avatar import picture
from avatar.frame import CROP_SIZE, Image
from avatar.portraits.catalogue import Box
from avatar.portraits.entry import Entry
from avatar.square import Square, centre_square, cut

if TYPE_CHECKING:
    from avatar.portraits.library import Library

_SHOWN = 1024
"""The last level's long side is at most this, in pixels: it is what the editor draws."""


@dataclass(frozen=True)
class CropJob:
    """A picture and its squares.

    Attributes:
        path: the portrait's file.
        name: what it is called.
        levels: the picture, (H, W, 3) uint8 RGB, then halved again and again.
        scale: how many times larger the file's picture is than the first level.
        automatic: the square that looking for the face gives, in pixels of the first level; None
            where no face was found.
        square: the one in use.
        by_hand: whether the user chose that one.
    """

    path: Path
    name: str
    levels: tuple[Image, ...]
    scale: float
    automatic: Square | None
    square: Square
    by_hand: bool

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the first level."""
        return self.levels[0].shape[1], self.levels[0].shape[0]

    def preview(self, square: Square) -> Image:
        """What the networks would see of a square: (256, 256, 3) uint8; takes about 1 ms."""
        level = 0
        while level + 1 < len(self.levels) and square.side / 2 ** (level + 1) >= CROP_SIZE:
            level += 1
        ratio = self.levels[level].shape[1] / self.levels[0].shape[1]
        return cut(
            self.levels[level], Square(square.x * ratio, square.y * ratio, square.side * ratio)
        )

    def box(self, square: Square) -> Box:
        """A square in pixels of the file."""
        x0, y0, x1, y1 = (float(v) * self.scale for v in square.box)
        return x0, y0, x1, y1


def prepare(library: "Library", entry: Entry) -> CropJob:
    """Read a portrait for the editor; takes a second where the face has to be looked for.

    Raises:
        InputError: its file is gone or damaged.
    """
    read = picture.read(entry.path)
    height, width = read.image.shape[:2]
    found = library.square_of_face(entry, read)
    automatic = None if found is None else _square(found, read.scale)
    chosen = None if entry.box is None else _square(entry.box, read.scale)
    whole = centre_square(width, height)
    return CropJob(
        entry.path,
        entry.name,
        halved(read.image),
        read.scale,
        automatic,
        chosen or (whole if entry.whole else automatic or whole),
        chosen is not None or entry.whole,
    )


def halved(image: Image) -> tuple[Image, ...]:
    """A picture and its halves, down to :data:`_SHOWN` pixels."""
    import cv2

    levels = [image]
    while max(levels[-1].shape[:2]) > _SHOWN:
        height, width = levels[-1].shape[:2]
        half: Image = cv2.resize(  # type: ignore[assignment]
            levels[-1], (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA
        )
        levels.append(half)
    return tuple(levels)


def _square(box: Box, scale: float) -> Square:
    x0, y0, x1, y1 = (v / scale for v in box)
    return Square((x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, y1 - y0))
