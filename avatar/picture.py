"""Reading still pictures as people have them: any orientation, depth, colour mode and size.

Pixels come out RGB, 8 bit, upright. Nothing here knows about faces.
"""

import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from avatar.errors import InputError
from avatar.frame import Image

if TYPE_CHECKING:
    from PIL.Image import Image as Pillow

LONG_SIDE = 4096  # larger pictures are scaled down while they are read
MOST_PIXELS = 150_000_000  # 12000 x 12000 fits; decoding needs up to 4 bytes a pixel
_BACKGROUND = 128  # behind transparent pixels: no bright rim around a cut-out head
_STRIP_PIXELS = 1_000_000  # converting one holds up other threads for some milliseconds

DAMAGED: tuple[type[Exception], ...] = (
    *(OSError, SyntaxError, ValueError, EOFError, struct.error),
    *(LookupError, ArithmeticError, TypeError, RuntimeError, MemoryError),
)
"""What Pillow raises at files that are damaged, or made to do harm; tools/fuzz found them."""

_HINT = "Use a JPEG, PNG or WebP picture."
_TURNS = {  # EXIF orientation -> (mirror left to right first, quarter turns counter-clockwise)
    2: (True, 0),
    3: (False, 2),
    4: (True, 2),
    5: (True, 1),
    6: (False, 3),
    7: (True, 3),
    8: (False, 1),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as read.

    Attributes:
        image: (H, W, 3) uint8 RGB, upright, long side at most ``LONG_SIDE``.
        scale: how many times larger the file's picture is; 1.0 unless it was scaled down.
    """

    image: Image
    scale: float


def check_file(path: Path, what: str) -> None:
    """Refuse what cannot be read as a file before anything else looks at it.

    Args:
        path: where it should be.
        what: ``"picture"`` or ``"video"``, for the message.

    Raises:
        InputError: missing, a folder, empty, or not readable.
    """
    try:
        if not path.exists():
            raise InputError(
                f"No such file: {path}.", hint=f"Check the name and folder of the {what}."
            )
        if path.is_dir():
            raise InputError(
                f"{path} is a folder; a {what} file was expected.", hint=f"Name one {what} in it."
            )
        if path.is_file() and path.stat().st_size == 0:
            raise InputError(
                f"{path} is empty (0 bytes); a {what} was expected.",
                hint="Copy or download it again.",
            )
        with path.open("rb"):
            pass
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}.",
            hint="Check its permissions.",
        ) from error


def read(path: str | Path, long_side: int = LONG_SIDE) -> Picture:
    """Read a picture file.

    Args:
        path: of the picture.
        long_side: pictures longer than this many pixels are scaled down.

    Transparency is laid over mid-grey, EXIF orientation is applied, 16-bit, grey, palette and CMYK
    become 8-bit RGB, and larger pictures are scaled down strip by strip, so that memory
    stays near the size of the decoded file (JPEGs are decoded small from the start). Of an
    animation the first picture is taken.

    Raises:
        InputError: missing, empty, not a picture, truncated, or over ``MOST_PIXELS``.
    """
    from PIL import Image as PillowImage
    from PIL import UnidentifiedImageError

    path = Path(path)
    check_file(path, "picture")
    try:
        with warnings.catch_warnings():
            # our own limit below is lower than the one at which Pillow refuses
            warnings.simplefilter("ignore", PillowImage.DecompressionBombWarning)
            opened = PillowImage.open(path)
        with opened as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise _too_large(path, f"{width} x {height} pixels")
            turn = _TURNS.get(_orientation(picture), (False, 0))
            picture.draft("RGB", _draft_size(width, height, long_side))
            image = _to_rgb(picture, long_side)
    except PillowImage.DecompressionBombError as error:
        raise _too_large(path, "a huge number of pixels") from error
    except UnidentifiedImageError as error:
        raise InputError(f"{path} is not a picture that can be read.", hint=_HINT) from error
    except DAMAGED as error:
        why = str(error) or type(error).__name__
        raise InputError(
            f"{path} is damaged or cut off: {why}.", hint="Copy or download it again."
        ) from error
    if turn[0]:
        image = image[:, ::-1]
    image = np.ascontiguousarray(np.rot90(image, turn[1]))
    image.flags.writeable = False
    return Picture(image, max(1.0, max(width, height) / max(image.shape[:2])))


def _too_large(path: Path, size: str) -> InputError:
    return InputError(
        f"{path} has {size}; at most {MOST_PIXELS // 1_000_000} million pixels are read.",
        hint="Scale it down first; 1024 pixels are plenty.",
    )


def _orientation(picture: "Pillow") -> int:
    try:
        value = picture.getexif().get(0x0112, 1)
    except DAMAGED:  # broken EXIF: take it as it lies
        return 1
    return value if isinstance(value, int) else 1


def _draft_size(width: int, height: int, long_side: int) -> tuple[int, int]:
    """The least size a JPEG decoder may go down to: still at least ``long_side`` long."""
    shrink = max(1.0, max(width, height) / long_side)
    return max(1, int(width / shrink)), max(1, int(height / shrink))


def _to_rgb(picture: "Pillow", long_side: int) -> Image:
    import cv2

    picture.load()
    width, height = picture.size
    shrink = max(1, max(width, height) // long_side)
    rows = max(1, _STRIP_PIXELS // width // shrink) * shrink
    strips = []
    for top in range(0, height, rows):
        strip = _strip_to_rgb(picture.crop((0, top, width, min(height, top + rows))))
        if shrink > 1:
            size = (max(1, width // shrink), max(1, strip.shape[0] // shrink))
            strip = cv2.resize(strip, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        strips.append(strip)
    image: Image = strips[0] if len(strips) == 1 else np.concatenate(strips)
    longer = max(image.shape[:2])
    if longer > long_side:
        scale = long_side / longer
        size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return image


def _strip_to_rgb(strip: "Pillow") -> Image:
    if strip.mode in ("I", "F") or strip.mode.startswith("I;16"):
        grey = _deep_to_8bit(np.asarray(strip), strip.mode)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if strip.has_transparency_data:
        rgba = np.asarray(strip.convert("RGBA"))
        alpha = rgba[:, :, 3:].astype(np.float32) / np.float32(255)
        colour = rgba[:, :, :3].astype(np.float32)
        blended = colour * alpha + _BACKGROUND * (1 - alpha)
        return np.asarray(np.rint(blended), np.uint8)
    return np.array(strip.convert("RGB"))


def _deep_to_8bit(pixels: "np.ndarray[Any, Any]", mode: str) -> Image:
    """Grey pixels of more than 8 bits -> uint8."""
    if mode == "F":  # no agreed range: 0..1 or 0..255
        top = 1.0 if pixels.size == 0 or float(pixels.max()) <= 1.0 else 255.0
        return np.asarray(np.clip(pixels * (255.0 / top), 0, 255), np.uint8)
    # "I" is how Pillow hands out 16-bit PNGs of some kinds: still 0..65535
    return np.asarray(np.clip(pixels.astype(np.int64) >> 8, 0, 255), np.uint8)
