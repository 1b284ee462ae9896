"""Everything of ours that reads files from outside, by the ending of the file.

A reader takes the path of a file and reads all of it that the app would. It may raise an
AvatarError, or what its docstring allows for the function it calls; anything else is a find.
"""

import contextlib
import datetime
import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from avatar.errors import AvatarError
from avatar.frame import Face, Image
from avatar.remembered import Key

if TYPE_CHECKING:
    from avatar.sources.file import FileSource

Reader = Callable[[Path], None]

FRAMES = 40
"""So many frames of a video are read; the seeds have six."""

KEY = Key("camera", "portrait", "0" * 64)
WHEN = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


class StillTracker:
    """One face with a rigid made-up mesh in the middle of every picture; knows no MediaPipe."""

    def track(self, image: Image) -> list[Face]:
        """See :class:`avatar.tracker.FaceTracker`."""
        height, width = image.shape[:2]
        size = max(2.0, min(height, width) / 2)
        draw = np.random.default_rng(0).uniform(-0.5, 0.5, (478, 3))
        marks = (draw * size + (width / 2, height / 2, 0)).astype(np.float32)
        low, high = marks[:, :2].min(0), marks[:, :2].max(0)
        return [Face(np.concatenate([low, high]).astype(np.float32), marks, 1.0)]

    def close(self) -> None:
        """Nothing to free."""

    def __enter__(self) -> "StillTracker":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@contextlib.contextmanager
def _opened(path: Path) -> "Iterator[FileSource]":
    from avatar.sources.file import FileSource

    video = FileSource(path, paced=False)
    try:
        video.open()
        yield video
    finally:
        video.close()


def portrait(path: Path) -> None:
    """A picture as a portrait, by its face and whole."""
    from avatar.portraits.portrait import load_portrait

    load_portrait(path, StillTracker())
    load_portrait(path, StillTracker(), crop=False)


def source(path: Path) -> None:
    """A video or picture as the driver; OSError is the writer's, which this does not use."""
    with _opened(path) as video:
        for _ in range(FRAMES):
            if video.read() is None:
                break


def film(path: Path) -> None:
    """A video as what is rendered from: its times and its sound."""
    from avatar.offline.clip import read_clip
    from avatar.offline.film import Film

    picture = np.zeros((64, 64, 3), np.uint8)
    with _opened(path) as video:
        clip = read_clip(path)
        made = Film(path.with_name("made.mp4"), video.rate, clip, path, (64, 64))
        try:
            for _ in range(FRAMES):
                frame = video.read()
                if frame is None:
                    break
                made.add(picture, Fraction(frame.t_ns - (video._start_ns or 0), 10**9))
            made.finish()
        except OSError:  # documented: the file takes no more
            made.keep()
        except AvatarError:
            made.keep()
            raise


def animation(path: Path) -> None:
    """A video into a GIF."""
    from avatar.offline.gif import Gif

    with _opened(path) as video:
        first = video.read()
        assert first is not None
        image = np.ascontiguousarray(first.image[:64, :64])
        made = Gif(path.with_name("made.gif"), video.rate, (image.shape[1], image.shape[0]))
        for at in (0, 1):
            made.add(image, Fraction(at))
        made.finish()


def weights(path: Path) -> None:
    """Weights: the header, and the numbers where PyTorch is installed."""
    from avatar.weights import describe, load

    found = describe(str(path))
    _ = found.graphs
    if find_spec("torch"):
        load(str(path))


def checkpoint(path: Path) -> None:
    """What torch.save wrote."""
    from avatar.checkpoint import read
    from avatar.convert import convert

    read(path)
    convert([path])


def settings(path: Path) -> None:
    """The settings of a run; a profile is the same."""
    from avatar.config import RunConfig
    from avatar.settings.file import OF_ONE_RUN, Section, SettingsFile

    file = SettingsFile(path, {"run": Section(RunConfig(), OF_ONE_RUN)})
    loaded = file.load()
    if loaded.writable:
        file.save(loaded.values)


def index(path: Path) -> None:
    """The list of the user's portraits."""
    from avatar.portraits.album import Album

    (path.parent / "a.png").write_bytes(b"x")
    album = Album(path.parent, 1)
    for record in album.read().own:
        assert (path.parent / record.file).parent == path.parent
    album.notices()


def graphs(path: Path) -> None:
    """The manifest of exported graphs."""
    from avatar.graphs import INT8, Graphs

    folder = path.parent / "a.graphs"
    folder.mkdir()
    path.rename(folder / path.name)
    found = Graphs(path.parent / "a.safetensors", "0" * 64)
    found.has(INT8)
    for name in ("detect", "encode", "render"):
        found.file(name)


def summary(path: Path) -> None:
    """What a batch of renderings left behind."""
    from avatar.offline.batch import _read

    _read(path)


def speeds(path: Path) -> None:
    """Measured engines; ``parse`` may raise ValueError."""
    from avatar.choosing.speeds import Speeds

    Speeds({}, path).of("0" * 64)


def neutral(path: Path) -> None:
    """A remembered calibration; ``parse`` may raise ValueError."""
    from avatar.remembered import parse

    try:
        parse(path.read_bytes(), KEY)
    except ValueError as error:
        raise AvatarError(str(error)) from error


def message(path: Path) -> None:
    """What one process tells another; may raise WireError and EOFError."""
    from avatar.choosing.wire import WireError, receive

    try:
        with path.open("rb") as stream:
            receive(stream)
    except (WireError, EOFError) as error:
        raise AvatarError(str(error)) from error


PICTURES = (".png", ".jpg", ".webp", ".gif", ".bmp", ".tiff")
VIDEOS = (".mp4", ".mkv", ".mov", ".avi")

READERS: dict[str, tuple[Reader, ...]] = {
    **dict.fromkeys(PICTURES, (portrait, source)),
    **dict.fromkeys(VIDEOS, (source, film, animation)),
    ".safetensors": (weights,),
    ".pth": (checkpoint,),
    ".toml": (settings,),
    ".wire": (message,),
    "index.json": (index,),
    "graphs.json": (graphs,),
    "summary.json": (summary,),
    "speeds.json": (speeds,),
    "neutral.json": (neutral,),
}


def read(path: Path) -> str:
    """Have every reader read a file; "read", or what the last one that refused it said.

    A reader may move the file away; the next one gets it anew.
    """
    content, said = path.read_bytes(), "read"
    for reader in READERS.get(path.name) or READERS[path.suffix]:
        path.write_bytes(content)
        try:
            reader(path)
        except AvatarError as error:
            said = f"{reader.__name__}: {error}"
    return said


def kinds() -> list[str]:
    """The names of all readers."""
    return sorted({reader.__name__ for reader in itertools.chain(*READERS.values())})
