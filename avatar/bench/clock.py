"""Timed parts of the pipeline: a source, a cropper and a sink that note how long they take."""

import threading
from collections.abc import Callable
from time import monotonic, monotonic_ns, perf_counter, sleep

import numpy as np

from avatar.capture import Cropper, Passing
from avatar.frame import Animated, Crop, Frame, Image, letterbox
from avatar.sinks.null import NullSink
from avatar.sources.base import Source

HD = (1280, 720)
"""What virtual cameras get: the square is letterboxed into it."""

_WAIT_S = 0.4  # read() waits at most so long


class Times:
    """Milliseconds by stage, with the moment each was noted, so that a warm-up can be left out.

    Each stage has one writing thread.
    """

    def __init__(self) -> None:
        self._noted: dict[str, list[tuple[float, float]]] = {}

    def add(self, stage: str, ms: float) -> None:
        """Note a value now."""
        self._noted.setdefault(stage, []).append((monotonic(), ms))

    def since(self, begin: float) -> dict[str, list[float]]:
        """Values by stage noted after ``begin`` (``time.monotonic()`` seconds)."""
        noted = {stage: tuple(values) for stage, values in tuple(self._noted.items())}
        return {stage: [ms for at, ms in values if at >= begin] for stage, values in noted.items()}


class InFlight:
    """Frames between source and sink: the source waits while there are enough of them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._arrived = -1

    def arrived(self, index: int) -> None:
        """The sink has a frame; those before it have come or never will."""
        with self._changed:
            self._arrived = index
            self._changed.notify()

    def wait(self, index: int, timeout_s: float) -> None:
        """Return when frame ``index`` would be one of at most two, or after the time."""
        with self._changed:
            self._changed.wait_for(lambda: index - self._arrived <= 2, timeout_s)


class BenchSource:
    """A live source over an unpaced one; see :class:`~avatar.sources.base.Source`.

    A frame's time is that of its grab, before it is decoded, as with a camera: decoding is part of
    its age.

    Args:
        inner: gives every frame as it is asked for.
        fps: frames a second; None is a free run: the next frame is grabbed when the one before the
            last has arrived, so that one is cropped while one is animated. Grabbing all there are
            would take the networks' cores for frames that are dropped.
        times: gets "decode".
        in_flight: knows what has arrived; needed by a free run.
    """

    live = True
    reconnects = False

    def __init__(self, inner: Source, fps: float | None, times: Times, in_flight: InFlight) -> None:
        self._inner = inner
        self._in_flight = in_flight
        self._fps = fps
        self._times = times
        self._start = 0.0
        self._index = -1

    @property
    def name(self) -> str:
        """That of the inner source."""
        return self._inner.name

    @property
    def fps(self) -> float:
        """What it is paced to, or what the inner source has."""
        return self._fps or self._inner.fps

    @property
    def size(self) -> tuple[int, int]:
        """That of the inner source."""
        return self._inner.size

    def open(self) -> None:
        """See :meth:`Source.open`."""
        self._inner.open()
        self._start, self._index = monotonic(), -1

    def read(self) -> Frame | None:
        """The next frame when it is due; frames that a late reader missed are left out."""
        self._index += 1
        if self._fps is None:
            self._in_flight.wait(self._index, _WAIT_S)
        else:
            now = monotonic() - self._start
            self._index = max(self._index, int(now * self._fps))
            sleep(min(max(0.0, self._index / self._fps - now), _WAIT_S))
        t_ns, start = monotonic_ns(), perf_counter()
        frame = self._inner.read()
        self._times.add("decode", (perf_counter() - start) * 1e3)
        return None if frame is None else Frame(frame.image, self._index, t_ns)

    def close(self) -> None:
        """See :meth:`Source.close`."""
        self._inner.close()


class BenchCropper:
    """A cropper that notes "crop"."""

    def __init__(self, inner: Cropper, times: Times) -> None:
        self._inner = inner
        self._times = times

    def crop(self, frame: Frame) -> Crop:
        """See :class:`avatar.cropper.FaceCropper`."""
        start = perf_counter()
        crop = self._inner.crop(frame)
        self._times.add("crop", (perf_counter() - start) * 1e3)
        return crop

    def pass_over(self, frame: Frame) -> None:
        """See :class:`avatar.capture.Passing`."""
        inner: object = self._inner
        if isinstance(inner, Passing):
            inner.pass_over(frame)

    def close(self) -> None:
        """Close the inner one."""
        self._inner.close()


class ColourConversion:
    """What a virtual camera does to a picture: 1280x720 with bars, then I420."""

    def __init__(self) -> None:
        self._stage = np.zeros((HD[1], HD[0], 3), np.uint8)
        self._planes = np.empty((HD[1] * 3 // 2, HD[0]), np.uint8)

    def __call__(self, image: Image) -> np.ndarray:
        """(1080, 1280) uint8, the planes Y, U, V; overwritten by the next call."""
        import cv2

        letterbox(image, *HD, out=self._stage)
        cv2.cvtColor(self._stage, cv2.COLOR_RGB2YUV_I420, dst=self._planes)
        return self._planes


class BenchSink(NullSink):
    """Converts as a virtual camera would, throws away, and notes "colour", "sink" and "age".

    It also notes the stages of the frame that arrives ("detect", "motion", "render"), which is the
    session's newest unless this sink is slower than the networks.

    Args:
        times: gets them.
        in_flight: told what has arrived.
        latest: the session's newest frame.
    """

    def __init__(
        self, times: Times, in_flight: InFlight, latest: Callable[[], Animated | None]
    ) -> None:
        super().__init__("bench")
        self.first_ns = 0
        self._times = times
        self._in_flight = in_flight
        self._latest = latest
        self._convert = ColourConversion()

    def write(self, frame: Frame) -> None:
        """Take a frame; its age is that after the conversion."""
        self.first_ns = self.first_ns or monotonic_ns()
        start = perf_counter()
        self._convert(frame.image)
        converted = perf_counter()
        super().write(frame)
        self._times.add("colour", (converted - start) * 1e3)
        self._times.add("sink", (perf_counter() - converted) * 1e3)
        self._times.add("age", (monotonic_ns() - frame.t_ns) / 1e6)
        self._in_flight.arrived(frame.index)
        newest = self._latest()
        if newest is not None and newest.frame.index == frame.index:
            for stage, ms in newest.stage_ms.items():
                self._times.add(stage, ms)
