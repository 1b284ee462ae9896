"""From the table ``[data]`` to the footage of a split: find, divide, decode, leave out."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from avatar.errors import InputError, UsageError
from avatar.graphs import cache_folder
from avatar.tracker import FaceTracker, MediaPipeTracker
from tools.training.data.cache import Cache, Progress, uncached
from tools.training.data.choice import Choice
from tools.training.data.footage import Footage, KeptClip
from tools.training.data.frames import rate_of
from tools.training.data.settings import DataSettings
from tools.training.data.sources import TRAIN, VAL, Source, divide, find_sources
from tools.training.data.store import Entry, Kept

log = logging.getLogger(__name__)


def load(
    settings: DataSettings,
    split: str = TRAIN,
    *,
    landmarks: bool = False,
    progress: Progress | None = None,
    make: Callable[[], FaceTracker] = MediaPipeTracker,
) -> Footage:
    """A split of the training data, decoded where that was not done before.

    Args:
        settings: the table ``[data]``.
        split: "train" or "val".
        landmarks: whether the stage needs them; they are then found by MediaPipe in the clips that
            have none beside them, once.
        progress: told about the decoding; None: a bar on stderr.
        make: the tracker that finds faces.

    Returns:
        The footage. Of "val", footage of no rows where ``validation`` is 0 and nobody else said
        who is for validation.

    Raises:
        InputError: no such folder, no clips, or none that can be used.
        UsageError: too few identities for two splits.
        OutputError: the cache cannot be written.
    """
    import cv2

    # Loaders work in processes of their own; a pool of threads in each would only be in the way,
    # and one that was begun before a fork does not come along.
    cv2.setNumThreads(1)
    if not settings.folder:
        raise UsageError(
            "No training data was named.", hint="Name the folder: --data FOLDER, or data.folder."
        )
    folder = Path(settings.folder)
    sources = divide(find_sources(folder), settings.validation)
    chosen = [source for source in sources if source.split == split]
    if not chosen:
        if split == VAL:
            log.info("%s has no clips for validation", folder)
            return Footage([])
        raise InputError(
            f"All {len(sources)} clips in {folder} are for validation; none is left to train on.",
            hint='Correct "split" in its manifest.json, or put clips into its folder train.',
        )
    alone = sum(source.identity == source.name for source in chosen)
    if alone > 1:
        log.info(
            "%s: nobody says who is in %d of the %d clips; each counts as an identity of its own",
            *(folder, alone, len(chosen)),
        )
    kept = _kept(settings, chosen, split, landmarks, progress, make)
    footage = Footage(_usable(settings, chosen, kept))
    counts = (len(footage), len(footage.names), len(footage.identities))
    log.info("%s: %d frames of %d clips of %d identities", split, *counts)
    return footage


def _kept(
    settings: DataSettings,
    sources: Sequence[Source],
    split: str,
    landmarks: bool,
    progress: Progress | None,
    make: Callable[[], FaceTracker],
) -> list[Kept | InputError]:
    choice = Choice(
        settings.cache,
        settings.resolution,
        settings.stride if split == TRAIN else settings.validation_stride,
        settings.least_motion if split == TRAIN else 0.0,
        settings.longest_still if split == TRAIN else 1,
        landmarks,
    )
    if settings.cache == "none":
        if landmarks and any(source.landmarks is None for source in sources):
            raise UsageError(
                'This stage needs landmarks, and data.cache = "none" cannot keep those that are '
                "found.",
                hint='Set data.cache to "raw" or "jpeg".',
            )
        log.warning('data.cache is "none": every frame drawn is decoded anew, which is slow')
        return [_uncached(source, replace(choice, find=False)) for source in sources]
    folder = Path(settings.cache_folder) if settings.cache_folder else cache_folder() / "training"
    cache = Cache(folder, make)
    if progress is not None:
        return list(cache.open(sources, choice, progress))
    from avatar.cli.bar import Bar

    bar = Bar()
    started: list[bool] = []

    def show(doing: str, done: int, total: int) -> None:
        if not started:  # a cache that is complete needs no bar
            bar.start()
            started.append(True)
        bar.show(doing, done, total)

    try:
        return list(cache.open(sources, choice, show))
    finally:
        bar.stop()


def _uncached(source: Source, choice: Choice) -> Kept | InputError:
    try:
        return uncached(source, choice)
    except InputError as error:
        return error


def _usable(
    settings: DataSettings, sources: Sequence[Source], kept: Sequence[Kept | InputError]
) -> list[KeptClip]:
    """The clips of at least two frames; the others are named.

    Raises:
        InputError: none is left, or ``strict`` and one cannot be used.
    """
    clips: list[KeptClip] = []
    reasons: list[str] = []
    faceless = 0
    cropped: list[str] = []
    for source, entry in zip(sources, kept, strict=True):
        if isinstance(entry, Entry):
            faceless += entry.faceless
            if entry.cropped:
                cropped.append(source.name)
        if not isinstance(entry, InputError) and len(entry.numbers) > 1:
            fps = entry.rate if isinstance(entry, Entry) else rate_of(source)
            clips.append(KeptClip(source.name, source.identity, fps, entry, source.path))
            continue
        if isinstance(entry, InputError):
            why = entry.message
        else:
            without = f", {entry.faceless} without a face" if isinstance(entry, Entry) else ""
            why = f"{source.path} has {len(entry.numbers)} frames to keep{without}; expected 2."
        if settings.strict:
            raise InputError(why, hint="Repair it, take it away, or do without data.strict.")
        log.warning("%s is left out: %s", source.name, why)
        reasons.append(why)
    if not clips:
        raise InputError(
            f"None of {len(sources)} clips in {settings.folder} can be used. The first: "
            f"{reasons[0]}",
            hint="Give videos of faces, cropped as by: python -m tools.crop_video.",
        )
    if reasons:
        log.warning("%d of %d clips are left out", len(reasons), len(sources))
    if faceless:
        log.warning("%d frames are left out because no face was found in them", faceless)
    if cropped:
        log.warning(
            "%d clips are not square (%s ...); the middle of each frame is taken. Better: "
            "python -m tools.crop_video",
            *(len(cropped), cropped[0]),
        )
    return clips
