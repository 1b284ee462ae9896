"""What fails for every frame is logged once, and once more when it is over."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avatar.choosing.choice import Offer
from avatar.engine import Engine
from avatar.errors import EngineError, SinkLost
from avatar.events import Event
from avatar.frame import Animated, Crop, Frame, Portrait
from avatar.inspector import Inspector
from avatar.pace import Pace
from avatar.session import Session
from avatar.sinks.null import NullSink
from avatar.sinks.recorder import Recorder
from avatar.sources.file import FileSource
from engines.fake import FakeEngine

BOX = np.array([0, 0, 256, 256], np.float32)
GREY = np.full((256, 256, 3), 90, np.uint8)
PORTRAIT = Portrait(GREY, BOX, GREY, None, "grey")
HANG_S = 20.0


class Camera:
    """2000 pictures a second; ``failures`` calls of read raise as a driver does."""

    name, live, reconnects, fps, size = "camera", True, True, 2000.0, (256, 256)

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.reads = 0

    def open(self) -> None:
        pass

    def read(self) -> Frame | None:
        if self.reads > 3 and self.failures:
            self.failures -= 1
            raise RuntimeError(f"select timeout {self.failures}")
        time.sleep(1 / self.fps)
        self.reads += 1
        return Frame(GREY, self.reads, time.monotonic_ns())

    def close(self) -> None:
        pass


class Cropper:
    def crop(self, frame: Frame) -> Crop:
        return Crop(frame.image, BOX, None, False, frame.index, frame.t_ns)

    def close(self) -> None:
        pass


class Chooser:
    def asked(self, spec: str) -> Engine:
        return FakeEngine()

    def auto(self, failed: Any, progress: Any, cancelled: Any, *, measuring: bool) -> Offer:
        return Offer(FakeEngine(), "a fake")

    def showing(self, maps: Any) -> Engine:
        return FakeEngine()

    def unused_gpu(self, engine: Engine, failed: Any) -> EngineError | None:
        return None


@pytest.fixture(autouse=True)
def info(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("avatar.capture.RETRY_S", (0.0,))
    monkeypatch.setattr("avatar.inspector.RETRY_S", 0.0)


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + HANG_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


def troubles(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.WARNING]


def session(camera: Camera, *sinks: Any) -> Session:
    return Session(camera, Cropper, Chooser(), PORTRAIT, sinks)


def test_a_thousand_failing_reads_are_one_warning_and_one_info(
    caplog: pytest.LogCaptureFixture,
) -> None:
    camera = Camera(1000)
    with session(camera, NullSink()):
        until(lambda: camera.failures == 0 and camera.reads > 10)
    (warning,) = troubles(caplog)
    assert "select timeout 999" in warning.getMessage()
    assert warning.exc_info is not None and isinstance(warning.exc_info[1], RuntimeError)
    back = [record for record in caplog.records if "is back" in record.getMessage()]
    assert [record.levelname for record in back] == ["INFO"]
    assert len(caplog.records) < 20


def test_many_frames_are_logged_no_more_than_a_few(caplog: pytest.LogCaptureFixture) -> None:
    lines = {}
    for frames in (10, 400):
        caplog.clear()
        camera, sink = Camera(), NullSink()
        with session(camera, sink):
            until(lambda camera=camera, frames=frames: camera.reads > frames)
        lines[frames] = sorted({record.msg for record in caplog.records})
        assert len(caplog.records) < 20
    assert lines[10] == lines[400]


def test_what_is_told_is_logged_with_what_is_behind_it(caplog: pytest.LogCaptureFixture) -> None:
    class Full(NullSink):
        def write(self, frame: Frame) -> None:
            try:
                raise OSError(28, "No space left on device")
            except OSError as error:
                raise SinkLost("The disk is full.", hint="Free some space.") from error

    camera = Camera()
    with session(camera, Full()):
        until(lambda: camera.reads > 100)
    (error,) = troubles(caplog)
    assert error.getMessage() == "The disk is full. Free some space."
    assert error.levelname == "ERROR" and error.exc_info is not None
    assert isinstance(error.exc_info[1], OSError)


def test_what_the_log_tells_of_a_run(caplog: pytest.LogCaptureFixture) -> None:
    camera, sink = Camera(), NullSink()
    with session(camera, sink):
        until(lambda: sink.frames > 3)
    text = "\n".join(record.getMessage() for record in caplog.records)
    for told in (
        "camera gives 256x256 at 2000 fps", "Engine fake: a fake.", "portrait of 256x256",
        "sink-null is open", "sink-null ends: ",
    ):  # fmt: skip
        assert told in text


def test_a_listener_that_fails_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    made = session(Camera())
    heard = []

    def listen(event: Event) -> None:
        if len(heard) != 500:
            heard.append(event)
            raise ValueError("odd")

    made.on_event(listen)
    for _ in range(500):
        made._emit(Event("building", "Building ov", share=0.1))
    assert len(troubles(caplog)) == 1
    made._emit(Event("building", "Building ov", share=0.2))  # it can hear again
    heard.clear()
    made._emit(Event("building", "Building ov", share=0.3))
    assert len(troubles(caplog)) == 2


def test_maps_that_cannot_be_had_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    asked = []

    def showing(maps: Any) -> Engine:
        asked.append(maps)
        raise EngineError("No engine has these maps.")

    newest = Animated.__new__(Animated)
    inspector = Inspector(showing, lambda: newest, lambda: PORTRAIT, Pace(1.0))
    for number in range(50):  # it tries again when something else is asked for
        inspector.want(["depth"], (number / 50, 0.5))
        until(lambda number=number: len(asked) > number)
    assert inspector.stop(5.0) == []
    (warning,) = troubles(caplog)
    assert "No engine has these maps" in warning.getMessage()


def test_a_clock_that_jumps_at_every_frame(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(tmp_path / "a.mp4", fps=30)
    recorder.open()
    t_ns = 0
    for index in range(200):
        t_ns += 100_000_000_000
        recorder.write(Frame(GREY, index, t_ns))
    for index in range(200, 210):
        t_ns += 33_000_000
        recorder.write(Frame(GREY, index, t_ns))
    recorder.close()
    (warning,) = troubles(caplog)
    assert "100 s are left out" in warning.getMessage()
    over = [r for r in caplog.records if "follow each other again" in r.getMessage()]
    assert len(over) == 1 and "199 times" in over[0].getMessage()


def test_a_file_that_is_always_late(
    make_video: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    now = [0]
    source = FileSource(
        make_video(frames=20), loop=True, clock=lambda: now[0], sleep=lambda s: None
    )
    source.open()
    for _ in range(100):
        now[0] += 5_000_000_000
        assert source.read() is not None
    source.close()
    late = [record for record in caplog.records if "clock is set anew" in record.getMessage()]
    assert len(late) == 1
