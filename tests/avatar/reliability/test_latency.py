"""Frames never queue up: their age at an output stays bounded, the newest wins, and what is dropped
is dropped before the networks see it; whatever the camera's rate and however slow the rest is."""

import random
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest

from avatar.choosing.offer import Offer
from avatar.engine import Engine
from avatar.errors import EngineError
from avatar.frame import Frame, Image, Keypoints, Portrait
from avatar.session import Session
from avatar.sinks.null import NullSink
from engines.fake import FakeEngine

from ..fakes import WholeCropper

BOX = np.array([0, 0, 256, 256], np.float32)
GREY = np.full((256, 256, 3), 90, np.uint8)
RATES = (5, 30, 60, 120)
BUSY_MS = 400.0
"""What a busy machine may add to an age; a queue of a second's frames would add far more."""


class Camera:
    """A live camera of a fixed rate that writes the number of each frame into it; a late reader
    gets the frame of now."""

    live, reconnects = True, False
    name, size = "camera", (256, 256)

    def __init__(self, fps: float) -> None:
        self.fps = fps
        self.handed_on = -1  # the newest frame that lies in inference's mailbox, or lay there
        self.read_out: list[int] = []
        self._start = 0.0
        self._index = -1

    def open(self) -> None:
        self._start = time.monotonic()

    def read(self) -> Frame | None:
        self.handed_on = self._index  # capture comes back for more: the last one was handed on
        now = time.monotonic() - self._start
        self._index = max(self._index + 1, int(now * self.fps))
        time.sleep(max(0.0, self._index / self.fps - now))
        image = GREY.copy()
        image[0, 0] = self._index >> 8, self._index & 255, 7
        self.read_out.append(self._index)
        return Frame(image, self._index, time.monotonic_ns())

    def close(self) -> None:
        pass


class Slow(FakeEngine):
    """Takes up to ``longest_s`` for a picture, and notes which frames it sees, and which was the
    newest that it could have had."""

    longest_s: ClassVar[float] = 0.06
    chance: ClassVar[random.Random] = random.Random(7)
    camera: ClassVar[Camera]
    seen: ClassVar[list[int]]
    newest: ClassVar[list[int]]

    def detect(self, driving: Image) -> Keypoints:
        high, low, mark = driving[0, 0].tolist()
        index = (high << 8) + low
        if mark == 7 and (not self.seen or self.seen[-1] != index):  # twice for the neutral pose
            self.seen.append(index)
        return super().detect(driving)

    def render(self, code: Any, driving: Keypoints) -> Image:
        image = super().render(code, driving)
        self.newest.append(self.camera.handed_on)
        return image

    def delay(self) -> float:
        return self.chance.uniform(0, self.longest_s)


class Shelf:
    """Has one engine."""

    def __init__(self, engine: type[FakeEngine]) -> None:
        self._engine = engine

    def asked(self, spec: str) -> Engine:
        return self._engine()

    def auto(self, failed: Any, progress: Any, cancelled: Any, *, measuring: bool) -> Offer:
        return Offer(self._engine(), "the only one")

    def unused_gpu(self, engine: Engine, failed: Any) -> EngineError | None:
        return None


class Noting(NullSink):
    """Notes age and number of each frame; ``write`` takes as long as ``stall`` makes it."""

    def __init__(self, name: str, stall: Callable[[], object] = lambda: None) -> None:
        super().__init__(name)
        self.ages: list[float] = []
        self.indices: list[int] = []
        self._stall = stall

    def write(self, frame: Frame) -> None:
        super().write(frame)
        self.ages.append((time.monotonic_ns() - frame.t_ns) / 1e6)
        self.indices.append(frame.index)
        self._stall()


class Run:
    """A session with a slow engine, a sink that takes all it gets, one that now and then stalls
    and one that hangs, for some seconds."""

    def __init__(self, fps: float, longest_s: float, seconds: float, seed: int = 7) -> None:
        self.camera = Camera(fps)
        release = threading.Event()
        engine = type(
            "Slow",
            (Slow,),
            {
                "longest_s": longest_s,
                "chance": random.Random(seed),
                "camera": self.camera,
                "seen": [],
                "newest": [],
            },
        )
        pause = random.Random(seed)
        self.healthy = Noting("healthy")
        self.moody = Noting("moody", lambda: time.sleep(pause.choice([0, 0, 0.15])))
        self.hung = Noting("hung", lambda: release.wait(60))
        session = Session(
            self.camera,
            WholeCropper,
            Shelf(engine),  # type: ignore[arg-type]
            Portrait(GREY, BOX, GREY, None, "grey"),
            [self.hung, self.moody, self.healthy],
        )
        with session:
            deadline = time.monotonic() + 20
            while not self.healthy.frames and time.monotonic() < deadline:
                time.sleep(0.005)
            time.sleep(seconds)
            release.set()
        self.stats = session.stats()
        self.seen, self.newest = engine.seen, engine.newest  # type: ignore[attr-defined]


def check(run: Run, longest_s: float) -> None:
    """What always has to hold."""
    # Waiting for the engine (one call at most), its own call, and what a busy machine adds.
    bound_ms = 2 * longest_s * 1e3 + BUSY_MS
    assert np.percentile(run.healthy.ages, 75) < bound_ms
    third = len(run.healthy.ages) // 3
    first, last = run.healthy.ages[:third], run.healthy.ages[-third:]
    assert np.median(last) < np.median(first) + longest_s * 1e3 + BUSY_MS / 2
    assert np.percentile(run.moody.ages, 75) < bound_ms + 200  # its own stall comes on top
    for sink in (run.healthy, run.moody):
        assert all(np.diff(sink.indices) > 0)
    # When the engine came back it got the newest there was.
    assert all(np.diff(run.seen) > 0)
    for before, taken in zip(run.newest, run.seen[1:], strict=False):
        assert taken >= before
    # The engine saw only what went out (the last one may be on its way).
    assert 0 <= len(run.seen) - len(run.healthy.indices) <= 1 + run.stats.drops["sink-healthy"]
    assert run.healthy.indices == [i for i in run.seen if i in set(run.healthy.indices)]


@pytest.mark.parametrize("fps", RATES)
def test_the_age_is_bounded_and_the_newest_wins(fps: float) -> None:
    run = Run(fps, 0.06, 0.8)
    check(run, 0.06)
    assert run.stats.drops["sink-hung"] > 0
    if fps > 60:
        dropped = run.stats.drops["skipped"] + run.stats.drops["inference"]
        assert dropped > 0 and len(run.camera.read_out) > len(run.seen)


def test_frames_are_dropped_before_the_networks_see_them() -> None:
    run = Run(120, 0.06, 0.7)
    since = [index for index in run.camera.read_out if index > run.seen[0]]
    unseen = len(since) - len(run.seen) + 1
    assert unseen > len(run.seen)  # more than half, as the engine is several times too slow
    drops = run.stats.drops
    # Those on their way at start and end are not counted.
    assert abs(unseen - drops["inference"] - drops["skipped"]) <= 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("fps", RATES)
def test_half_a_second_of_delay_does_not_grow(fps: float, seed: int) -> None:
    run = Run(fps, 0.5, 6.0, seed)
    check(run, 0.5)
    assert run.stats.stage_age_ms["render"]["p99"] < 1000 + BUSY_MS


def test_the_ages_of_stages_and_sinks_are_told() -> None:
    run = Run(60, 0.03, 0.4)
    told = run.stats.sink_age_ms
    assert set(told) == {"sink-hung", "sink-moody", "sink-healthy"}
    stages = run.stats.stage_age_ms
    assert list(stages) == ["capture", "crop", "wait", "detect", "motion", "render"]
    for percentile in ("p50", "p95", "p99"):
        ages = [stage[percentile] for stage in stages.values()]
        assert ages == sorted(ages)
    # What leaves the engine is what arrives, a moment later.
    assert stages["render"]["p50"] <= told["sink-healthy"]["p50"] + 20
