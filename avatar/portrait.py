"""Loading the still picture that is to be animated, and the bundled gallery."""

import logging
from collections.abc import Sequence
from pathlib import Path

from avatar import picture
from avatar.assets import asset
from avatar.errors import NoFaceError, UsageError
from avatar.frame import Face, Image, Portrait
from avatar.square import Square, centre_square, cut, head_square
from avatar.tracker import FaceTracker, MediaPipeTracker

log = logging.getLogger(__name__)

SMALL_FACE = 64  # pixels; below this the animated face is visibly blurred
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


def load_image(path: str | Path) -> Image:
    """Read a picture upright as (H, W, 3) uint8 RGB, read-only, at most 4096 pixels long.

    Raises:
        InputError: see :func:`avatar.picture.read`.
    """
    return picture.read(path).image


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
    image = read.image
    height, width = image.shape[:2]
    explicit = None if box is None else _explicit(box, read)
    known = _SQUARES.get(path.name) if path.parent == asset("portraits") else None
    if known is not None and crop and explicit is None and tracker is None:
        return Portrait(cut(image, known), known.box, image, None, path.stem)
    if tracker is None:
        with MediaPipeTracker(static=True, max_faces=5) as own:
            faces = own.track(image)
    else:
        faces = tracker.track(image)
    given = explicit or (None if crop else centre_square(width, height))
    if given is not None:
        faces = [f for f in faces if _holds(given, f)]
    face = max(faces, key=_face_px) if faces else None
    notes = _warnings(path, faces, face, asked=given is not None)
    if given is None:
        if face is None:
            raise NoFaceError(
                f"No face was found in {path} ({width} x {height} pixels).",
                hint="Use a picture in which the face is seen from the front, or pass --no-crop to "
                "take the centre square of a drawing or an animal as it is.",
            )
        given = head_square(face, width, height)
    for note in notes:
        log.warning("%s", note)
    return Portrait(
        image=cut(image, given),
        box=given.box,
        full=image,
        face=face,
        name=path.stem,
        warnings=tuple(notes),
    )


def _warnings(path: Path, faces: list[Face], face: Face | None, *, asked: bool) -> list[str]:
    if face is None:
        if not asked:
            return []
        return [
            f"No face was found in {path.name}; the square asked for is animated as it is, "
            "and may move strangely."
        ]
    notes = []
    if len(faces) > 1:
        notes.append(f"{path.name} shows {len(faces)} faces; the largest is animated.")
    if (size := _face_px(face)) < SMALL_FACE:
        notes.append(
            f"The face in {path.name} is only {size:.0f} pixels high; the result will be blurred. "
            f"At least {SMALL_FACE} pixels are advised, 200 are better."
        )
    return notes


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
