"""Another engine takes its place: built beside a running session, swapped between two frames."""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from avatar.choosing.offer import Offer
from avatar.engine import Engine, Progress, label_of
from avatar.errors import Cancelled, EngineError, UsageError
from avatar.events import Event
from avatar.frame import Frame, Image, Portrait
from avatar.session import Session
from avatar.sinks.null import NullSink
from engines.fake import FakeEngine

from .fakes import WholeCropper

BOX = np.array([0, 0, 256, 256], np.float32)
GREY = np.full((256, 256, 3), 90, np.uint8)


class Clip:
    """An endless camera."""

    name, live, fps, size = "clip", True, 200.0, (256, 256)

    def open(self) -> None:
        self.index = 0

    def read(self) -> Frame | None:
        time.sleep(1 / self.fps)
        self.index += 1
        return Frame(GREY.copy(), self.index, time.monotonic_ns())

    def close(self) -> None:
        pass


class Plain(FakeEngine):
    """Ready; notes on which threads it was opened and closed."""

    name, rank = "plain", 10

    def __init__(self, weights: Any = None, precision: str | None = None) -> None:
        super().__init__(weights, precision)
        self.opened: list[str] = []
        self.closed: list[str] = []
        self.encoded = 0

    def open(self) -> None:
        super().open()
        self.opened.append(threading.current_thread().name)

    def encode(self, portrait: Image) -> Any:
        self.encoded += 1
        return super().encode(portrait)

    def close(self) -> None:
        self.closed.append(threading.current_thread().name)


class Planned(Plain):
    """Has to be built: that takes until ``go`` is set, or ``refuse`` ends it."""

    name, rank = "planned", 80
    precisions = ("fp16", "fp32")
    go: threading.Event
    started: threading.Event
    refuse: Exception | None = None
    built: set[str]

    def missing(self) -> str:
        return "" if self.precision in self.built else "a plan"

    def build(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self.started.set()
        while not self.go.wait(0.002):
            progress(0.5, "Making the plan")
            if cancelled():
                raise Cancelled("stopped")
        if self.refuse is not None:
            raise self.refuse
        self.built.add(self.precision)

    def open(self) -> None:
        assert not self.missing()
        super().open()


class Other(Plain):
    name, rank = "other", 9


class Shelf:
    """Plain first, then Other; Planned beside them when ``auto`` is asked for and it is not
    built."""

    def __init__(self, planned: type[Planned], better: bool = False) -> None:
        self.planned, self.better = planned, better
        self.made: list[Plain] = []
        self.unused: EngineError | None = None
        self.measured: list[bool] = []

    def _make(self, engine: type[Plain], precision: str | None = None) -> Plain:
        self.made.append(engine(None, precision))
        return self.made[-1]

    def asked(self, spec: str) -> Engine:
        name, _, precision = spec.partition(":")
        for engine in (Plain, Other, self.planned):
            if engine.name == name:
                return self._make(engine, precision or None)
        raise UsageError(f"No engine is called {spec!r}.", hint="Pick another.")

    def auto(
        self, failed: Any, progress: Progress, cancelled: Callable[[], bool], *, measuring: bool
    ) -> Offer:
        self.measured.append(measuring)
        for engine in (Plain, Other):
            if engine.name not in failed:
                better = None
                if self.better and "planned:fp16" not in failed:
                    better = self._make(self.planned)
                    if not better.missing():
                        return Offer(better, "built before")
                why = "; ".join(["ready", *(f"{name}: {why}" for name, why in failed.items())])
                return Offer(self._make(engine), why, better=better, better_reason="faster")
        raise EngineError("No engine is left.")

    def unused_gpu(self, engine: Engine, failed: Any) -> EngineError | None:
        return self.unused


class Stage:
    """A session with its events; the test lets the build go on."""

    def __init__(self, engine: str = "auto", better: bool = False) -> None:
        knobs = {"go": threading.Event(), "started": threading.Event(), "built": set()}
        self.planned: type[Planned] = type("FreshPlanned", (Planned,), knobs)
        self.shelf = Shelf(self.planned, better)
        self.sink = NullSink()
        self.events: list[Event] = []
        self.session = Session(
            Clip(),  # type: ignore[arg-type]
            WholeCropper,
            self.shelf,
            Portrait(GREY.copy(), BOX, GREY.copy(), None, "grey"),
            [self.sink],
            engine=engine,
        )
        self.session.on_event(self.events.append)

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]

    @property
    def engine(self) -> str:
        return self.session.stats().engine

    def engines(self, name: str) -> list[Plain]:
        return [engine for engine in self.shelf.made if label_of(engine) == name]

    def frames_flow(self) -> None:
        count = self.sink.frames
        until(lambda: self.sink.frames > count + 2)


def until(condition: Callable[[], Any], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


@pytest.fixture
def stage() -> Iterator[Callable[..., Stage]]:
    made: list[Stage] = []

    def make(**options: Any) -> Stage:
        made.append(Stage(**options))
        return made[-1]

    yield make
    for one in made:
        one.planned.go.set()
        assert one.session.stop(5.0) == []


def test_a_better_engine_is_built_while_frames_flow_and_then_swapped_in(
    stage: Callable[..., Stage],
) -> None:
    at = stage(better=True)
    at.session.start()
    assert at.planned.started.wait(10)
    until(lambda: at.session.latest())
    at.frames_flow()
    assert at.engine == "plain" and at.session.stats().engine_reason == "ready"
    until(lambda: at.of("building"))
    assert at.of("building")[-1].share is not None
    neutral = at.session._inference.slot.animator._neutral  # type: ignore[union-attr]
    before = at.session.latest()
    at.planned.go.set()
    until(lambda: at.of("built"))
    at.frames_flow()
    stats = at.session.stats()
    assert (stats.engine, stats.engine_reason) == ("planned:fp16", "faster")
    animator = at.session._inference.slot.animator
    assert animator is not None and animator._neutral is neutral is not None
    (new,), (old,) = at.engines("planned:fp16"), at.engines("plain")
    assert new.opened == ["inference"] and new.encoded == 1 and old.closed == ["inference"]
    assert at.session.latest() is not before
    assert [event.message for event in at.of("built")] == ["planned:fp16 is built and runs."]
    assert at.of("ready")[-1].message.startswith("Engine planned:fp16: faster")


def test_no_frame_is_lost_but_those_while_it_opens(
    stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avatar.slot.STALL_S", 0.1)
    at = stage()
    seen: list[int] = []

    class Slow(Other):
        name = "slow"

        def open(self) -> None:
            time.sleep(0.15)

    at.shelf.asked = lambda spec: at.shelf._make({"slow": Slow, "other": Other}[spec])  # type: ignore[method-assign]
    write = at.sink.write
    at.sink.write = lambda frame: (seen.append(frame.index), write(frame))[1]  # type: ignore[method-assign]
    with at.session:
        at.frames_flow()
        at.session.set_engine("other").result(10)
        at.session.set_engine("slow").result(10)
        at.frames_flow()
    assert seen == sorted(set(seen)), "the order of frames is kept, and none comes twice"
    gaps = np.diff(seen)
    assert gaps.max() < 0.15 * Clip.fps + 40  # frames while it opened, and a busy machine
    assert "stood still for 0.2 s" in at.of("ready")[-1].message


def test_a_build_that_fails_leaves_the_old_engine(stage: Callable[..., Stage]) -> None:
    at = stage(better=True)
    at.planned.refuse = EngineError("The GPU has no memory left.", hint="Close other programs.")
    at.planned.go.set()
    with at.session:
        until(lambda: at.of("built"))
        at.frames_flow()
        assert at.engine == "plain"
    (warning,) = at.of("warning")
    assert warning.message == (
        "Engine planned:fp16 cannot be built, plain goes on: The GPU has no memory left."
    )
    assert warning.hint == "Close other programs."
    assert at.of("built")[0].message == "planned:fp16 was not taken; plain goes on."


@pytest.mark.parametrize("call", ["open", "encode", "detect"])
def test_an_engine_that_breaks_when_it_takes_over_leaves_the_old_one(
    stage: Callable[..., Stage], call: str
) -> None:
    at = stage(better=True)

    def broken(self: Any, *_: Any) -> Any:
        raise ZeroDivisionError("oops")

    setattr(at.planned, call, broken)
    with at.session:
        until(lambda: at.session._inference.motion.calibrated)
        at.planned.go.set()
        until(lambda: at.of("built"))
        at.frames_flow()
        assert at.engine == "plain"
    (warning,) = at.of("warning")
    assert "planned:fp16 cannot start, plain goes on: ZeroDivisionError" in warning.message
    assert at.engines("planned:fp16")[0].closed == ["inference"]
    assert at.engines("plain")[0].closed == ["inference"]  # at the end


def test_a_build_that_made_nothing_is_said(stage: Callable[..., Stage]) -> None:
    at = stage(better=True)
    at.planned.build = lambda self, progress, cancelled: None  # type: ignore[method-assign]
    with at.session:
        until(lambda: at.of("built"))
    assert "still needs a plan" in at.of("warning")[0].message


def test_a_build_can_be_cancelled(stage: Callable[..., Stage]) -> None:
    at = stage(better=True)
    with at.session:
        at.session.cancel_build()  # nothing to cancel yet, or just begun: either is well
        assert at.planned.started.wait(10)
        at.session.cancel_build()
        until(lambda: at.of("built"))
        at.frames_flow()
        assert at.engine == "plain" and not at.of("warning")
        assert "cancelled; plain goes on" in at.of("built")[0].message
        at.session.set_engine("auto")  # asking again builds again
        until(lambda: len(at.shelf.made) >= 4)
        at.planned.go.set()
        until(lambda: at.engine == "planned:fp16")


def test_the_garbage_collector_leaves_alone_what_was_loaded_while_the_session_lives(
    stage: Callable[..., Stage],
) -> None:
    at = stage()
    at.session.start()
    at.frames_flow()
    assert gc.get_freeze_count() > 10_000
    assert at.session.stop(5.0) == []
    assert gc.get_freeze_count() == 0


def test_stopping_while_it_is_built_ends_every_thread(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.session.start()
    waiting = at.session.set_engine("planned")
    assert at.planned.started.wait(10)
    assert at.session.stop(5.0) == []
    with pytest.raises(Cancelled):
        waiting.result(1)
    assert not [t for t in threading.enumerate() if t.name == "build"]


def test_a_build_that_does_not_listen_is_named(stage: Callable[..., Stage]) -> None:
    at = stage(better=True)
    deaf = threading.Event()
    at.planned.build = lambda self, progress, cancelled: deaf.wait(20)  # type: ignore[method-assign]
    at.session.start()
    until(lambda: at.session._inference.slot.building)
    assert at.session.stop(0.4) == ["build"]
    deaf.set()
    until(lambda: not at.session._inference.slot.building)


def test_the_user_changes_engines_while_it_runs(stage: Callable[..., Stage]) -> None:
    at = stage()
    with at.session:
        at.frames_flow()
        assert at.session.set_engine("other").result(10) is None
        assert (at.engine, at.session.stats().engine_reason) == ("other", "asked for")
        at.frames_flow()
        with pytest.raises(UsageError, match="warp"):
            at.session.set_engine("warp").result(10)
        assert at.engine == "other"
        building = at.session.set_engine("planned:fp32")
        assert at.planned.started.wait(10)
        at.frames_flow()
        assert at.engine == "other" and not building.done()
        again = at.session.set_engine("planned:fp32")  # the same build goes on
        with pytest.raises(Cancelled):
            building.result(10)
        at.planned.go.set()
        assert again.result(10) is None
        assert at.engine == "planned:fp32"
        assert at.session.set_engine("auto").result(10) is None
        assert (at.engine, at.session.stats().engine_reason) == ("plain", "ready")
        assert at.shelf.measured == [True, False]  # frames are not held up by measuring
        count = len(at.of("ready"))
        assert at.session.set_engine("plain").result(10) is None  # it runs already
        assert at.session.stats().engine_reason == "asked for" and len(at.of("ready")) == count
    assert at.session.set_engine("other").cancelled()
    for engine in at.shelf.made:
        assert len(engine.opened) == min(len(engine.closed), 1), label_of(engine)


def test_another_choice_gives_up_the_build(stage: Callable[..., Stage]) -> None:
    at = stage()
    with at.session:
        building = at.session.set_engine("planned")
        assert at.planned.started.wait(10)
        at.session.set_engine("other").result(10)
        with pytest.raises(Cancelled):
            building.result(10)
        at.planned.go.set()
        at.frames_flow()
        assert at.engine == "other"
    assert "was given up" in at.of("built")[0].message


def test_an_engine_asked_for_before_the_start_is_the_first(stage: Callable[..., Stage]) -> None:
    at = stage()
    asked = at.session.set_engine("other")
    with at.session:
        assert asked.result(10) is None
        assert at.engine == "other" and not at.engines("plain")
    at.session.start()  # and at the next start
    until(lambda: len(at.of("ready")) > 1)
    assert at.engine == "other"


def test_an_engine_asked_for_that_must_be_built_starts_on_another(
    stage: Callable[..., Stage],
) -> None:
    at = stage(engine="planned:fp32")
    with at.session:
        assert at.planned.started.wait(10)
        at.frames_flow()
        assert at.engine == "plain"
        assert "planned:fp32: asked for, needs a plan" in at.session.stats().engine_reason
        at.planned.go.set()
        until(lambda: at.engine == "planned:fp32")
        assert at.session.stats().engine_reason == "asked for"


def test_with_nothing_ready_the_engine_asked_for_is_built_first(
    stage: Callable[..., Stage],
) -> None:
    at = stage(engine="planned")

    def nothing(*_: Any, **more: Any) -> Offer:
        raise EngineError("None.")

    at.shelf.auto = nothing  # type: ignore[method-assign]
    at.planned.go.set()
    with at.session:
        until(lambda: at.engine == "planned:fp16")
    assert not at.of("building")


def test_an_engine_that_fails_is_replaced_and_one_chosen_anew_may_fail_once_more(
    stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = stage()
    monkeypatch.setattr(Plain, "fail_after", 3)
    monkeypatch.setattr(Other, "fail_after", None)
    with at.session:
        until(lambda: at.engine == "other")
        assert "plain: failed: the fake" in at.session.stats().engine_reason
        at.session.set_engine("plain").result(10)
        until(lambda: len(at.of("warning")) == 2)
        until(lambda: at.engine == "other")
        at.frames_flow()


def test_a_gpu_left_unused_is_told_unless_the_engine_was_asked_for(
    stage: Callable[..., Stage],
) -> None:
    at = stage()
    at.shelf.unused = EngineError("NVIDIA T4 is not used.", hint="make setup TORCH=cuda")
    with at.session:
        until(lambda: at.of("warning"))
        at.session.set_engine("other").result(10)
    (warning,) = at.of("warning")
    assert (warning.origin, warning.hint) == ("gpu", "make setup TORCH=cuda")


def test_a_future_that_nobody_wants_any_more_changes_nothing(stage: Callable[..., Stage]) -> None:
    at = stage()
    slot = at.session._inference.slot
    given_up: Future[None] = Future()
    given_up.cancel()
    slot.change("other", given_up, threading.Event())
    assert slot.wanted == "auto" and not at.shelf.made
