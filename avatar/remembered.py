"""Remembered: neutral poses from one start to the next, a file for each camera and portrait.

Only keypoints and angles are kept, no picture. A file counts for one camera, one portrait and one
set of weights; damaged ones are set aside, and the oldest go when there are too many.
"""

import contextlib
import datetime
import hashlib
import json
import logging
import os
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from avatar import atomic
from avatar.errors import InputError, OutputError, WeightsError
from avatar.frame import Floats, Keypoints, Portrait
from avatar.pose.head import HeadPose
from avatar.pose.neutral import Neutral

log = logging.getLogger(__name__)

FORMAT = "avatar-neutral-1"
FOLDER = "calibrations"
KEPT = 64
"""How many files are kept; the ones written longest ago go first."""

LARGEST = 256 * 1024
"""A file of more bytes is none of ours: ten keypoints take three thousand."""

_FURTHEST = 100.0  # keypoints lie in [-1, 1], a little outside at most; jacobians are near 1


@dataclass(frozen=True)
class Key:
    """What a neutral pose belongs to.

    Attributes:
        camera: its lasting id (avatar/sources/identity.py).
        portrait: :func:`portrait_id`.
        model: SHA-256 of the weights' file.
    """

    camera: str
    portrait: str
    model: str

    @property
    def file(self) -> str:
        """Name of the file."""
        text = "\n".join((self.camera, self.portrait, self.model))
        return f"{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:32]}.json"


@dataclass(frozen=True)
class Kept:
    """A remembered neutral pose and when it was taken."""

    neutral: Neutral
    taken: datetime.datetime


def key_for(camera: str, portrait: Portrait, model: str) -> Key:
    """The key of a camera, a portrait and a model. Reads the model's file the first time.

    Raises:
        WeightsError: there is no such model, or it cannot be read.
    """
    from avatar.shelf import locate

    path = locate(model)
    try:
        facts = path.stat()
    except OSError as error:
        raise WeightsError(
            f"{path} cannot be read: {error.strerror or error}.", hint="Get the file again."
        ) from error
    digest = _digest(str(path), facts.st_mtime_ns, facts.st_size)
    return Key(camera, portrait_id(portrait), digest)


@lru_cache(maxsize=8)
def _digest(path: str, mtime_ns: int, size: int) -> str:
    """SHA-256 of a file, read once for as long as it is not written again."""
    from avatar.weights import file_sha256

    try:
        return file_sha256(Path(path))
    except OSError as error:
        raise WeightsError(
            f"{path} cannot be read: {error.strerror or error}.", hint="Get the file again."
        ) from error


def portrait_id(portrait: Portrait) -> str:
    """A portrait by its content: SHA-256 of the square that the networks see."""
    return hashlib.sha256(np.ascontiguousarray(portrait.image).tobytes()).hexdigest()


class Remembered:
    """The files of one folder. Any thread; two programs may share the folder.

    Args:
        folder: may not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, key: Key) -> Kept | None:
        """What is remembered for a camera and a portrait; None = nothing.

        Raises:
            InputError: there is a file, but it is damaged or cannot be read. It was set aside.
        """
        path = self.folder / key.file
        try:
            with path.open("rb") as stream:
                content = stream.read(LARGEST + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(
                f"The remembered calibration {path} cannot be read: {error.strerror or error}.",
                hint="Press X to take a new one.",
            ) from error
        try:
            return parse(content, key)
        except ValueError as error:
            aside = path.with_suffix(".damaged")
            try:
                os.replace(path, aside)
                where = f" It was set aside as {aside}."
            except OSError as stuck:
                log.warning("%s cannot be set aside: %s", path, stuck)
                where = ""
            raise InputError(
                f"The remembered calibration for this camera and portrait is of no use: "
                f"{error}.{where}",
                hint="Press X to take a new one.",
            ) from error

    def keep(self, key: Key, kept: Kept) -> None:
        """Remember a neutral pose, instead of the one before.

        Raises:
            OutputError: it cannot be written; the one before stays.
        """
        atomic.write(self.folder / key.file, dump(kept, key))
        self._make_room()

    def forget(self, key: Key) -> None:
        """Remember nothing for a camera and a portrait.

        Raises:
            OutputError: the file cannot be removed.
        """
        path = self.folder / key.file
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                f"{path} cannot be removed: {error.strerror or error}.",
                hint="Check that its folder is writable.",
            ) from error

    def _make_room(self) -> None:
        ages = []
        for path in [*self.folder.glob("*.json"), *self.folder.glob("*.damaged")]:
            with contextlib.suppress(OSError):  # another program may have removed it
                ages.append((path.stat().st_mtime_ns, path))
        for _, path in sorted(ages)[:-KEPT]:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                log.warning("%s is old and cannot be removed: %s", path, error)


def dump(kept: Kept, key: Key) -> bytes:
    """The content of a file, as :func:`parse` takes it; numbers keep every bit."""
    pose = kept.neutral.pose
    content = {
        "format": FORMAT,
        **asdict(key),
        "taken": kept.taken.isoformat(timespec="seconds"),
        "pose": None if pose is None else asdict(pose),
        "plain": _plain(kept.neutral.plain),
        "mirrored": _plain(kept.neutral.mirrored),
    }
    return json.dumps(content, indent=1).encode() + b"\n"


def parse(content: bytes, key: Key) -> Kept:
    """A remembered neutral pose from a file's content.

    Raises:
        ValueError: it is no such file, damaged, or belongs to something else; says which.
    """
    if len(content) > LARGEST:
        raise ValueError(f"it has more than {LARGEST} bytes")
    try:
        found = json.loads(content)
    except (RecursionError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError("it is no JSON text") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    for name, wanted in asdict(key).items():
        if found.get(name) != wanted:
            raise ValueError(f"it is of another {name}")
    taken = found.get("taken")
    try:
        when = datetime.datetime.fromisoformat(taken) if isinstance(taken, str) else None
    except ValueError:
        when = None
    if when is None:
        raise ValueError("it does not say when it was taken")
    if when.tzinfo is None:
        when = when.astimezone()
    plain, mirrored = (_keypoints(found.get(name), name) for name in ("plain", "mirrored"))
    return Kept(Neutral(plain, mirrored, _pose(found.get("pose"))), when)


def _plain(keypoints: Keypoints) -> dict[str, Any]:
    return {"value": keypoints.value.tolist(), "jacobian": keypoints.jacobian.tolist()}


def _keypoints(found: Any, name: str) -> Keypoints:
    if not isinstance(found, dict):
        raise ValueError(f"it has no {name} keypoints")
    value, jacobian = (_array(found.get(part)) for part in ("value", "jacobian"))
    k = len(value) if value.ndim else 0
    if k == 0 or value.shape != (k, 2) or jacobian.shape != (k, 2, 2):
        raise ValueError(
            f"its {name} keypoints have the shapes {value.shape} and {jacobian.shape}, "
            "expected (K, 2) and (K, 2, 2)"
        )
    for numbers in (value, jacobian):
        if not (np.isfinite(numbers).all() and np.abs(numbers).max() < _FURTHEST):
            raise ValueError(f"its {name} keypoints are out of range")
    return Keypoints(value, jacobian)


def _array(found: Any) -> Floats:
    try:
        return np.array(found, np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("its keypoints are no numbers") from error


def _pose(found: Any) -> HeadPose | None:
    if found is None:
        return None
    if not isinstance(found, dict):
        raise ValueError("its pose is no table")
    numbers = {}
    for field in fields(HeadPose):
        number = found.get(field.name)
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise ValueError(f"its pose has no {field.name}")
        if not isfinite(number):
            raise ValueError(f"its pose has a {field.name} that is no finite number")
        numbers[field.name] = float(number)
    return HeadPose(**numbers)
