"""One fault at a time, where it used to do more harm than it has to."""

import errno
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any, ClassVar

import av
import numpy as np
import pytest

from avatar.choosing.offer import Offer
from avatar.engine import Engine
from avatar.errors import EngineError, SinkLost, SourceError, SourceLost, UsageError
from avatar.events import Event
from avatar.frame import Frame, Portrait
from avatar.output import PartFile
from avatar.session import Session
from avatar.sinks.null import NullSink
from avatar.sinks.recorder import Recorder
from avatar.worker import still_running
from engines.fake import FakeEngine

from ..fakes import WholeCropper
from .conftest import open_files

BOX = np.array([0, 0, 256, 256], np.float32)
GREY = np.full((256, 256, 3), 90, np.uint8)
HANG_S = 10.0
END_S = 5.0
"""So soon after a test nothing may be left of it."""


class Clip:
    """A live source of 200 pictures a second, whose calls can be made to raise."""

    live = reconnects = True
    fps, size = 200.0, (256, 256)

    def __init__(self, name: str = "clip", **raises: Exception | None) -> None:
        self.name = name
        self.raises = raises
        self.opens = self.reads = 0

    def fault(self, call: str) -> None:
        error = self.raises.get(call)
        if error is not None:
            raise error

    def open(self) -> None:
        self.fault("open")
        self.opens += 1

    def read(self) -> Frame | None:
        self.fault("read")
        time.sleep(1 / self.fps)
        self.reads += 1
        return Frame(GREY, self.reads, time.monotonic_ns())

    def close(self) -> None:
        self.fault("close")


class Other(FakeEngine):
    """Another engine."""

    name: ClassVar[str] = "other"


class Sticky(FakeEngine):
    """Cannot be closed."""

    name: ClassVar[str] = "sticky"

    def close(self) -> None:
        raise RuntimeError("the driver hung up")


class Dying(Sticky):
    """Fails while running, and cannot be closed then."""

    name: ClassVar[str] = "dying"
    fail_after: ClassVar[int | None] = 3


class Shelf:
    """Chooses the first of its engines that has not failed; each can be asked for by its name."""

    def __init__(self, *engines: type[FakeEngine]) -> None:
        self.engines = engines

    def asked(self, spec: str) -> Engine:
        for engine in self.engines:
            if engine.name == spec:
                return engine()
        raise UsageError(f"No engine is called {spec!r}.", hint="Pick another.")

    def auto(self, failed: Any, progress: Any, cancelled: Any, *, measuring: bool) -> Offer:
        for engine in self.engines:
            if engine.name not in failed:
                return Offer(engine(), "first of the test")
        raise EngineError("No engine can run here.")

    def unused_gpu(self, engine: Engine, failed: Any) -> EngineError | None:
        return None


def session_of(
    source: Clip,
    *sinks: NullSink,
    shelf: Shelf | None = None,
    make_cropper: Callable[[], Any] = WholeCropper,
) -> tuple[Session, list[Event]]:
    session = Session(
        source,
        make_cropper,
        shelf or Shelf(FakeEngine, Other),  # type: ignore[arg-type]
        Portrait(GREY, BOX, GREY, None, "grey"),
        sinks,
    )
    events: list[Event] = []
    session.on_event(events.append)
    return session, events


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + HANG_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path) -> Iterator[None]:
    yield
    deadline = time.monotonic() + END_S
    while (left := still_running()) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert left == [] and open_files(tmp_path) == []


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost source is tried again soon."""
    monkeypatch.setattr("avatar.capture.RETRY_S", (0.01,))


@pytest.mark.parametrize(
    "faults",
    [
        {"read": SourceLost("clip was unplugged."), "close": RuntimeError("no such device")},
        {"read": SourceLost("clip was unplugged."), "open": MemoryError()},
        {"read": MemoryError()},
    ],
    ids=["close fails", "open fails", "out of memory"],
)
def test_a_camera_comes_back_whatever_its_driver_raises(faults: dict[str, Exception]) -> None:
    source, sink = Clip(), NullSink()
    session, events = session_of(source, sink)
    with session:
        until(lambda: sink.frames)
        source.raises = dict(faults)
        until(lambda: [e for e in events if e.kind == "warning"])
        time.sleep(0.05)
        source.raises = {}
        before = sink.frames
        until(lambda: sink.frames > before + 3)
    assert session.failure is None
    assert not [e for e in events if e.kind == "error"]


def test_a_camera_that_opens_and_gives_nothing_is_told_once() -> None:
    source, sink = Clip(), NullSink()
    session, events = session_of(source, sink)
    with session:
        until(lambda: sink.frames)
        source.raises = {"read": SourceLost("clip was unplugged.")}
        until(lambda: source.opens > 5)
        source.raises = {}
        before = sink.frames
        until(lambda: sink.frames > before + 3)
    told = [e for e in events if e.origin == "capture"]
    assert [e.kind for e in told] == ["warning", "info"] and "is back" in told[1].message


@pytest.mark.parametrize("faults", [{"open": MemoryError()}, {"open": OSError(5, "I/O error")}])
def test_a_source_that_cannot_be_opened_leaves_the_old_one(faults: dict[str, Exception]) -> None:
    source, sink = Clip(), NullSink()
    session, _ = session_of(source, sink)
    with session:
        until(lambda: sink.frames)
        with pytest.raises(type(faults["open"])):
            session.set_source(Clip("new", **faults)).result(HANG_S)
        before = sink.frames
        until(lambda: sink.frames > before + 3)
        assert session.source is source


def test_an_old_source_that_cannot_be_closed_gives_way() -> None:
    source, new, sink = Clip(), Clip("new"), NullSink()
    session, _ = session_of(source, sink)
    with session:
        until(lambda: sink.frames)
        source.raises = {"close": RuntimeError("no such device")}
        session.set_source(new).result(HANG_S)
        until(lambda: new.reads)


@pytest.mark.parametrize("later", [False, True], ids=["at the start", "in its place"])
def test_stopping_does_not_wait_for_a_camera_that_is_being_opened(later: bool) -> None:
    class Silent(Clip):
        """Waits for its first picture, as a camera does, for longer than a session ends."""

        def __init__(self) -> None:
            super().__init__("silent")
            self.opening, self.aborted = threading.Event(), threading.Event()

        def open(self) -> None:
            self.opening.set()
            self.aborted.wait(HANG_S)
            raise SourceError("silent was closed while it was being opened.")

        def abort(self) -> None:
            self.aborted.set()

    silent = Silent()
    session, events = session_of(Clip() if later else silent)
    session.start()
    if later:
        until(session.latest)
        asked = session.set_source(silent)
    assert silent.opening.wait(HANG_S)
    assert session.stop() == []
    assert session.failure is None and not [e for e in events if e.kind == "error"]
    if later:
        assert isinstance(asked.exception(HANG_S), SourceError)


def test_a_portrait_chosen_while_the_engine_loads_is_the_one_shown() -> None:
    loading, go = threading.Event(), threading.Event()

    class Late(FakeEngine):
        name: ClassVar[str] = "late"

        def open(self) -> None:
            loading.set()
            go.wait(HANG_S)

    white = np.full((256, 256, 3), 255, np.uint8)
    session, _ = session_of(Clip(), shelf=Shelf(Late))
    with session:
        assert loading.wait(HANG_S)
        asked = [session.set_portrait(Portrait(p, BOX, p, None, "")) for p in (GREY, white)]
        go.set()
        for each in asked:
            each.result(HANG_S)
        until(lambda: (shown := session.latest()) and shown.frame.image.min() == 255)


def test_the_cropper_is_closed_even_if_the_source_cannot_be() -> None:
    cropper = WholeCropper()
    session, _ = session_of(Clip(close=RuntimeError("gone")), make_cropper=lambda: cropper)
    with session:
        until(session.latest)
    assert cropper.closed


def test_without_a_cropper_nobody_waits_for_an_answer() -> None:
    def make() -> WholeCropper:
        raise MemoryError

    session, _ = session_of(Clip(), make_cropper=make)
    asked = session.set_source(Clip("new"))
    with session:
        with pytest.raises(CancelledError):
            asked.result(HANG_S)
        until(lambda: session.failure)


def test_what_is_searched_after_the_end_is_cancelled_not_forgotten() -> None:
    session, _ = session_of(Clip())
    with session:
        until(session.latest)
    with pytest.raises(CancelledError):
        session.find_reference().result(HANG_S)
    with pytest.raises(CancelledError):
        session.calibrate().result(HANG_S)


def test_maps_of_a_session_that_never_ran_leave_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = threading.Event()

    def newest() -> None:
        looking.set()
        time.sleep(0.1)

    session, _ = session_of(Clip())
    monkeypatch.setattr(session._inspector, "_newest", newest)
    session.inspect(("depth",))
    assert looking.wait(HANG_S)
    assert session.stop() == [] and not session._inspector.running


@pytest.mark.parametrize("wait", ["opened", "ended"])
def test_a_caller_that_gives_up_waiting_does_not_end_a_sink(wait: str) -> None:
    sink = NullSink()
    opening = threading.Event()

    class Late(NullSink):
        def open(self) -> None:
            opening.wait(HANG_S)
            super().open()

    late = Late("late")
    session, events = session_of(Clip(), sink)
    with session:
        future: Future[None] = session.add_sink(late)
        if wait == "opened":
            future.cancel()
        opening.set()
        until(lambda: late.frames > 2)
        removed = session.remove_sink(late)
        if wait == "ended":
            removed.cancel()
        until(lambda: not late.is_open)
    assert [e for e in events if e.kind == "error"] == []


def test_an_engine_that_cannot_be_closed_is_followed_by_the_next() -> None:
    session, _ = session_of(Clip(), shelf=Shelf(Sticky, Other))
    with session:
        until(session.latest)
        session.set_engine("other").result(HANG_S)
        assert session.stats().engine == "other"
    assert session.failure is None


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("CUDA error: out of memory"), EngineError("It broke.")]
)
@pytest.mark.parametrize("call", ["open", "encode", "detect", "render"])
def test_whatever_an_engine_raises_the_next_one_takes_over_and_it_is_said(
    call: str, error: Exception
) -> None:
    closed = []

    class Broken(FakeEngine):
        """Raises at one of its calls; at those of every frame only after some."""

        name: ClassVar[str] = "broken"

        def close(self) -> None:
            closed.append(self)

    def fail(engine: FakeEngine, *args: Any) -> Any:
        if call in ("open", "encode") or engine._rendered > 2:
            raise error
        return getattr(FakeEngine, call)(engine, *args)

    setattr(Broken, call, fail)
    sink = NullSink()
    session, events = session_of(Clip(), sink, shelf=Shelf(Broken, Other))
    with session:
        until(lambda: session.stats().engine == "other")
        before = sink.frames
        until(lambda: sink.frames > before + 3)
        assert session.stop() == []
    assert session.failure is None and len(closed) == 1
    assert [e.kind for e in events if e.kind in ("warning", "error")] == ["warning"]


def test_an_engine_that_dies_and_cannot_be_closed_is_replaced() -> None:
    sink = NullSink()
    session, events = session_of(Clip(), sink, shelf=Shelf(Dying, Other))
    with session:
        until(lambda: session.stats().engine == "other" and sink.frames > 6)
    assert session.failure is None and not [e for e in events if e.kind == "error"]


def test_an_error_after_the_change_of_engines_is_answered() -> None:
    class Puzzled(Shelf):
        def unused_gpu(self, engine: Engine, failed: Any) -> EngineError | None:
            if engine.name == "other":
                raise OSError("the driver does not answer")
            return None

        def auto(self, failed: Any, *rest: Any, measuring: bool) -> Offer:
            return Offer(self.engines[0 if measuring else 1](), "best")

    session, _ = session_of(Clip(), shelf=Puzzled(FakeEngine, Other))
    with session:
        until(session.latest)
        with pytest.raises(OSError, match="does not answer"):
            session.set_engine("auto").result(HANG_S)
        assert session.stats().engine == "other"


def grey(index: int, t_ns: int) -> Frame:
    return Frame(np.full((64, 64, 3), 20 * (index % 10), np.uint8), index, t_ns)


def pictures(path: Path) -> int:
    with av.open(str(path)) as file:
        return sum(1 for _ in file.decode(video=0))


def test_a_recording_without_memory_keeps_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(tmp_path / "a.mp4", fps=10)
    recorder.open()
    for index in range(25):
        recorder.write(grey(index, index * 100_000_000))

    def write(*args: object) -> None:
        raise MemoryError

    monkeypatch.setattr("avatar.media.VideoWriter.write", write)
    with pytest.raises(SinkLost, match="out of memory"):
        recorder.write(grey(26, 2_600_000_000))
    recorder.close()
    assert recorder.saved is not None and pictures(recorder.saved) >= 20
    assert open_files(tmp_path) == []


class FullDisk:
    """A file of a disk that has room for so many bytes."""

    def __init__(self, file: Any, room: int) -> None:
        self._file, self._room = file, room

    def write(self, data: bytes) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return int(self._file.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.mark.parametrize("room", [0, 300_000])
def test_a_disk_that_fills_up_ends_the_recording_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    def part(path: Path) -> PartFile:
        return PartFile(path, lambda temporary: FullDisk(open(temporary, "x+b"), room))  # type: ignore[arg-type,return-value]

    class Hurried(Clip):
        """A tenth of a second from one picture to the next, twenty times as fast."""

        def read(self) -> Frame | None:
            frame = super().read()
            assert frame is not None
            return Frame(GREY, self.reads, DAY_NS + self.reads * 100_000_000)

    monkeypatch.setattr("avatar.sinks.recorder.PartFile", part)
    healthy, recorder = NullSink(), Recorder(tmp_path / "a.mp4", fps=10)
    session, events = session_of(Hurried(), healthy, recorder)  # type: ignore[arg-type]
    noise = np.random.default_rng(1).integers(0, 255, (256, 256, 3), np.uint8)
    session.set_portrait(Portrait(noise, BOX, noise, None, "noise"))  # takes room
    with session:
        until(lambda: [e for e in events if e.kind == "error"])
        before = healthy.frames
        until(lambda: healthy.frames > before + 3)
        assert open_files(tmp_path) == []
    (error,) = [e for e in events if e.kind == "error"]
    assert error.origin == "sink-recorder" and "No space left" in error.message and error.hint
    assert session.failure is None and not session.sinks_failed()
    if room:
        assert recorder.saved is not None
        assert list(tmp_path.iterdir()) == [recorder.saved]
        assert pictures(recorder.saved) >= 10


DAY_NS = 24 * 3600 * 1_000_000_000


@pytest.mark.parametrize("jump_ns", [DAY_NS, -DAY_NS, 30 * DAY_NS])
def test_a_clock_that_jumps_is_left_out_of_a_recording(
    tmp_path: Path, jump_ns: int, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(tmp_path / "a.mp4", fps=10)
    recorder.open()
    start = 400 * DAY_NS
    with caplog.at_level(logging.WARNING, "avatar.sinks.recorder"):
        for index in range(20):
            t_ns = start + index * 100_000_000 + (jump_ns if index >= 10 else 0)
            recorder.write(grey(index, t_ns))
    recorder.close()
    assert pictures(tmp_path / "a.mp4") == recorder.frames == 20
    assert len(caplog.records) == 1


@pytest.mark.parametrize("jump_ns", [DAY_NS, -DAY_NS])
def test_a_clock_that_jumps_does_not_end_a_session(
    monkeypatch: pytest.MonkeyPatch, jump_ns: int
) -> None:
    """An engine slower than its camera, so that the governor is at work, and a recording of it."""
    jumped = [0]

    def clock() -> int:
        return time.monotonic_ns() + 400 * DAY_NS + jumped[0]

    class Slow(FakeEngine):
        delay_s: ClassVar[float] = 0.02

    class Jumping(Clip):
        def read(self) -> Frame | None:
            frame = super().read()
            assert frame is not None
            return Frame(frame.image, frame.index, clock())

    for module in ("capture", "inference", "governor", "gate", "delivery"):
        monkeypatch.setattr(f"avatar.{module}.monotonic_ns", clock)
    sink = NullSink()
    session, events = session_of(Jumping(), sink, shelf=Shelf(Slow))
    with session:
        until(lambda: session.stats().drops["skipped"] > 5)
        for _ in range(2):  # there and back
            jumped[0] = jump_ns - jumped[0]
            before, skipped = sink.frames, session.stats().drops["skipped"]
            until(lambda b=before: sink.frames > b + 5)  # type: ignore[misc]
            until(lambda s=skipped: session.stats().drops["skipped"] > s + 5)  # type: ignore[misc]
        assert session.stop() == []
    assert session.failure is None and not [e for e in events if e.kind in ("warning", "error")]


def test_a_pause_of_half_a_minute_keeps_its_time(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.mp4", fps=10)
    recorder.open()
    recorder.write(grey(0, 0))
    recorder.write(grey(1, 30_000_000_000))
    recorder.close()
    assert pictures(tmp_path / "a.mp4") == 301
