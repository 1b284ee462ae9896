"""Raw videos to clips of one head each, cropped to a square that stands still: training data.

A shot is a stretch in which one face is tracked and stays near its place; where it is lost, jumps,
leaves its place or changes its size, the shot ends and the next begins. Each is cut with one square
for all of its frames, since a square that moved along would take the motion out of the data.

    python -m tools.crop_video VIDEO_OR_FOLDER ... --out CLIPS

The folder is one that ``python -m tools.train --data CLIPS`` takes: its ``manifest.json`` says
which clips come from one video, so that no person is both trained and validated on.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from avatar.errors import AvatarError, InputError, OutputError
from avatar.footage import find_clips
from avatar.frame import CROP_SIZE, Face
from avatar.media import VideoWriter
from avatar.sources.file import FileSource
from avatar.square import Square, cut, head_square
from avatar.tracker import FaceTracker, MediaPipeTracker, overlap
from tools.evaluation.clips import MANIFEST, person_of, read_manifest

SAME = 0.3  # least overlap of the faces of two frames that follow each other
AWAY = 0.15  # parts of the side that a head may move from where its shot began; twice that far
# from the middle of all of them it still lies inside the square
RESIZED = 1.4  # times that it may grow or shrink


@dataclass
class Shot:
    """Frames ``first`` to ``last``, both included, of one head; ``squares`` has one for each."""

    first: int
    last: int
    face: Face
    squares: list[Square] = field(default_factory=list)

    @property
    def square(self) -> Square:
        """The square for all of them: the medians of place and size."""
        each = np.array([(s.x, s.y, s.side) for s in self.squares])
        return Square(*(float(v) for v in np.median(each, axis=0)))

    def goes_on(self, face: Face, square: Square) -> bool:
        """Whether the next frame's face belongs to it."""
        began = self.squares[0]
        away = max(abs(square.x - began.x), abs(square.y - began.y)) / began.side
        resized = max(square.side / began.side, began.side / square.side)
        return bool(overlap(face.box, self.face.box) > SAME and away <= AWAY and resized <= RESIZED)


def find_shots(video: Path, tracker: FaceTracker, least: float, smallest: float) -> list[Shot]:
    """The shots of a video, in order; it is read once and no picture is kept.

    Args:
        video: the file.
        tracker: finds faces in consecutive frames.
        least: seconds; shorter shots are left out.
        smallest: pixels; shots with a smaller square are left out.

    Raises:
        InputError, SourceError: it cannot be read.
    """
    shots: list[Shot] = []
    shot: Shot | None = None
    source = FileSource(video, paced=False)
    try:
        source.open()
        while (frame := source.read()) is not None:
            height, width = frame.image.shape[:2]
            faces = tracker.track(frame.image)
            if shot is not None and faces:
                known = shot.face
                face = max(faces, key=lambda f: overlap(f.box, known.box))
                square = head_square(face, width, height)
                if shot.goes_on(face, square):
                    shot.squares.append(square)
                    shot.face, shot.last = face, frame.index
                    continue
            shot = None
            if faces:
                shot = Shot(frame.index, frame.index, faces[0])
                shot.squares.append(head_square(faces[0], width, height))
                shots.append(shot)
    finally:
        source.close()
    frames = max(1, round(least * source.rate))
    return [s for s in shots if len(s.squares) >= frames and s.square.side >= smallest]


def write_shots(video: Path, shots: Sequence[Shot], folder: Path) -> list[Path]:
    """Cut the shots into ``STEM_0.mp4``, ``STEM_1.mp4`` ..., 256 px, at a constant frame rate.

    Raises:
        OutputError: a clip cannot be written.
        SourceError: the video cannot be read any more.
    """
    written: list[Path] = []
    source = FileSource(video, paced=False)
    writer: VideoWriter | None = None
    try:
        source.open()
        rate = source.rate.limit_denominator(1001)
        waiting = list(shots)
        while waiting and (frame := source.read()) is not None:
            shot = waiting[0]
            if frame.index < shot.first:
                continue
            if writer is None:
                path = folder / f"{video.stem}_{len(written)}.mp4"
                writer = VideoWriter(path, (CROP_SIZE, CROP_SIZE), rate=rate)
            picture = writer.picture(cut(frame.image, shot.square))
            writer.write(picture, frame.index - shot.first, 1)
            if frame.index == shot.last:
                written.append(writer.finish())
                writer = None
                waiting.pop(0)
    except OSError as error:
        raise OutputError(
            f"{folder} takes no more: {error.strerror or error}.", hint="Free some space."
        ) from error
    finally:
        source.close()
        if writer is not None:
            writer.discard()
    return written


def crop_videos(
    videos: Sequence[Path],
    folder: Path,
    least: float,
    smallest: float,
    tracker: FaceTracker | None = None,
) -> int:
    """Crop each video and print a line for it; how many could not be used.

    Args:
        videos: raw videos; one that cannot be read does not stop the others.
        folder: for the clips; made if need be.
        least, smallest: see :func:`find_shots`.
        tracker: finds faces; None: MediaPipe, a new one for each video.

    Raises:
        InputError: two videos whose clips would have the same names, or a damaged manifest in the
            folder.
        OutputError: the folder cannot be made, or its manifest not written.
    """
    stems = [video.stem for video in videos]
    if twice := next((s for s in stems if stems.count(s) > 1), None):
        raise InputError(
            f"Two videos are called {twice}; their clips would replace each other.",
            hint="Rename one, or give each its own --out.",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made: {error.strerror or error}.") from error
    read_manifest(folder / MANIFEST)  # to refuse a damaged one before the work
    failed = 0
    for video in videos:
        own = tracker or MediaPipeTracker()
        try:
            shots = find_shots(video, own, least, smallest)
            clips = write_shots(video, shots, folder)
        except AvatarError as error:
            failed += 1
            print(f"{video.name}: {error}", file=sys.stderr)
            continue
        finally:
            own.close()
        _enter(folder / MANIFEST, person_of(video.stem), clips, shots)
        frames = sum(len(shot.squares) for shot in shots)
        print(f"{video.name}: {len(clips)} clips, {frames} frames")
    return failed


def _enter(path: Path, person: str, clips: Sequence[Path], shots: Sequence[Shot]) -> None:
    """Put the clips of a video into the folder's manifest; others in it stay as they are.

    Raises:
        InputError: it is no manifest.
        OutputError: it cannot be written.
    """
    entries = read_manifest(path)
    for clip, shot in zip(clips, shots, strict=True):
        known = entries.get(clip.stem, {})
        frames = {"frames": len(shot.squares)}
        # What somebody corrected by hand, such as the person or the split, is kept.
        entries[clip.stem] = {"name": clip.stem, "person": person, **known, **frames}
    part = path.with_suffix(".part")
    try:
        part.write_text(json.dumps(list(entries.values()), indent=0) + "\n", encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}.", hint="Free some space."
        ) from error


def main(argv: Sequence[str] | None = None) -> int:
    """The command; 0, 1 if a video could not be used, 2 if refused."""
    parser = argparse.ArgumentParser(prog="python -m tools.crop_video", description=__doc__)
    parser.add_argument("videos", type=Path, nargs="+", help="raw videos, or folders of them")
    parser.add_argument("--out", type=Path, required=True, help="folder for the clips")
    parser.add_argument(
        "--least", type=float, default=1.5, metavar="S", help="shortest clip (default: 1.5 s)"
    )
    parser.add_argument(
        "--smallest", type=float, default=128, metavar="PX", help="smallest square (default: 128)"
    )
    args = parser.parse_args(argv)
    try:
        failed = crop_videos(find_clips(args.videos), args.out, args.least, args.smallest)
    except AvatarError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
