"""Loading the still picture that is to be animated, and the bundled gallery."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from avatar import picture
from avatar.assets import asset
from avatar.errors import NoFaceError, UsageError
from avatar.frame import Face, Floats, Portrait
from avatar.portraits.suitability import concerns
from avatar.square import Square, centre_square, cut, head_square
from avatar.tracker import FaceTracker, MediaPipeTracker

if TYPE_CHECKING:
    from avatar.portraits.catalogue import Box

log = logging.getLogger(__name__)

MOST_FACES = 5
"""So many faces are looked for in a picture."""

_ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
_SQUARES = {
    "astronaut.png": Square(224.846, 108.372, 181.293),
    "drawn.png": Square(256.443, 237.188, 399.096),
}
"""Of the bundled portraits, as looking for the face finds them: showing one needs no MediaPipe."""


def bundled() -> list[Path]:
    """The portraits shipped with the app, in a fixed order; the first is the default."""
    folder = asset("portraits")
    return sorted(p for p in folder.iterdir() if p.suffix in _ENDINGS)


def known_box(path: Path) -> "Box | None":
    """The square that looking for the face finds in a bundled portrait; None in any other file."""
    known = _SQUARES.get(path.name) if path.parent == asset("portraits") else None
    return None if known is None else _as_box(known, 1.0)


def load_portrait(
    path: str | Path,
    tracker: FaceTracker | None = None,
    crop: bool = True,
    box: Sequence[float] | None = None,
) -> Portrait:
    """Read a portrait and cut the square the networks see.

    Args:
        path: picture file.
        tracker: finds the face; without one a MediaPipe tracker is made for this call (the import
            takes seconds the first time), and in the bundled portraits it is known where it is.
        crop: False takes the centre square of the picture as it is.
        box: (x0, y0, x1, y1) in pixels of the picture in the file (upright), to cut instead of the
            face's square; the square of its longer side around its middle is taken.

    Raises:
        InputError: the file cannot be used as a picture.
        NoFaceError: no face in it, and neither ``crop=False`` nor ``box`` was given.
        UsageError: ``box`` is empty or lies outside the picture.
    """
    path = Path(path)
    read = picture.read(path)
    known = known_box(path)
    if known is not None and crop and box is None and tracker is None:
        return cut_portrait(read, known, path.stem)
    return find_portrait(read, path.name, tracker, crop, box)


def cut_portrait(
    read: picture.Picture, box: Sequence[float], name: str, warnings: Sequence[str] = ()
) -> Portrait:
    """A portrait whose square is known: nobody looks for a face, and ``face`` is None.

    Args:
        read: the picture.
        box: the square, (x0, y0, x1, y1) in pixels of the file.
        name: what to call it.
        warnings: what was found when somebody looked.

    Raises:
        UsageError: ``box`` is empty or lies outside the picture.
    """
    square = _explicit(box, read)
    return Portrait(cut(read.image, square), square.box, read.image, None, name, tuple(warnings))


def find_portrait(
    read: picture.Picture,
    file: str,
    tracker: FaceTracker | None = None,
    crop: bool = True,
    box: Sequence[float] | None = None,
) -> Portrait:
    """The portrait in a picture that was read, looked over for what animates badly.

    Args:
        read: the picture.
        file: its file's name; without its ending it becomes the portrait's.
        tracker, crop, box: see :func:`load_portrait`.

    Raises:
        NoFaceError, UsageError: see :func:`load_portrait`.
    """
    if tracker is None:
        with MediaPipeTracker(static=True, max_faces=MOST_FACES) as own:
            return find_portrait(read, file, own, crop, box)
    image = read.image
    height, width = image.shape[:2]
    given = None if box is None else _explicit(box, read)
    if given is None and not crop:
        given = centre_square(width, height)
    faces = tracker.track(image)
    if given is not None:
        faces = [f for f in faces if _holds(given, f)]
    face = max(faces, key=_face_px) if faces else None
    if given is None:
        if face is None:
            raise NoFaceError(
                f"No face was found in {file} ({width} x {height} pixels).",
                hint="Use a picture in which the face is seen from the front, or pass --no-crop to "
                "take the centre square of a drawing or an animal as it is.",
            )
        given = head_square(face, width, height)
    square = cut(image, given)
    both: tuple[Floats, Floats] | None = None
    both_ways = getattr(tracker, "both_ways", None)  # not every tracker can
    if face is not None and both_ways is not None:
        both = both_ways(image, face)
    found = concerns(square, given.box, len(faces), face, both)
    for concern in found:
        log.warning("%s: %s", file, concern.sentence)
    return Portrait(
        image=square,
        box=given.box,
        full=image,
        face=face,
        name=Path(file).stem,
        warnings=tuple(concern.sentence for concern in found),
    )


def file_box(portrait: Portrait, read: picture.Picture) -> "Box":
    """The square of a portrait in pixels of its file, which may be larger than what was read."""
    x0, y0, x1, y1 = (float(v) * read.scale for v in portrait.box)
    return x0, y0, x1, y1


def _as_box(square: Square, scale: float) -> "Box":
    half = square.side / 2
    return (
        (square.x - half) * scale,
        (square.y - half) * scale,
        (square.x + half) * scale,
        (square.y + half) * scale,
    )


def _explicit(box: Sequence[float], read: picture.Picture) -> Square:
    height, width = read.image.shape[:2]
    size = f"{width * read.scale:.0f} x {height * read.scale:.0f}"
    if len(box) != 4:
        raise UsageError(f"A crop box has 4 numbers (x0, y0, x1, y1), got {len(box)}.")
    x0, y0, x1, y1 = (float(v) / read.scale for v in box)
    if not (x1 > x0 and y1 > y0):
        raise UsageError(
            f"The crop box {tuple(box)} is empty.",
            hint="Give x0, y0, x1, y1 with x0 < x1, y0 < y1.",
        )
    if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
        raise UsageError(
            f"The crop box {tuple(box)} lies outside the picture of {size} pixels.",
            hint="Give it in pixels of the picture, from the top left corner.",
        )
    return Square((x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, y1 - y0))


def _holds(square: Square, face: Face) -> bool:
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    return bool(max(abs(x - square.x), abs(y - square.y)) <= square.side / 2)


def _face_px(face: Face) -> float:
    return float(max(face.box[2] - face.box[0], face.box[3] - face.box[1]))
