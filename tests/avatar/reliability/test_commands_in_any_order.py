"""Whatever is asked of a session, in any order and from any thread, while everything breaks: it
ends in time, answers every question, and leaves no thread, no open file and no open device."""

import faulthandler
import random
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from avatar.choosing.offer import Offer
from avatar.engine import Engine
from avatar.errors import AvatarError, EngineError, SinkError, SinkLost, SourceError, UsageError
from avatar.frame import Frame, Image, Keypoints, Portrait
from avatar.framing import Framing
from avatar.motion.settings import MotionSettings
from avatar.rest import MODES, Rest
from avatar.session import Session
from avatar.sinks.null import NullSink
from avatar.sinks.recorder import Recorder
from engines.fake import FakeEngine
from tools.soak.faults import Brittle, Unplugged

from ..fakes import WholeCropper
from .conftest import open_files

BOX = np.array([0, 0, 256, 256], np.float32)
GREY = np.full((256, 256, 3), 90, np.uint8)
HANG_S = 5.0
"""What takes longer is a deadlock."""


class Open:
    """How many sources, sinks and engines are open; each may be closed more than once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, object] = {}

    def add(self, thing: object) -> None:
        with self._lock:
            self._open[id(thing)] = thing

    def remove(self, thing: object) -> None:
        with self._lock:
            self._open.pop(id(thing), None)

    def names(self) -> list[str]:
        with self._lock:
            return [type(thing).__name__ for thing in self._open.values()]


OPEN = Open()


class Clip:
    """A live source; ``error`` makes it fail to open."""

    live, reconnects = True, True
    name, fps, size = "clip", 200.0, (256, 256)

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self._index = 0

    def open(self) -> None:
        if self._error is not None:
            raise self._error
        OPEN.add(self)

    def read(self) -> Frame | None:
        time.sleep(1 / self.fps)
        self._index += 1
        return Frame(GREY, self._index, time.monotonic_ns())

    def close(self) -> None:
        OPEN.remove(self)


class Film(Clip):
    """One that ends soon."""

    live = reconnects = False

    def read(self) -> Frame | None:
        return None if self._index >= 5 else super().read()


class Sink(NullSink):
    """One that raises at a call: "open", "write", "close" or none."""

    def __init__(self, at: str, error: Exception) -> None:
        super().__init__(f"raises-at-{at}")
        self._at, self._error = at, error

    def open(self) -> None:
        self._fault("open")
        super().open()
        OPEN.add(self)

    def write(self, frame: Frame) -> None:
        self._fault("write")
        super().write(frame)

    def close(self) -> None:
        OPEN.remove(self)
        super().close()
        self._fault("close")

    def _fault(self, call: str) -> None:
        if call == self._at:
            raise self._error


class Traced(FakeEngine):
    """Knows whether it is open."""

    name: ClassVar[str] = "traced"

    def open(self) -> None:
        OPEN.add(self)
        super().open()

    def close(self) -> None:
        OPEN.remove(self)


class Second(Traced):
    """Another that works."""

    name: ClassVar[str] = "second"


class NoOpen(Traced):
    """Opens half, then raises."""

    name: ClassVar[str] = "no-open"
    fail_open: ClassVar[bool] = True


class MidStream(Traced):
    """Fails after some frames."""

    name: ClassVar[str] = "mid-stream"
    fail_after: ClassVar[int | None] = 2


class NoMemory(Traced):
    """Runs out of memory."""

    name: ClassVar[str] = "no-memory"

    def detect(self, driving: Image) -> Keypoints:
        if self._rendered:
            raise MemoryError
        return super().detect(driving)


class Unclosable(Traced):
    """Raises while it is closed."""

    name: ClassVar[str] = "unclosable"

    def close(self) -> None:
        super().close()
        raise RuntimeError("the driver hung up")


class Builds(Traced):
    """Has to be built first."""

    name: ClassVar[str] = "builds"
    built: ClassVar[bool] = False

    def missing(self) -> str:
        return "" if type(self).built else "its plan"

    def build(self, progress: Any, cancelled: Callable[[], bool]) -> None:
        end = time.monotonic() + 0.02
        while time.monotonic() < end and not cancelled():
            time.sleep(0.002)
        type(self).built = not cancelled()


ENGINES = (Traced, Second, NoOpen, MidStream, NoMemory, Unclosable, Builds)


class Shelf:
    """Any engine that has not failed, by name."""

    def asked(self, spec: str) -> Engine:
        for engine in ENGINES:
            if engine.name == spec:
                return engine()
        raise UsageError(f"No engine is called {spec!r}.", hint="Pick another.")

    def auto(self, failed: Any, progress: Any, cancelled: Any, *, measuring: bool) -> Offer:
        for engine in ENGINES[:2]:
            if engine.name not in failed:
                return Offer(engine(), "first of the test")
        raise EngineError("No engine can run here.")

    def showing(self, maps: Any) -> Engine:
        return Second()

    def unused_gpu(self, engine: Engine, failed: Any) -> EngineError | None:
        return None


def within(seconds: float, call: Callable[[], Any]) -> Any:
    """Call on a thread of its own; where all threads stand is printed if it does not return."""
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="asks", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        faulthandler.dump_traceback(all_threads=True)
        pytest.fail(f"{call} did not return within {seconds:g} s", pytrace=False)
    if errors:
        raise errors[0]
    return results[0]


def our_threads() -> list[str]:
    ours = ("capture", "inference", "sink-", "build", "inspector", "maps-kept")
    return [t.name for t in threading.enumerate() if t.name.startswith(ours)]


FAULTS = st.sampled_from([None, SourceError("busy"), OSError(5, "I/O error"), MemoryError()])


class Commands(RuleBasedStateMachine):
    """Everything that can be asked, and everything that can break."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._portrait = Portrait(GREY, BOX, GREY, None, "grey")
        self._source = Unplugged(Clip())
        self._sinks: list[Any] = []
        self._asked: list[tuple[str, Future[Any]]] = []
        self._helpers: list[threading.Thread] = []
        self._recorded = 0
        Builds.built = False
        self._session = Session(
            self._source,
            WholeCropper,
            Shelf(),
            self._portrait,
            [NullSink()],
        )

    def _ask(self, name: str, future: "Future[Any]") -> None:
        self._asked.append((name, future))

    # -- life -------------------------------------------------------------------------------------

    @rule()
    def start(self) -> None:
        within(HANG_S, self._session.start)

    @rule()
    def stop(self) -> None:
        assert within(HANG_S, self._session.stop) == []

    @rule(order=st.permutations(["start", "stop", "start", "stop"]))
    def start_and_stop_at_once(self, order: list[str]) -> None:
        for name in order:
            helper = threading.Thread(target=getattr(self._session, name), daemon=True)
            self._helpers.append(helper)
            helper.start()

    @rule(
        what=st.lists(
            st.sampled_from(
                [
                    lambda self: self._session.start(),
                    lambda self: self._session.stop(),
                    lambda self: self.portrait(),
                    lambda self: self._ask("engine", self._session.set_engine("second")),
                    lambda self: self._ask("source", self._session.set_source(Clip())),
                    lambda self: self._add(Sink("none", SinkLost("gone"))),
                    lambda self: self.record(),
                    lambda self: self._session.panic(True),
                    lambda self: self._session.panic(False),
                    lambda self: self._session.inspect(("depth",)),
                    lambda self: self._ask("find", self._session.find_reference()),
                    lambda self: self._session.cancel_calibration(),
                    lambda self: self._session.stats(),
                ]
            ),
            min_size=2,
            max_size=6,
        )
    )
    def at_once(self, what: list[Callable[["Commands"], None]]) -> None:
        for act in what:
            helper = threading.Thread(target=act, args=(self,), daemon=True)
            self._helpers.append(helper)
            helper.start()

    @rule(ms=st.integers(1, 30))
    def wait(self, ms: int) -> None:
        time.sleep(ms / 1e3)

    # -- what is asked ----------------------------------------------------------------------------

    @rule()
    def portrait(self) -> None:
        self._ask(
            "portrait",
            self._session.set_portrait(
                self._portrait.__class__(GREY.copy(), BOX, GREY, None, "other")
            ),
        )

    @rule(engine=st.sampled_from(["auto", "nonsense", *(e.name for e in ENGINES)]))
    def engine(self, engine: str) -> None:
        self._ask(f"engine {engine}", self._session.set_engine(engine))

    @rule()
    def cancel_build(self) -> None:
        self._session.cancel_build()

    @rule(error=FAULTS, same=st.booleans())
    def source(self, error: Exception | None, same: bool) -> None:
        source = Unplugged(Clip(error))
        asked = self._session.set_source(source, same_driver=same)
        self._ask("source", asked)
        if error is None:
            self._source = source

    @rule()
    def film(self) -> None:
        self._ask("film", self._session.set_source(Film()))

    @rule(out=st.booleans())
    def unplug(self, out: bool) -> None:
        self._source.unplug(out)

    @rule(seed=st.integers(0, 99))
    def motion(self, seed: int) -> None:
        chance = random.Random(seed)
        motion = MotionSettings(relative=chance.random() < 0.5, smoothing=chance.random())
        self._ask("motion", self._session.set_motion(motion))

    @rule(mode=st.sampled_from(MODES), after_s=st.sampled_from([0.0, 1.0]))
    def rest(self, mode: Any, after_s: float) -> None:
        self._ask("rest", self._session.set_rest(Rest(mode=mode, after_s=after_s)))

    @rule(on=st.booleans())
    def panic(self, on: bool) -> None:
        within(HANG_S, lambda: self._session.panic(on))

    @rule(on=st.booleans())
    def raw(self, on: bool) -> None:
        within(HANG_S, lambda: self._session.set_raw(on))

    @rule(what=st.sampled_from(["calibrate", "find_reference", "neutral"]))
    def calibration(self, what: str) -> None:
        self._ask(what, getattr(self._session, what)())

    @rule()
    def cancel_calibration(self) -> None:
        self._session.cancel_calibration()

    @rule(on=st.booleans())
    def view(self, on: bool) -> None:
        self._ask("mirror", self._session.set_mirror(on))
        self._ask("framing", self._session.set_framing(Framing(0.1 if on else 0.0)))
        self._ask("loop", self._session.set_loop(on))

    @rule(maps=st.sampled_from([(), ("depth",), ("flow", "attention")]))
    def maps(self, maps: tuple[str, ...]) -> None:
        self._session.inspect(maps)

    @rule()
    def look(self) -> None:
        self._session.stats()
        self._session.latest()
        self._session.source_state()

    # -- sinks ------------------------------------------------------------------------------------

    @rule(
        at=st.sampled_from(["none", "open", "write", "close"]),
        error=st.sampled_from([SinkError("no"), SinkLost("gone"), OSError("I/O"), MemoryError()]),
    )
    def add(self, at: str, error: Exception) -> None:
        self._add(Sink(at, error))

    @rule()
    def record(self) -> None:
        self._recorded += 1
        self._add(Recorder(Path(self._folder.name) / f"{self._recorded}.mp4"))

    @rule()
    def snap(self) -> None:
        brittle = Brittle("brittle")
        self._add(brittle)
        brittle.snap()

    @rule()
    def remove(self) -> None:
        if self._sinks:
            self._ask("remove", self._session.remove_sink(self._sinks.pop(0)))

    def _add(self, sink: Any) -> None:
        self._sinks.append(sink)
        self._ask("add", self._session.add_sink(sink))

    # -- the end ----------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            for helper in self._helpers:
                within(HANG_S, helper.join)
            assert within(HANG_S, self._session.stop) == []
            assert our_threads() == []
            assert OPEN.names() == []
            assert open_files(Path(self._folder.name)) == []
            self._answers()
        finally:
            self._folder.cleanup()

    def _answers(self) -> None:
        started = bool(self._session._workers)
        for name, future in self._asked:
            if not future.done():
                assert not started, f"{name} was never answered"
                continue  # asked before the first start: it waits for that
            if future.cancelled():
                continue
            error = future.exception(0)
            assert error is None or isinstance(error, AvatarError | OSError | MemoryError), name


def explore(monkeypatch: pytest.MonkeyPatch, examples: int, steps: int) -> None:
    monkeypatch.setattr("avatar.capture.RETRY_S", (0.01,))
    run_state_machine_as_test(
        Commands,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_few_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    explore(monkeypatch, 25, 15)


@pytest.mark.slow
def test_many_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    explore(monkeypatch, 200, 30)
