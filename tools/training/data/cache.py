"""The decode cache: every clip is decoded once, and its frames are kept as an entry.

An entry is found by a hash of the clip's path, sizes and times, and of what is kept of it; so a
changed clip or recipe makes a new one. Several processes may work on one cache at once: each takes
the clips in an order of its own and leaves out what others have finished.
"""

import errno
import json
import logging
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np

from avatar.errors import InputError, OutputError
from avatar.tracker import FaceTracker, MediaPipeTracker
from tools.training.data import points
from tools.training.data.choice import Choice, Keeper, key_of
from tools.training.data.frames import Direct, Picture, fitted, rate_of, read_all
from tools.training.data.points import Finder, Points
from tools.training.data.sources import Source
from tools.training.data.store import (
    FRAMES,
    INDEX,
    LANDMARKS,
    Damaged,
    Entry,
    Kept,
    Uncached,
)

log = logging.getLogger(__name__)

QUALITY = 95
ABANDONED_S = 86400.0
"""Unfinished entries older than this were left by a process that was killed."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, of how much."""


class Cache:
    """Makes and opens entries.

    Args:
        folder: made if need be.
        make: the tracker that finds the faces in a clip.

    Raises:
        OutputError: nothing can be written there.
    """

    def __init__(self, folder: Path, make: Callable[[], FaceTracker] = MediaPipeTracker) -> None:
        self._folder = folder
        self._make = make
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise _unwritable(folder, error) from error
        for part in folder.glob("*.part"):
            if time.time() - part.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(part, ignore_errors=True)

    def open(
        self, sources: Sequence[Source], choice: Choice, progress: Progress | None = None
    ) -> list[Entry | InputError]:
        """An entry for each clip, made where there is none, or why there can be none.

        Raises:
            OutputError: the disk is full, or cannot be written to.
        """
        found: list[Entry | InputError | None] = [self._look(s, choice) for s in sources]
        missing = [i for i, entry in enumerate(found) if entry is None]
        # Processes that start together share the work instead of doing the same.
        random.Random(os.getpid()).shuffle(missing)
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            jobs: dict[Future[Entry | InputError], int] = {}
            try:
                for i in missing:
                    jobs[pool.submit(self._entry, sources[i], choice)] = i
                left = set(jobs)
                while left:
                    done, left = wait(left, return_when=FIRST_COMPLETED)
                    for job in done:
                        found[jobs[job]] = job.result()
                    if progress is not None:
                        progress("Decoding clips", len(jobs) - len(left), len(jobs))
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return [entry for entry in found if entry is not None]

    def _look(self, source: Source, choice: Choice) -> Entry | InputError | None:
        """The entry if there is a whole one; a damaged one is taken away."""
        try:
            folder = self._folder / key_of(source, choice)
        except OSError as error:
            return InputError(f"{source.path} cannot be looked at: {error}.")
        try:
            return Entry(folder)
        except Damaged as error:
            log.warning("%s in the cache is damaged (%s) and made anew", source.name, error)
        except FileNotFoundError:
            if not folder.is_dir():
                return None
            log.warning("%s in the cache has lost its index and is made anew", source.name)
        aside = Path(tempfile.mkdtemp(prefix="damaged-", suffix=".part", dir=self._folder))
        with suppress(FileNotFoundError):  # another process was faster
            os.rename(folder, aside / "entry")
        shutil.rmtree(aside, ignore_errors=True)
        return None

    def _entry(self, source: Source, choice: Choice) -> Entry | InputError:
        """The entry, which another process may have made meanwhile."""
        known = self._look(source, choice)
        if known is not None:
            return known
        folder = self._folder / key_of(source, choice)
        try:
            part = Path(tempfile.mkdtemp(prefix=folder.name, suffix=".part", dir=self._folder))
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        try:
            self._write(source, choice, part)
            try:
                os.rename(part, folder)
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.EACCES):
                    raise
                log.debug("%s: another process was faster", source.name)
            return Entry(folder)
        except InputError as error:
            return error
        except (OSError, Damaged) as error:
            raise _unwritable(self._folder, error) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _write(self, source: Source, choice: Choice, part: Path) -> None:
        """Decode a clip into a folder; the index comes last."""
        beside = None if source.landmarks is None else points.stored(source.landmarks)
        keeper = Keeper(choice)
        numbers: list[int] = []
        ends: list[int] = []
        marks: list[Points] = []
        faceless, cropped, count = 0, False, 0
        with ExitStack() as stack:
            out = stack.enter_context((part / FRAMES).open("wb"))
            finder = None
            if choice.find and beside is None:
                finder = stack.enter_context(Finder(self._make))
            for number, full in enumerate(read_all(source)):
                count = number + 1
                cropped = cropped or full.shape[0] != full.shape[1]
                if not keeper.wants(number) or (beside is not None and number >= len(beside)):
                    continue
                image = fitted(full, choice.size)
                mark = None if beside is None else beside[number]
                if finder is not None and (mark := finder.find(image)) is None:
                    faceless += 1
                    continue
                if not keeper.keeps(number, mark):
                    continue
                out.write(_coded(image, choice.codec))
                numbers.append(number)
                ends.append(out.tell())
                if mark is not None:
                    marks.append(mark)
        if beside is not None:
            _check(source, len(beside), count, cropped)
            marks = [beside[number] for number in numbers]
        if marks:
            (part / LANDMARKS).write_bytes(np.stack(marks).astype(np.float32).tobytes())
        index = {
            "name": source.name,
            "size": choice.size,
            "numbers": numbers,
            "ends": ends if choice.codec == "jpeg" else None,
            "marked": bool(marks),
            "rate": rate_of(source),
            "faceless": faceless,
            "cropped": cropped,
        }
        (part / INDEX).write_text(json.dumps(index), encoding="utf-8")


def uncached(source: Source, choice: Choice) -> Kept:
    """A clip whose frames are read anew each time.

    Raises:
        InputError: it cannot be read.
    """
    direct = Direct(source)
    beside = None if source.landmarks is None else points.stored(source.landmarks)
    count = len(direct)
    if beside is not None:
        _check(source, len(beside), count, cropped=False)
    keeper = Keeper(choice)
    numbers = [
        n
        for n in range(count)
        if keeper.wants(n) and keeper.keeps(n, None if beside is None else beside[n])
    ]
    beside = None if beside is None else beside[numbers]
    return Uncached(direct, np.array(numbers, np.int32), choice.size, beside)


def _check(source: Source, marks: int, frames: int, cropped: bool) -> None:
    if marks != frames:
        raise InputError(
            f"{source.path} has {frames} frames, but {source.landmarks} landmarks of {marks}.",
            hint="Fetch both again, or take the landmarks away.",
        )
    if cropped:
        raise InputError(
            f"{source.path} is not square, but has landmarks in pixels of a square.",
            hint="Take the landmarks away, or crop the clip: python -m tools.crop_video.",
        )


def _coded(image: Picture, codec: str) -> bytes:
    if codec == "raw":
        return image.tobytes()
    import cv2

    full = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    done, code = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY, *full])
    if not done:
        raise InputError(f"A frame of {image.shape} cannot be written as JPEG.")
    return code.tobytes()


def _unwritable(folder: Path, error: Exception) -> OutputError:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            f"The disk with the cache of decoded frames, {folder}, is full.",
            hint="Free some space, go without raw frames (--set data.cache=jpeg), or name another "
            "folder (--set data.cache_folder=FOLDER).",
        )
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return OutputError(
        f"Nothing can be kept in {folder}, the cache of decoded frames: {why}.",
        hint="Name another folder: --set data.cache_folder=FOLDER.",
    )
