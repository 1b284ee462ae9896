"""The live pipeline through fakes: it never delays, survives failures, and leaves no thread."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avatar.choosing.offer import Offer
from avatar.engine import Engine
from avatar.errors import EngineError, SinkError, SinkLost, SourceError, SourceLost, UsageError
from avatar.events import Event
from avatar.frame import Crop, Frame, Image, Portrait
from avatar.framing import Framing
from avatar.motion.settings import MotionSettings
from avatar.motion.transfer import Motion
from avatar.session import Session
from avatar.sinks.base import Sink
from avatar.sinks.null import NullSink
from engines.fake import FakeEngine

from .fakes import WholeCropper

BOX = np.array([0, 0, 256, 256], np.float32)
GREY = np.full((256, 256, 3), 90, np.uint8)


def portrait() -> Portrait:
    return Portrait(GREY.copy(), BOX, GREY.copy(), None, "grey")


class Clip:
    """A paced source of ``frames`` pictures (None = endless); ``lose_at`` breaks it once."""

    def __init__(
        self,
        fps: float = 200,
        frames: int | None = None,
        live: bool = True,
        lose_at: int | None = None,
        fail_open: int = 0,
        name: str = "clip",
    ) -> None:
        self.name, self.live, self.fps, self.size = name, live, fps, (256, 256)
        self.frames, self.lose_at, self.fail_open = frames, lose_at, fail_open
        self.opens = self.closes = self.reads = 0
        self.threads: set[str] = set()

    def open(self) -> None:
        self.threads.add(threading.current_thread().name)
        if self.fail_open > 0:
            self.fail_open -= 1
            raise SourceError(f"{self.name} is busy.", hint="Close the other program.")
        self.opens += 1

    def read(self) -> Frame | None:
        self.threads.add(threading.current_thread().name)
        time.sleep(1 / self.fps)
        if self.reads == self.lose_at:
            self.lose_at = None
            self.fail_open = 1
            raise SourceLost(f"{self.name} was unplugged.")
        if self.reads == self.frames:
            return None
        frame = Frame(GREY.copy(), self.reads, time.monotonic_ns())
        self.reads += 1
        return frame

    def close(self) -> None:
        self.closes += 1


class Stalled(NullSink):
    """A sink whose ``write`` hangs until it is released, or fails after some frames."""

    def __init__(self, name: str = "stalled", fail_after: int | None = None) -> None:
        super().__init__(name)
        self.release = threading.Event()
        self.fail_after = fail_after

    def write(self, frame: Frame) -> None:
        super().write(frame)
        if self.fail_after is None:
            self.release.wait(20)
        elif self.frames > self.fail_after:
            raise SinkLost("The disk is full.", hint="Free some space.")


class NoDriver(NullSink):
    """A sink that cannot be opened."""

    def open(self) -> None:
        raise SinkError("There is no driver.", hint="Install it.")


class Shelf:
    """Chooses the first of its engines that has not failed; each can be asked for by its label."""

    def __init__(self, *engines: type[FakeEngine], better: type[FakeEngine] | None = None) -> None:
        self.engines, self.better = engines, better

    def asked(self, spec: str) -> Engine:
        for engine in (*self.engines, *([self.better] if self.better else [])):
            if spec == engine.name:
                return engine()
        raise UsageError(f"No engine is called {spec!r}.", hint="Pick another.")

    def auto(self, failed: Any, progress: Any, cancelled: Any, *, measuring: bool) -> Offer:
        progress(0.5, "measuring")
        better = self.better if self.better and self.better.name not in failed else None
        why = "; ".join(["first of the test", *(f"{n} {w}" for n, w in failed.items())])
        for engine in self.engines:
            if engine.name not in failed:
                return Offer(
                    engine(), why, better=better and better(), better_reason="better of the test"
                )
        raise EngineError("No engine can run here.")

    def unused_gpu(self, engine: Engine, failed: Any) -> EngineError | None:
        return None


class Events(list[Event]):
    """What a session told."""

    def kinds(self) -> list[str]:
        return [event.kind for event in self]

    def of(self, kind: str) -> list[Event]:
        return [event for event in self if event.kind == kind]


def session_of(
    source: Any = None,
    engines: Sequence[type[FakeEngine]] = (FakeEngine,),
    sinks: Sequence[Sink] = (),
    make_cropper: Callable[[], WholeCropper] = WholeCropper,
) -> tuple[Session, Events]:
    session = Session(
        source or Clip(), make_cropper, Shelf(*engines), portrait(), sinks, motion=Motion()
    )
    events = Events()
    session.on_event(events.append)
    return session, events


def until(condition: Callable[[], Any], timeout_s: float = 20.0) -> None:
    """Wait for a condition; fail the test when it does not come true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


def our_threads() -> list[str]:
    return [
        t.name
        for t in threading.enumerate()
        if t.name.startswith(("capture", "inference", "sink-"))
    ]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    assert our_threads() == []
    yield
    until(lambda: not our_threads())


def test_frames_flow_and_the_figures_are_told() -> None:
    sink, source = NullSink(), Clip()
    session, events = session_of(source, sinks=[sink])
    with session:
        until(lambda: sink.frames > 10)
        latest, newest = session.latest(), session.latest_input()
        running = session.stats()
    assert latest is not None and newest is not None
    assert latest.frame.image.shape == (256, 256, 3)
    assert newest[0].index >= latest.frame.index
    assert running.engine == "fake" and running.engine_reason == "first of the test"
    stats = session.stats()
    assert stats.frames == sink.frames and stats.fps_out > 0
    assert set(stats.frame_age_ms) == {"p50", "p95", "p99"}
    assert set(stats.drops) == {"skipped", "inference", "sink-null"}
    assert set(stats.stage_ms) == {"crop", "detect", "motion", "render"}
    assert "ready" in events.kinds() and "error" not in events.kinds()
    assert source.opens == 1 and source.closes >= 1 and not sink.is_open
    assert session.failure is None


def test_a_file_is_not_begun_before_the_engine_is_ready() -> None:
    loading = threading.Event()

    class Slow(FakeEngine):
        def open(self) -> None:
            loading.wait(20)

    source, sink = Clip(live=False, frames=5, fps=50), NullSink()
    session, _ = session_of(source, [Slow], [sink])
    with session:
        until(lambda: source.opens)
        time.sleep(0.1)  # time for all five frames, had it begun
        assert source.reads == 0
        loading.set()
        assert session.wait(20)
        until(lambda: sink.frames)
    assert source.reads == 5


def test_everything_is_opened_called_and_closed_on_its_own_thread() -> None:
    calls: dict[str, set[str]] = {}

    class Traced(FakeEngine):
        def _note(self, call: str) -> None:
            calls.setdefault(call, set()).add(threading.current_thread().name)

        def open(self) -> None:
            self._note("open")

        def detect(self, driving: Image) -> Any:
            self._note("detect")
            return super().detect(driving)

        def close(self) -> None:
            self._note("close")

    source = Clip()
    session, _ = session_of(source, [Traced])
    with session:
        until(lambda: session.latest())
    assert calls == {"open": {"inference"}, "detect": {"inference"}, "close": {"inference"}}
    assert source.threads == {"capture"}


class Slow(FakeEngine):
    """Takes 0 to 60 ms, at random."""

    rng = random.Random(1)

    def delay(self) -> float:
        return self.rng.uniform(0, 0.06)


def ages_under_load(engine: type[FakeEngine], run_s: float) -> list[float]:
    healthy, stalled = NullSink("healthy"), Stalled()
    session, _ = session_of(Clip(fps=60), [engine], [stalled, healthy])
    session.start()
    time.sleep(run_s)
    stats = session.stats()
    stalled.release.set()
    assert session.stop() == []
    drops = stats.drops
    assert drops["skipped"] + drops["inference"] > 0 and drops["sink-stalled"] > 0
    return list(healthy.ages_ms)


def test_a_slow_engine_and_a_stalled_sink_do_not_age_the_frames() -> None:
    ages = ages_under_load(Slow, 0.9)
    assert len(ages) > 15
    assert max(ages) < 60 + 1000 / 60 + 80  # an engine call, a frame interval, a busy machine


@pytest.mark.slow
def test_the_frame_age_does_not_grow_over_ten_seconds() -> None:
    class VerySlow(FakeEngine):
        rng = random.Random(2)

        def delay(self) -> float:
            return self.rng.uniform(0, 0.5)

    ages = ages_under_load(VerySlow, 10)
    assert max(ages) < 500 + 1000 / 60 + 100
    half = len(ages) // 2
    assert np.mean(ages[half:]) < np.mean(ages[:half]) + 150


def test_a_hanging_sink_is_named_in_time_and_the_rest_ends() -> None:
    stalled, other = Stalled(), NullSink()
    session, _ = session_of(sinks=[stalled, other])
    session.start()
    until(lambda: stalled.frames and other.frames)
    before = time.monotonic()
    assert session.stop(0.3) == ["sink-stalled"]
    assert time.monotonic() - before < 1
    assert not other.is_open
    stalled.release.set()
    until(lambda: not our_threads())
    assert session.stop() == []


def test_a_sink_that_cannot_open_or_fails_ends_alone() -> None:
    dying, healthy = Stalled("dying", fail_after=2), NullSink()
    session, events = session_of(sinks=[NoDriver("camera"), dying, healthy])
    with session:
        until(lambda: len(events.of("error")) == 2)
        count = healthy.frames
        until(lambda: healthy.frames > count + 3)
        assert session.stats().frames > 0
    assert {e.origin for e in events.of("error")} == {"sink-camera", "sink-dying"}
    assert {e.hint for e in events.of("error")} == {"Install it.", "Free some space."}
    assert len(session.sink_errors()) == 2 and session.failure is None
    assert not dying.is_open


def test_sinks_come_and_go_while_running() -> None:
    session, _ = session_of()
    first, second = NullSink(), NullSink()
    with session:
        assert session.add_sink(first).result(1) is None
        assert session.add_sink(second).result(1) is None  # of the same name
        until(lambda: first.frames > 2 and second.frames > 2)
        session.remove_sink(first).result(1)
        assert not first.is_open and second.is_open
        assert session.remove_sink(NullSink()).result(0) is None
        with pytest.raises(SinkError):
            session.add_sink(NoDriver()).result(1)
    assert not second.is_open


class Weak(FakeEngine):
    name = "weak"
    fail_after = 3


class Unopenable(FakeEngine):
    name = "unopenable"
    fail_open = True


def test_a_failing_engine_is_replaced_once_and_said() -> None:
    session, events = session_of(engines=[Unopenable, Weak, FakeEngine])
    with session:
        until(lambda: session.stats().engine == "fake")
        latest = session.latest()
        until(lambda: session.latest() is not latest)
        reason = session.stats().engine_reason
    assert "weak failed" in reason and "unopenable cannot start" in reason
    assert [e.message for e in events.of("warning")] == [
        "Engine unopenable cannot start, trying the next: the fake engine was told not to open",
        "Engine weak failed, taking the next: the fake engine was told to fail after 3 frames",
    ]
    assert len(events.of("ready")) == 2


def test_without_a_second_engine_the_failure_is_told() -> None:
    session, events = session_of(engines=[Weak])
    with session:
        assert session.wait(3)
    assert isinstance(session.failure, EngineError)
    assert "told to fail" in session.failure.message
    assert events[-1].kind == "error"


def test_a_second_failure_while_running_ends_it() -> None:
    class Weaker(Weak):
        name = "weaker"

    session, _ = session_of(engines=[Weak, Weaker, FakeEngine])
    with session:
        assert session.wait(3)
    assert session.failure is not None and "weaker failed as well" in session.failure.message


def test_a_lost_camera_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avatar.capture.RETRY_S", (0.01, 0.02))
    source = Clip(lose_at=5)
    session, events = session_of(source)
    with session:
        until(lambda: source.opens == 2 and source.reads > 8)
    assert "unplugged" in events.of("warning")[0].message
    assert "is back" in events.of("info")[0].message
    assert session.failure is None


def test_a_camera_that_cannot_be_opened_waits_for_another_source() -> None:
    session, events = session_of(Clip(fail_open=1))
    with session:
        assert session.wait(2)
        assert session.failure is not None and session.failure.hint == "Close the other program."
        assert session.set_source(Clip(name="other")).result(2) is None
        until(lambda: session.latest())
    assert events.of("error")[0].origin == "capture"


def test_a_file_that_ends_is_said_once() -> None:
    source, sink = Clip(frames=5), NullSink(queue=10)
    session, events = session_of(source, sinks=[sink])
    with session:
        assert session.wait(3)
        time.sleep(0.05)
    assert events.kinds().count("ended") == 1 and session.failure is None
    assert source.reads == 5


def test_a_broken_file_ends_it() -> None:
    source = Clip(lose_at=3)
    source.reconnects = False  # type: ignore[attr-defined]
    session, events = session_of(source)
    with session:
        assert session.wait(3)
    assert isinstance(session.failure, SourceLost)


def test_changing_the_source_forgets_the_driver() -> None:
    session, events = session_of(Clip(name="first"))
    with session:
        until(lambda: session._inference.motion.calibrated)
        forgotten = threading.Event()
        forget = session._inference.forget_driver
        session._inference.forget_driver = lambda: (forget(), forgotten.set())[0]  # type: ignore[method-assign]
        session.set_source(Clip(name="second")).result(2)
        assert forgotten.wait(2)
        assert session.source.name == "second"
        with pytest.raises(SourceError):
            session.set_source(Clip(name="third", fail_open=1)).result(2)
        assert session.source.name == "second"
        latest = session.latest()
        until(lambda: session.latest() is not latest)


class FramedCropper(WholeCropper):
    """Notes how it is framed, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.framing = Framing()
        self.follows = True
        self.threads: set[str] = set()

    def follow(self, on: bool) -> None:
        self.threads.add(threading.current_thread().name)
        self.follows = on


def test_framing_reaches_the_cropper_and_outlasts_it() -> None:
    made: list[FramedCropper] = []

    def make() -> FramedCropper:
        made.append(FramedCropper())
        return made[-1]

    session, _ = session_of(make_cropper=make)
    for _ in range(2):
        with session:
            until(lambda: session.latest())
            if len(made) == 1:
                session.set_framing(Framing(0.2, 0.1)).result(2)
                session.set_following(False).result(2)
    first, second = made
    assert first.framing == second.framing == Framing(0.2, 0.1)
    assert not first.follows and not second.follows
    assert first.threads == second.threads == {"capture"}


def test_other_settings_of_the_same_camera_keep_the_neutral_pose() -> None:
    session, _ = session_of(Clip(name="640"))
    with session:
        until(lambda: session._inference.motion.calibrated)
        forgotten: list[int] = []
        session._inference.forget_driver = lambda: forgotten.append(1)  # type: ignore[method-assign]
        session.set_source(Clip(name="1280"), same_driver=True).result(2)
        session.calibrate().result(2)  # whatever was asked before is through
        assert session.source.name == "1280" and not forgotten


def test_what_the_source_does_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avatar.capture.RETRY_S", (30.0,))
    source = Clip(lose_at=5)
    session, _ = session_of(source)
    assert session.source_state().phase == "closed"
    with session:
        until(lambda: session.source_state().phase == "open")
        until(lambda: session.source_state().phase == "lost")
        film = Clip(name="film")
        film.loop = False  # type: ignore[attr-defined]
        session.set_source(film).result(2)
        session.set_loop(True).result(2)
        state = session.source_state()
        assert (state.name, state.phase, state.loops) == ("film", "open", True)


def test_commands_reach_the_inference_thread() -> None:
    session, _ = session_of()
    early = session.set_mirror(True)  # before the start: done then
    other = Portrait(GREY // 2, BOX, GREY, None, "other")
    with session:
        assert early.result(2) is None
        assert session.set_portrait(other).result(2) is None
        assert session.portrait.name == "other"
        session.calibrate().result(2)
        settings = MotionSettings(relative=False, smoothing=0, expression=1.5)
        session.set_motion(settings).result(2)
        assert session._inference.motion.settings == settings
    assert session.calibrate().cancelled()
    assert session.set_source(Clip()).cancelled()


def test_a_portrait_chosen_before_the_start_is_the_only_one_encoded() -> None:
    encoded: list[int] = []

    class Counting(FakeEngine):
        def encode(self, portrait: Image) -> Any:
            encoded.append(int(portrait[0, 0, 0]))
            return super().encode(portrait)

    session, _ = session_of(engines=[Counting])
    chosen = session.set_portrait(Portrait(GREY // 2, BOX, GREY, None, "other"))
    with session:
        assert chosen.result(2) is None
    assert encoded == [45]


def test_a_portrait_the_engine_refuses_leaves_the_old_one() -> None:
    class Picky(FakeEngine):
        def encode(self, portrait: Image) -> Any:
            if portrait[0, 0, 0] == 1:
                raise EngineError("no")
            return super().encode(portrait)

    session, _ = session_of(engines=[Picky])
    bad = Portrait(np.ones_like(GREY), BOX, GREY, None, "bad")
    with session:
        with pytest.raises(EngineError):
            session.set_portrait(bad).result(2)
        assert session.portrait.name == "grey"
        latest = session.latest()
        until(lambda: session.latest() is not latest)


def test_a_bug_in_a_stage_is_an_error_not_a_silence() -> None:
    class Broken(WholeCropper):
        def crop(self, frame: Frame) -> Crop:
            raise ZeroDivisionError("oops")

    session = Session(Clip(), Broken, Shelf(FakeEngine), portrait())
    with session:
        assert session.wait(2)
    assert session.failure is not None and "oops" in session.failure.message


def test_a_failing_listener_disturbs_nobody() -> None:
    session, events = session_of()

    def bad(event: Event) -> None:
        raise RuntimeError("listener")

    session.on_event(bad)
    with session:
        until(lambda: session.latest())
    assert "ready" in events.kinds()


def test_stopping_while_the_engine_is_built_ends_at_once() -> None:
    building = threading.Event()

    class Builder(FakeEngine):
        def build(self, progress: Any, cancelled: Callable[[], bool]) -> None:
            from avatar.errors import Cancelled

            while not cancelled():
                progress(0.5, "compiling")
                building.set()
                time.sleep(0.005)
            raise Cancelled("stopped")

    session, events = session_of(engines=[Builder])
    session.start()
    assert building.wait(2)
    assert session.stop() == []
    assert session.failure is None
    shares = [e.share for e in events.of("loading")]
    assert all(s is not None and 0 <= s <= 1 for s in shares) and 0.4 in shares


def test_it_starts_again_after_a_stop() -> None:
    session, _ = session_of(sinks=[sink := NullSink()])
    for _ in range(3):
        session.start()
        session.start()
        count = sink.frames
        until(lambda count=count: sink.frames > count)
        assert session.stop() == [] and session.stop() == []


ACTIONS = st.lists(
    st.sampled_from(["start", "stop", "sink", "unsink", "source", "portrait", "calibrate"]),
    max_size=7,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ACTIONS)
def test_no_order_of_starts_and_stops_leaves_a_thread(actions: list[str]) -> None:
    session, _ = session_of(sinks=[NullSink()])
    extra: list[NullSink] = []
    for action in actions:
        if action == "start":
            session.start()
        elif action == "stop":
            assert session.stop() == []
        elif action == "sink":
            extra.append(NullSink("extra"))
            session.add_sink(extra[-1])
        elif action == "unsink" and extra:
            session.remove_sink(extra.pop())
        elif action == "source":
            session.set_source(Clip())
        elif action == "portrait":
            session.set_portrait(portrait())
        elif action == "calibrate":
            session.calibrate()
    session.start()  # whatever happened, it works again
    before = session.latest()
    until(lambda: session.latest() is not before)
    assert session.stop() == []
    until(lambda: not our_threads())
    assert not any(sink.is_open for sink in extra)


def test_frames_that_came_while_loading_are_neither_shown_nor_counted_as_drops() -> None:
    class Loading(FakeEngine):
        def open(self) -> None:
            time.sleep(0.1)

    sink = NullSink()
    session, _ = session_of(Clip(fps=100), [Loading], [sink])
    with session:
        until(lambda: sink.frames > 2)
    drops = session.stats().drops
    assert drops["inference"] < 5 and drops["skipped"] < 5
    assert sink.ages_ms[0] < 60
