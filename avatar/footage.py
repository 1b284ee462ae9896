"""Footage: head squares out of clips of people, to calibrate and to measure networks with.

They are cut as the app cuts its driving frames. A clip whose pictures already are 256x256 is taken
as it is.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avatar.cropper import FaceCropper
from avatar.errors import Cancelled, InputError, NoFaceError, SourceError
from avatar.frame import CROP_SIZE, Image
from avatar.sources.file import FileSource
from avatar.tracker import FaceTracker, MediaPipeTracker

log = logging.getLogger(__name__)

SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v")
"""What counts as a clip in a folder."""

MOST_READ = 3000
"""Frames of a clip are taken from its first so many."""

UNKNOWN_STEP = 5
"""Every so many frames one is taken where a file does not say how many it has."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much (0: unknown)."""


@dataclass(frozen=True)
class Footage:
    """Squares of one clip in order, (256, 256, 3) uint8 RGB each: at least two, all with a face."""

    path: Path
    squares: tuple[Image, ...]


def find_clips(paths: Iterable[Path]) -> list[Path]:
    """The clips that are meant: files as named, and every video directly inside folders.

    Raises:
        InputError: there is none.
    """
    paths = list(paths)
    found = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
            if not inside:
                raise InputError(
                    f"There is no clip in {path}; expected files ending in {', '.join(SUFFIXES)}.",
                    hint="Name a folder with videos of faces, or the videos themselves.",
                )
            found += inside
        else:
            found.append(path)
    if not found:
        raise InputError(
            "No clips were given; expected videos of faces, such as a webcam recording.",
            hint="Name them: --clips FOLDER, or --clips FILE FILE ...",
        )
    return list(dict.fromkeys(found))


def spread(clips: Sequence[Path], most: int) -> list[Path]:
    """At most so many of the clips, evenly over the list."""
    if len(clips) <= most:
        return list(clips)
    return [clips[i * len(clips) // most] for i in range(most)]


def cut_footage(
    clips: Sequence[Path],
    squares: int,
    progress: Progress,
    cancelled: Callable[[], bool],
    tracker: FaceTracker | None = None,
) -> tuple[list[Footage], list[str]]:
    """Squares of clips; what could not be used is told in sentences.

    Args:
        clips: videos of one person each.
        squares: how many to take of each clip, at least 2; a short one gives fewer.
        progress: told about every clip.
        cancelled: asked at every frame.
        tracker: finds the faces; None: MediaPipe.

    Raises:
        Cancelled: ``cancelled()`` turned true.
        NoFaceError: clips could be read, but none shows a face.
        InputError: no clip could be read.
    """
    found: list[Footage] = []
    warnings: list[str] = []
    read = 0
    own = None if tracker is not None else MediaPipeTracker(static=True)
    try:
        for number, clip in enumerate(clips):
            progress("Cutting heads out of the clips", number, len(clips))
            try:
                taken = _cut(clip, squares, tracker or own, cancelled)
            except (InputError, SourceError) as error:
                warnings.append(f"{clip.name} is left out: {error.message}")
                continue
            read += 1
            if len(taken) < 2:
                warnings.append(f"{clip.name} is left out: {len(taken)} of its frames show a face.")
                continue
            found.append(Footage(clip, tuple(taken)))
        progress("Cutting heads out of the clips", len(clips), len(clips))
    finally:
        if own is not None:
            own.close()
    if found:
        return found, warnings
    if read:
        raise NoFaceError(
            f"None of {read} clips shows a face in at least two of its frames.",
            hint="Use clips of a well-lit face that looks at the camera.",
        )
    raise InputError(
        f"None of {len(clips)} clips can be read; the first: {warnings[0]}",
        hint="Give videos such as mp4, mov, mkv or webm; check that they play elsewhere.",
    )


def _cut(
    clip: Path, squares: int, tracker: FaceTracker | None, cancelled: Callable[[], bool]
) -> list[Image]:
    taken: list[Image] = []
    source = FileSource(clip, paced=False)
    try:
        source.open()
        ready = source.size == (CROP_SIZE, CROP_SIZE)
        step = max(1, min(source.frames, MOST_READ) // squares) if source.frames else UNKNOWN_STEP
        # Not closed: the tracker is of use for the next clip.
        cropper = FaceCropper(None if ready else tracker, enabled=not ready)
        while len(taken) < squares and (frame := source.read()) is not None:
            if cancelled():
                raise Cancelled("Stopped; nothing was written.")
            if frame.index % step:
                continue
            crop = cropper.crop(frame)
            if not crop.held:
                taken.append(crop.image)
    except SourceError as error:
        if len(taken) < 2:
            raise
        log.warning("%s breaks off after %d frames: %s", clip, len(taken), error)
    finally:
        source.close()
    return taken
