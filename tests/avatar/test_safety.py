"""A whole session: hidden at once whatever hangs, raw only when chosen, at rest without a face."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, ClassVar

import numpy as np
import pytest

from avatar.channels import Closed
from avatar.choosing.offer import Offer
from avatar.config import RunConfig
from avatar.errors import SourceLost
from avatar.frame import Crop, Frame, Image, Portrait
from avatar.rest import Rest
from avatar.session import Session
from avatar.sinks.null import NullSink
from engines.fake import FakeEngine

BOX = np.array([0, 0, 256, 256], np.float32)
GREY = np.full((256, 256, 3), 90, np.uint8)
DRIVER = np.full((256, 256, 3), 180, np.uint8)
OTHER = np.full((256, 256, 3), 45, np.uint8)
SLATE = np.full((256, 256, 3), 7, np.uint8)


class Camera:
    """The driver's face, until it is unplugged."""

    name, live, fps, size = "camera", True, 100.0, (256, 256)

    def __init__(self) -> None:
        self.index = 0
        self.unplugged = threading.Event()

    def open(self) -> None:
        if self.unplugged.is_set():
            raise SourceLost("It is still unplugged.")

    def read(self) -> Frame | None:
        time.sleep(1 / self.fps)
        if self.unplugged.is_set():
            raise SourceLost("It was unplugged.")
        self.index += 1
        return Frame(DRIVER.copy(), self.index, time.monotonic_ns())

    def close(self) -> None:
        pass


class Crops:
    """The whole frame; the face is lost for as long as ``lost_ms`` says."""

    lost_ms: ClassVar[float] = 0.0

    def crop(self, frame: Frame) -> Crop:
        lost = self.lost_ms
        return Crop(frame.image, BOX, None, lost > 0, frame.index, frame.t_ns, lost)

    def close(self) -> None:
        pass


class Stuck(FakeEngine):
    """An engine whose next render hangs once it is told to."""

    name = "stuck"
    hang: ClassVar[threading.Event]
    inside: ClassVar[threading.Event]
    go: ClassVar[threading.Event]

    def render(self, code: Any, driving: Any) -> Image:
        if self.hang.is_set():
            self.inside.set()
            self.go.wait(10)
        return super().render(code, driving)


class Shelf:
    """Only the stuck engine, and another one to change to."""

    def asked(self, spec: str) -> Any:
        return FakeEngine()

    def auto(self, failed: Any, progress: Any, cancelled: Any, *, measuring: bool) -> Offer:
        return Offer(Stuck(), "the only one")

    def unused_gpu(self, engine: Any, failed: Any) -> None:
        return None


class Seen(NullSink):
    """Notes what it is handed, and what of it was no slate while ``closed`` was set."""

    def __init__(self, name: str = "seen", queue: int = 1, slow_s: float = 0.0) -> None:
        super().__init__(name, queue)
        self.closed = threading.Event()
        self.kinds: list[str] = []
        self.leaked: list[str] = []
        self.slow_s = slow_s

    def write(self, frame: Frame) -> None:
        closed = self.closed.is_set()
        what = {7: "slate", 180: "face"}.get(int(frame.image[128, 128, 0]), "portrait")
        if closed and self.closed.is_set() and what != "slate":
            self.leaked.append(what)
        super().write(frame)
        self.kinds.append(what)
        time.sleep(self.slow_s)


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    Stuck.hang, Stuck.inside, Stuck.go = (threading.Event() for _ in range(3))
    Crops.lost_ms = 0.0
    monkeypatch.setattr("avatar.delivery.WAIT_S", 0.01)
    monkeypatch.setattr("avatar.capture.RETRY_S", (0.01,))
    yield
    Stuck.go.set()


def made(*sinks: Seen, rest: Rest | None = None, camera: Camera | None = None) -> Session:
    portrait = Portrait(GREY.copy(), BOX, GREY.copy(), None, "grey")
    session = Session(
        camera or Camera(), Crops, Shelf(), portrait, sinks, rest=rest, slate=SLATE.copy()
    )
    session._gate._patience_s = 0.5  # this machine may be busy with other tests
    return session


def test_hiding_is_immediate_while_the_engine_hangs_and_sinks_are_slow() -> None:
    live, recorder = Seen("live"), Seen("recorder", 64, slow_s=0.02)
    with made(live, recorder) as session:
        until(lambda: "portrait" in live.kinds and "portrait" in recorder.kinds)
        Stuck.hang.set()
        assert Stuck.inside.wait(5)
        before = time.monotonic()
        session.panic(True)
        took_s = time.monotonic() - before
        live.closed.set()
        recorder.closed.set()
        assert took_s < 1 and session.hidden
        until(lambda: live.kinds[-1] == "slate" and recorder.kinds[-1] == "slate")
        latest = session.latest()
        assert latest is not None and latest.frame.image[0, 0, 0] == 7, "the window shows the same"
        Stuck.hang.clear()
        Stuck.go.set()  # the frame it was at comes out now, and more
        until(lambda: session._inference.published.rate.count > 5)
        assert live.leaked == recorder.leaked == []
        live.closed.clear()
        recorder.closed.clear()
        session.panic(False)
        until(lambda: live.kinds[-1] == "portrait")


def test_it_stays_hidden_over_portraits_engines_sinks_and_starts() -> None:
    first, later = Seen("first"), Seen("later", 8)
    session = made(first)
    session.panic(True)
    first.closed.set()
    later.closed.set()
    with session:
        session.set_portrait(Portrait(OTHER, BOX, GREY, None, "other")).result(5)
        session.set_engine("fake").result(5)
        session.add_sink(later).result(5)
        until(lambda: "slate" in later.kinds and session._inference.published.rate.count > 3)
    with session:
        until(lambda: session._inference.published.rate.count > 3)
        assert session.hidden
    assert first.leaked == later.leaked == []
    assert set(first.kinds) == set(later.kinds) == {"slate"}


def test_the_raw_camera_goes_out_only_while_chosen() -> None:
    sink = Seen(queue=8)
    session = made(sink)
    with session:
        until(lambda: len(sink.kinds) > 3)
        assert "face" not in sink.kinds and not session.raw
        assert session.set_raw(True) and session.raw
        until(lambda: sink.kinds[-1] == "face")
        latest = session.latest()
        assert latest is not None and latest.frame.image[0, 0, 0] == 180
        session.set_raw(False)
        count = len(sink.kinds)
        until(lambda: len(sink.kinds) > count + 3)
        assert "face" not in sink.kinds[count + 1 :]
        session.set_raw(True)
    with session:  # another start: off again
        assert not session.raw


def test_hiding_ends_the_raw_camera_and_wins_over_it() -> None:
    sink = Seen()
    with made(sink) as session:
        session.set_raw(True)
        until(lambda: "face" in sink.kinds)
        session.panic(True)
        sink.closed.set()
        assert not session.set_raw(True) and not session.raw
        until(lambda: sink.kinds[-1] == "slate")
        sink.closed.clear()
        session.panic(False)
        until(lambda: sink.kinds[-1] == "portrait")
    assert sink.leaked == []


def test_no_setting_can_choose_the_raw_camera() -> None:
    names = {field.name for field in fields(RunConfig)} | {field.name for field in fields(Rest)}
    assert not {name for name in names if "raw" in name or "pass" in name or "hidden" in name}


def test_a_lost_face_brings_the_slate_and_its_return_the_portrait() -> None:
    sink = Seen()
    with made(sink, rest=Rest(mode="slate", after_s=1)) as session:
        until(lambda: "portrait" in sink.kinds)
        Crops.lost_ms = 900
        time.sleep(0.05)
        assert "slate" not in sink.kinds
        Crops.lost_ms = 1100
        until(lambda: sink.kinds[-1] == "slate")
        latest = session.latest()
        assert latest is not None and latest.frame.image[0, 0, 0] == 7
        Crops.lost_ms = 0
        until(lambda: sink.kinds[-1] == "portrait")
        Crops.lost_ms = 1100
        until(lambda: sink.kinds[-1] == "slate")
        session.set_rest(Rest(mode="hold")).result(5)
        until(lambda: sink.kinds[-1] == "portrait")


@pytest.mark.parametrize("mode", ["hold", "slate", "neutral"])
def test_a_lost_camera_is_like_a_lost_face(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avatar.gate.STALE_S", 0.05)
    monkeypatch.setattr("avatar.inference.STALE_S", 0.05)
    monkeypatch.setattr("avatar.inference.WAIT_S", 0.01)
    camera, sink = Camera(), Seen(queue=64)
    shares: list[float] = []
    eased = Rest.eased

    def noted(rest: Rest, lost_ms: float) -> float:
        shares.append(eased(rest, lost_ms))
        return shares[-1]

    monkeypatch.setattr(Rest, "eased", noted)
    with made(sink, rest=Rest(mode=mode, after_s=0.02, ease_s=0.1), camera=camera) as session:
        until(lambda: "portrait" in sink.kinds)
        camera.unplugged.set()
        time.sleep(0.15)
        if mode == "slate":
            until(lambda: sink.kinds[-1] == "slate")
        elif mode == "neutral":
            until(lambda: 1.0 in shares)
            time.sleep(0.05)
            count = sink.frames
            time.sleep(0.05)
            assert sink.frames == count, "once at rest nothing more is rendered"
        assert ("slate" in sink.kinds) == (mode == "slate")
        assert "face" not in sink.kinds
        camera.unplugged.clear()
        until(lambda: session._capture._is_open)
        count = sink.frames
        until(lambda: sink.frames > count + 2 and sink.kinds[-1] == "portrait")


def test_a_hanging_engine_brings_the_slate_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avatar.gate.STALE_S", 0.05)
    sink = Seen()
    with made(sink, rest=Rest(mode="slate", after_s=0)):
        until(lambda: "portrait" in sink.kinds)
        Stuck.hang.set()
        until(lambda: sink.kinds[-1] == "slate")
        Stuck.hang.clear()
        Stuck.go.set()
        until(lambda: sink.kinds[-1] == "portrait")


def test_another_slate_is_seen_at_once_while_hidden() -> None:
    sink = Seen()
    with made(sink) as session:
        session.panic(True)
        until(lambda: "slate" in sink.kinds)
        session.set_slate(np.full((256, 256, 3), 60, np.uint8))
        until(lambda: sink.last is not None and sink.last.image[0, 0, 0] == 60)


def test_a_closed_outlet_ends_its_sink() -> None:
    session = made()
    box = session._gate.subscribe()
    session._gate.close()
    with pytest.raises(Closed):
        box.get(0)
