"""Rendering: a portrait and a driving video in, a video out; no drops.

The same Animator as live; frames are read and cropped one thread ahead of it. Since the whole clip
is there, its first frame with a face is the neutral pose, or the one that fits the portrait best,
for which the clip is read twice.
"""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

from avatar.animator import Animator
from avatar.cropper import FaceCropper
from avatar.engine import Engine, label_of
from avatar.errors import (
    AvatarError,
    Cancelled,
    InputError,
    NoFaceError,
    OutputError,
)
from avatar.frame import CROP_SIZE, Crop, Face, Portrait
from avatar.labelling import labels_for
from avatar.likeness import find_best_frame
from avatar.motion.transfer import Motion
from avatar.offline.ahead import Ahead
from avatar.offline.driving import Driving
from avatar.offline.montage import Montage
from avatar.offline.order import RenderConfig, RenderReport
from avatar.offline.paste import Paste
from avatar.offline.result import Result, check_result, open_result
from avatar.opening import Progress, open_engine
from avatar.portraits.portrait import load_portrait
from avatar.tracker import FaceTracker, MediaPipeTracker

log = logging.getLogger(__name__)


def _no_progress(doing: str, done: int, total: int) -> None:
    log.debug("%s %d of %d", doing, done, total)


def render(
    config: RenderConfig,
    progress: Progress = _no_progress,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    portrait_tracker: FaceTracker | None = None,
    driving_tracker: FaceTracker | None = None,
) -> RenderReport:
    """Animate the portrait by the driving video.

    Everything that can be wrong with the inputs and the output is found before work starts. When it
    stops in the middle, for whatever reason, what was rendered is kept as a playable file, and the
    error says where.

    Args:
        config: what and how.
        progress: told about every step and frame.
        cancelled: asked between frames.
        portrait_tracker, driving_tracker: find the faces; None: MediaPipe.

    Raises:
        OutputError, InputError, SourceError, WeightsError, UsageError: refused, nothing written.
        SourceLost, EngineError, OutputError: it failed in the middle.
        Cancelled: ``cancelled`` turned true.
    """
    check_result(config.output, inputs=(config.portrait, config.driving))
    with ExitStack() as stack:
        source = Driving(config.driving, config.excerpt, config.fps)
        stack.callback(source.close)
        source.open()
        progress("Finding the face in the portrait", 0, 0)
        portrait = _portrait(config, portrait_tracker)
        progress("Loading the model", 0, 0)
        engine, reason = open_engine(config.model, config.engine, progress, cancelled)
        stack.callback(engine.close)
        animator = _animator(config, engine, portrait)
        tracker = None
        if config.crop:
            tracker = driving_tracker or MediaPipeTracker()
        cropper = FaceCropper(tracker, enabled=config.crop)
        stack.callback(cropper.close)
        if cancelled():
            raise Cancelled("Stopped before the first frame; nothing was written.")
        total = source.total
        neutral = None
        if config.best_frame and portrait.face is not None:
            neutral = _best_frame(
                config, source, portrait.face, driving_tracker, total, progress, cancelled
            )
            if neutral is not None:
                animator.calibrate_to(neutral)
        montage = Montage(animator, portrait) if config.side_by_side else None
        paste = Paste(portrait) if config.paste_back else None
        whole = montage or paste
        size = whole.size if whole is not None else (CROP_SIZE, CROP_SIZE)
        film = open_result(config.output, source.rate, source.clip, config.driving, size)
        begun = time.perf_counter()
        try:
            held = _roll(source, cropper, animator, whole, film, total, progress, cancelled)
            if not film.frames:
                raise InputError(
                    f"{config.driving} has no picture that can be decoded.",
                    hint="Copy or download it again.",
                )
            output = film.finish()
        except BaseException as error:
            if (told := _interrupted(error, film, total, config.output)) is error:
                raise
            raise told from error
    seconds = time.perf_counter() - begun
    warnings = _warnings(config.driving, film, held)
    if source.clip.sound_start is not None and film.sound == "none":
        warnings.append(f"{config.output.name} holds no sound; that of the video is left out.")
    if montage is not None and montage.warning:
        warnings.append(montage.warning)
    if config.best_frame and neutral is None and held < film.frames:
        warnings.append(
            f"No frame of {config.driving.name} shows a face to compare; the first is the neutral "
            "pose."
        )
    return RenderReport(
        output=output,
        frames=film.frames,
        held=held,
        seconds=seconds,
        fps=film.frames / max(seconds, 1e-9),
        sound=film.sound,
        engine=label_of(engine),
        reason=reason,
        warnings=(*portrait.warnings, *warnings),
        neutral=None if neutral is None else neutral.index,
    )


def _portrait(config: RenderConfig, tracker: FaceTracker | None) -> Portrait:
    if not config.best_frame:
        return load_portrait(config.portrait, tracker, crop=config.crop)
    if tracker is None:  # the landmarks are needed, of a bundled portrait too
        with MediaPipeTracker(static=True, max_faces=5) as own:
            portrait = load_portrait(config.portrait, own, crop=config.crop)
    else:
        portrait = load_portrait(config.portrait, tracker, crop=config.crop)
    if portrait.face is None:
        raise NoFaceError(
            f"No face was found in {config.portrait}, with which the driving frames shall be "
            "compared.",
            hint="Leave out --find-best-frame: the first frame with a face is the neutral pose "
            "then.",
        )
    return portrait


def _best_frame(
    config: RenderConfig,
    source: Driving,
    face: Face,
    tracker: FaceTracker | None,
    total: int,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> Crop | None:
    """Read the source once and open it anew; None where no frame shows a face."""
    with ExitStack() as stack:
        if tracker is None:
            # Of its own, so that rendering does not begin with what was tracked at the end.
            tracker = stack.enter_context(MediaPipeTracker())
        best = find_best_frame(
            source,
            FaceCropper(tracker, enabled=config.crop),
            tracker,
            face,
            lambda frames: progress("Finding the best frame", frames, max(total, frames)),
            cancelled,
        )
    source.rewind()
    return None if best is None else best.crop


def _animator(config: RenderConfig, engine: Engine, portrait: Portrait) -> Animator:
    labels = labels_for(config.model) if engine.rank >= 0 else None  # fakes need no weights
    animator = Animator(engine, Motion(config.motion, labels))
    animator.set_portrait(portrait)
    animator.calibrate()
    return animator


def _roll(
    source: Driving,
    cropper: FaceCropper,
    animator: Animator,
    whole: Montage | Paste | None,
    film: Result,
    total: int,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> int:
    """Every frame through cropper and animator into the film; the number without a face."""
    held = 0
    start_ns: int | None = None
    progress("Rendering", 0, total)
    with Ahead(source, cropper) as ahead:
        for frame, crop in ahead:
            if cancelled():
                raise Cancelled("")
            start_ns = frame.t_ns if start_ns is None else start_ns
            held += crop.held
            animated = animator.animate(crop)
            image = animated.frame.image if whole is None else whole.compose(animated)
            film.add(image, Fraction(frame.t_ns - start_ns, 1_000_000_000))
            progress("Rendering", film.frames, max(total, film.frames))
    return held


def _interrupted(error: BaseException, film: Result, total: int, output: Path) -> BaseException:
    """Keep what there is; the error to raise, which says where."""
    frames = film.frames
    kept = film.keep()
    where = "nothing was written"
    if kept is not None:
        where = f"the first {frames} of {max(total, frames)} frames are in {kept}"
    if isinstance(error, Cancelled | KeyboardInterrupt):
        return Cancelled(f"Stopped; {where}.")
    if isinstance(error, AvatarError):
        return type(error)(f"{error.message.rstrip('.')}; {where}.", hint=error.hint)
    if isinstance(error, OSError):
        return OutputError(
            f"{output} cannot be written any further: {error.strerror or error}; {where}.",
            hint="Free some space or choose another disk.",
        )
    return error


def _warnings(driving: Path, film: Result, held: int) -> list[str]:
    warnings = []
    if held == film.frames:
        warnings.append(f"No face was found in {driving.name}; the portrait does not move.")
    elif held:
        warnings.append(
            f"{held} of {film.frames} frames of {driving.name} show no face; "
            "the portrait holds its pose there."
        )
    if film.warning:
        warnings.append(film.warning)
    return warnings
