"""An open engine, and blocks of frames measured with it."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from avatar.bench.clock import ColourConversion
from avatar.bench.material import Material, driver
from avatar.bench.subject import Subject
from avatar.engine import Code, Engine, engines
from avatar.errors import EngineError
from avatar.frame import CROP_SIZE, Keypoints
from avatar.motion.settings import MotionSettings
from avatar.motion.transfer import Motion

WARM_SHARE = 0.15
"""Of a block's time goes into frames that are thrown away."""

FEWEST = 3
"""Frames that a block measures at least, however long they take."""

FRAME_NS = 33_333_333
"""Time from one recorded crop to the next."""

Tell = Callable[[str], None]
Block = dict[str, list[float]]
"""Milliseconds by stage, frame by frame; "frame" is the whole of it."""


class Measured(Protocol):
    """What a worker holds open."""

    def open(self, tell: Tell) -> dict[str, Any]:
        """Load, run the first frame; figures of it: first_frame_s, device."""
        ...

    def networks(self, seconds: float) -> Block:
        """The networks alone, back to back on recorded crops."""
        ...

    def pictures(self) -> np.ndarray:
        """The compared crops animated: (n, 256, 256, 3) uint8."""
        ...

    def close(self) -> None:
        """Free it; idempotent."""
        ...


def block(seconds: float, frame: Callable[[int], dict[str, float]]) -> Block:
    """Call ``frame(number)`` for so many seconds after a warm-up; what it gives, by stage."""
    number = 0
    begin = perf_counter()
    while number < 2 and perf_counter() - begin < seconds or _share(begin, seconds) < WARM_SHARE:
        frame(number)
        number += 1
    found: Block = {}
    begin, first = perf_counter(), number
    while number - first < FEWEST or _share(begin, seconds) < 1 - WARM_SHARE:
        for stage, ms in frame(number).items():
            found.setdefault(stage, []).append(ms)
        number += 1
    return found


def _share(begin: float, seconds: float) -> float:
    return (perf_counter() - begin) / seconds


class MeasuredEngine:
    """An engine held open.

    Args:
        subject: which.
        folder: of the :class:`~avatar.bench.material.Material`.
        crop: whether the whole pipeline follows the face.
        clip: what drives the whole pipeline; None = the bundled driver.
    """

    def __init__(self, subject: Subject, folder: Path, crop: bool, clip: str | None) -> None:
        self.subject = subject
        self._material = Material.load(folder)
        self._crop = crop
        self._clip = clip
        self._engine: Engine | None = None
        self._code: Code = None
        self._source: Keypoints | None = None
        self._pipeline: _Pipeline | None = None

    def open(self, tell: Tell) -> dict[str, Any]:
        """Make what has to be made (not timed), open, and animate one frame.

        Raises:
            AvatarError: it cannot run here.
        """
        engine = make_engine(self.subject)
        build(engine, tell)
        start = perf_counter()
        self._engine = engine
        engine.open()
        self._code, self._source = engine.encode(self._material.portrait)
        engine.render(self._code, engine.detect(np.array(self._material.crops[0])))
        took = perf_counter() - start
        figures = {
            "first_frame_s": took,
            "device": str(getattr(engine, "device", "cpu")),
        }
        # Now, since the face tracker takes a second or two that no round shall pay for.
        self._pipeline = _Pipeline(engine, self._material, self._crop, self._clip)
        return figures

    def networks(self, seconds: float) -> Block:
        """Detect and render; Motion between them is left out."""
        engine, crops = self._running, self._material.crops
        frames = [np.array(crop) for crop in crops]  # each its own array, as a cropper gives them

        def frame(number: int) -> dict[str, float]:
            start = perf_counter()
            keypoints = engine.detect(frames[number % len(frames)])
            detected = perf_counter()
            engine.render(self._code, keypoints)
            end = perf_counter()
            return {
                "detect": (detected - start) * 1e3,
                "render": (end - detected) * 1e3,
                "frame": (end - start) * 1e3,
            }

        return block(seconds, frame)

    def pipeline(self, seconds: float) -> Block:
        """Every stage of a frame, one after the other on one thread: decode to sink."""
        if self._pipeline is None:
            raise EngineError("The engine to measure is not open.")
        return block(seconds, self._pipeline.frame)

    def pictures(self) -> np.ndarray:
        """Relative motion without smoothing, so that no time stamp matters."""
        motion = Motion(MotionSettings(smoothing=0))
        assert self._source is not None
        motion.reset(self._source)
        pictures = []
        for number, crop in enumerate(self._material.compared):
            keypoints = motion(self._running.detect(np.array(crop)), number * FRAME_NS)
            pictures.append(self._running.render(self._code, keypoints))
        return np.stack(pictures)

    def close(self) -> None:
        """Close the engine and the pipeline; idempotent."""
        if self._pipeline is not None:
            self._pipeline.close()
            self._pipeline = None
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    @property
    def _running(self) -> Engine:
        if self._engine is None:
            raise EngineError("The engine to measure is not open.")
        return self._engine


class _Pipeline:
    """Source, cropper, animator and sink on one thread."""

    def __init__(self, engine: Engine, material: Material, crop: bool, clip: str | None) -> None:
        from avatar import assembly
        from avatar.animator import Animator
        from avatar.config import RunConfig
        from avatar.frame import Portrait
        from avatar.sinks.null import NullSink

        box = np.array([0, 0, CROP_SIZE, CROP_SIZE], np.float32)
        self._animator = Animator(engine, Motion())
        self._animator.set_portrait(
            Portrait(material.portrait, box, material.portrait, None, "bench")
        )
        self._cropper = assembly.cropper_maker(RunConfig(headless=True, crop=crop))()
        self._convert = ColourConversion()
        self._sink = NullSink()
        self._source = driver(clip)
        self._source.open()

    def frame(self, number: int) -> dict[str, float]:
        """One frame from the source to the sink; milliseconds by stage."""
        start = perf_counter()
        frame = self._source.read()
        if frame is None:
            raise EngineError("The driving clip ended.")
        decoded = perf_counter()
        crop = self._cropper.crop(frame)
        cropped = perf_counter()
        animated = self._animator.animate(crop)
        rendered = perf_counter()
        self._convert(animated.frame.image)
        converted = perf_counter()
        self._sink.write(animated.frame)
        end = perf_counter()
        return {
            "decode": (decoded - start) * 1e3,
            "crop": (cropped - decoded) * 1e3,
            **animated.stage_ms,
            "colour": (converted - rendered) * 1e3,
            "sink": (end - converted) * 1e3,
            "frame": (end - start) * 1e3,
        }

    def close(self) -> None:
        """Close source and cropper; idempotent."""
        self._source.close()
        self._cropper.close()


def make_engine(subject: Subject) -> Engine:
    """The engine of a subject, not yet open.

    Raises:
        EngineError: it is not installed, or cannot run here.
        WeightsError: its weights are missing.
    """
    kind = engines().get(subject.engine)
    if kind is None:
        raise EngineError(f"Engine {subject.engine} cannot be imported.")
    if missing := kind.available():
        raise EngineError(f"{missing[:1].upper()}{missing[1:]}.")
    weights = None
    if subject.weights is not None:
        from avatar.weights import describe

        weights = describe(subject.weights)
    make: Callable[..., Engine] = kind
    return make(weights, subject.precision)


def build(engine: Engine, tell: Tell) -> None:
    """Make what the engine still misses.

    Raises:
        AvatarError: it cannot be made.
    """
    if missing := engine.missing():
        tell(f"making {missing}, once")
        engine.build(lambda share, message: tell(f"{message} ({share:.0%})"), lambda: False)
