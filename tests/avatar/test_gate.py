"""The gate: while it is hidden nothing but slates is handed to any sink, whatever threads do."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from avatar.channels import Closed
from avatar.delivery import Deliveries
from avatar.frame import Frame
from avatar.gate import STALE_S, Gate
from avatar.outlet import Outlet
from avatar.rest import Rest
from avatar.sinks.null import NullSink

SLATE = np.full((8, 8, 3), 7, np.uint8)
PORTRAIT = np.full((8, 8, 3), 100, np.uint8)
FACE = np.full((8, 8, 3), 200, np.uint8)


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = 1_000_000_000

    def __call__(self) -> int:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += round(seconds * 1e9)


def kind(frame: Frame) -> str:
    return {7: "slate", 100: "portrait", 200: "face", 9: "slate"}[int(frame.image[0, 0, 0])]


def waiting(box: Outlet) -> list[str]:
    """What would be handed out, without waiting."""
    kinds: list[str] = []
    while True:
        try:
            frame = box.get(0)
        except Closed:
            return kinds
        if frame is None:
            return kinds
        kinds.append(kind(frame))


def made(**options: Any) -> tuple[Gate, Clock]:
    clock = Clock()
    return Gate(SLATE.copy(), clock=clock, **options), clock


def test_animated_frames_pass_and_raw_ones_do_not() -> None:
    gate, clock = made()
    box = gate.subscribe(4)
    assert gate.publish(Frame(PORTRAIT.copy(), 0, clock()))
    assert not gate.publish(Frame(FACE.copy(), 0, clock()), raw=True)
    assert waiting(box) == ["portrait"]
    assert not gate.raw and not gate.hidden


def test_everybody_gets_everything_until_closed() -> None:
    gate, clock = made()
    latest, queue = gate.subscribe(1, "latest"), gate.subscribe(10, "queue")
    for index in range(2):
        gate.publish(Frame(PORTRAIT.copy(), index, clock()))
    assert len(waiting(latest)) == 1 and latest.dropped == 1 and queue.dropped == 0
    latest.close()
    gate.publish(Frame(PORTRAIT.copy(), 2, clock()))
    gate.close()
    assert waiting(latest) == [] and len(waiting(queue)) == 3
    for box in (latest, queue, gate.subscribe()):
        with pytest.raises(Closed):
            box.get(0)


def test_hiding_replaces_what_waits_by_the_slate() -> None:
    gate, clock = made()
    boxes = [gate.subscribe(1), gate.subscribe(64)]
    for index in range(5):
        gate.publish(Frame(PORTRAIT.copy(), index, clock()))
    gate.hide(True)
    gate.publish(Frame(PORTRAIT.copy(), 6, clock()))
    assert [waiting(box) for box in boxes] == [["slate"], ["slate"]]
    gate.hide(False)
    assert gate.shown is not None and kind(gate.shown) == "slate", "as the outputs still do"
    clock.move(0.1)
    gate.publish(Frame(PORTRAIT.copy(), 7, clock()))
    assert [waiting(box) for box in boxes] == [["portrait"], ["slate", "portrait"]]


def test_a_sink_that_comes_while_hidden_begins_with_the_slate() -> None:
    gate, _ = made()
    gate.hide(True)
    assert waiting(gate.subscribe(3)) == ["slate"]


def test_a_sink_that_leaves_takes_no_more_portraits_after_hiding() -> None:
    gate, clock = made()
    box = gate.subscribe(8)
    for index in range(3):
        gate.publish(Frame(PORTRAIT.copy(), index, clock()))
    box.close()
    gate.hide(True)
    assert waiting(box) == []


def test_what_was_grabbed_while_hidden_is_never_shown() -> None:
    gate, clock = made()
    box = gate.subscribe()
    gate.hide(True)
    clock.move(1)
    grabbed = clock()
    clock.move(1)
    gate.hide(False)
    waiting(box)
    assert not gate.publish(Frame(PORTRAIT.copy(), 0, grabbed))
    clock.move(0.01)
    assert gate.publish(Frame(PORTRAIT.copy(), 1, clock()))


def test_raw_pictures_pass_only_while_chosen_and_none_from_before() -> None:
    gate, clock = made()
    box = gate.subscribe(8)
    before = clock()
    clock.move(1)
    assert gate.pass_raw(True)
    assert not gate.publish(Frame(FACE.copy(), 0, before), raw=True)
    assert gate.publish(Frame(FACE.copy(), 1, clock()), raw=True)
    assert not gate.publish(Frame(PORTRAIT.copy(), 1, clock()))
    gate.pass_raw(False)
    assert waiting(box) == ["portrait"], "sinks that repeat their last frame must get another"
    assert not gate.publish(Frame(FACE.copy(), 2, clock()), raw=True)


def test_without_a_portrait_yet_the_slate_follows_raw_pictures() -> None:
    gate, clock = made()
    box = gate.subscribe()
    gate.pass_raw(True)
    gate.publish(Frame(FACE.copy(), 0, clock()), raw=True)
    gate.pass_raw(False)
    assert waiting(box) == ["slate"]


def test_hiding_ends_raw_pictures_and_they_cannot_be_chosen_meanwhile() -> None:
    gate, clock = made()
    box = gate.subscribe(8)
    gate.pass_raw(True)
    gate.publish(Frame(FACE.copy(), 1, clock()), raw=True)
    gate.hide(True)
    assert not gate.pass_raw(True)
    assert not gate.publish(Frame(FACE.copy(), 2, clock()), raw=True)
    assert waiting(box) == ["slate"]
    gate.hide(False)
    assert not gate.raw


def test_another_run_stays_hidden_and_never_raw() -> None:
    gate, clock = made()
    gate.pass_raw(True)
    gate.close()
    gate.reopen()
    assert not gate.raw
    gate.hide(True)
    gate.close()
    gate.reopen()
    box = gate.subscribe()
    gate.publish(Frame(PORTRAIT.copy(), 0, clock()))
    assert waiting(box) == ["slate"]


def test_another_slate_is_shown_at_once_while_hidden() -> None:
    gate, _ = made()
    box = gate.subscribe()
    gate.set_slate(np.full((8, 8, 3), 9, np.uint8))
    assert waiting(box) == []
    gate.hide(True)
    waiting(box)
    gate.set_slate(np.full((8, 8, 3), 7, np.uint8))
    frame = box.get(0)
    assert frame is not None and frame.image[0, 0, 0] == 7
    assert gate.shown is not None and gate.shown.image[0, 0, 0] == 7


def test_the_slate_stands_in_where_nothing_comes_for_long() -> None:
    gate, clock = made()
    gate.rest = Rest(mode="slate", after_s=3)
    clock.move(100)
    assert gate.stand_in() is None, "nothing has been shown yet: the sink has its own waiting sign"
    gate.publish(Frame(PORTRAIT.copy(), 0, clock()))
    clock.move(STALE_S + 2.9)
    assert gate.stand_in() is None
    clock.move(0.2)
    due = gate.stand_in()
    assert due is not None and kind(due) == "slate" and due.t_ns == clock()
    assert gate.shown is not None and kind(gate.shown) == "slate"
    gate.publish(Frame(PORTRAIT.copy(), 1, clock()))
    assert gate.stand_in() is None and kind(gate.shown) == "portrait"


def test_the_slate_stands_in_for_a_raw_camera_that_is_lost() -> None:
    gate, clock = made()
    gate.rest = Rest(mode="slate", after_s=3)
    gate.pass_raw(True)
    gate.publish(Frame(FACE.copy(), 0, clock()), raw=True)
    assert gate.stand_in() is None
    clock.move(STALE_S + 3)
    due = gate.stand_in()
    assert due is not None and kind(due) == "slate" and gate.raw


@pytest.mark.parametrize("mode", ["hold", "neutral"])
def test_other_rest_states_leave_the_last_frame(mode: str) -> None:
    gate, clock = made()
    gate.rest = Rest(mode=mode)
    gate.publish(Frame(PORTRAIT.copy(), 0, clock()))
    clock.move(1000)
    assert gate.stand_in() is None


# -- threads --------------------------------------------------------------------------------------


class Watched(NullSink):
    """Notes for every write whether it began while the gate was known to be hidden."""

    def __init__(self, name: str, queue: int, known: threading.Event) -> None:
        super().__init__(name, queue)
        self.known = known
        self.leaked: list[str] = []
        self.got: list[str] = []

    def write(self, frame: Frame) -> None:
        hidden = self.known.is_set()
        self.got.append(kind(frame))
        if hidden and self.known.is_set() and self.got[-1] != "slate":
            self.leaked.append(self.got[-1])


class Held(Watched):
    """Hangs in the write of a portrait until it is let go."""

    def __init__(self, name: str, queue: int, known: threading.Event) -> None:
        super().__init__(name, queue, known)
        self.inside, self.go = threading.Event(), threading.Event()

    def write(self, frame: Frame) -> None:
        super().write(frame)
        if self.got[-1] == "portrait":
            self.inside.set()
            self.go.wait(10)


@contextmanager
def delivering(gate: Gate) -> Iterator[Deliveries]:
    deliveries = Deliveries(gate, lambda event: None)
    try:
        yield deliveries
    finally:
        assert deliveries.stop(5) == []


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.001)


def test_hiding_does_not_wait_for_a_sink_that_hangs() -> None:
    gate, known = Gate(SLATE.copy()), threading.Event()
    sink = Held("hanging", 64, known)
    with delivering(gate) as deliveries:
        deliveries.add(sink)
        for index in range(20):
            gate.publish(Frame(PORTRAIT.copy(), index, time.monotonic_ns()))
        assert sink.inside.wait(5)
        start = time.monotonic()
        gate.hide(True)
        known.set()
        assert time.monotonic() - start < 1, "it waited for the sink"
        sink.go.set()
        until(lambda: sink.got[-1] == "slate")
    assert sink.leaked == [] and sink.got[0] == "portrait"
    assert sink.got.count("portrait") == 1, "frames that still waited were handed out"


def test_hiding_sees_off_a_frame_that_was_just_handed_out() -> None:
    gate = Gate(SLATE.copy(), patience_s=10)
    box = gate.subscribe()
    gate.publish(Frame(PORTRAIT.copy(), 0, time.monotonic_ns()))
    assert box.get(0) is not None  # its sink is about to write it
    hiding = threading.Thread(target=gate.hide, args=(True,))
    hiding.start()
    until(lambda: gate.hidden)
    hiding.join(0.05)
    assert hiding.is_alive(), "it returned while the portrait could still be written"
    assert waiting(box) == ["slate"]
    hiding.join(5)
    assert not hiding.is_alive()


def test_a_slate_is_repeated_to_sinks_that_get_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("avatar.delivery.WAIT_S", 0.01)
    gate, known = Gate(SLATE.copy()), threading.Event()
    sink = Watched("recorder", 64, known)
    with delivering(gate) as deliveries:
        delivery = deliveries.add(sink)
        gate.hide(True)
        until(lambda: len(sink.got) > 3)
        assert delivery.stats.rate.count == 0, "a slate is no animated frame"
    assert set(sink.got) == {"slate"}


@settings(max_examples=15, deadline=None)
@given(
    queues=st.lists(st.sampled_from([1, 8, 64]), min_size=1, max_size=3),
    turns=st.lists(st.booleans(), min_size=1, max_size=6),
)
def test_threads_that_publish_and_hide_at_once_leak_nothing(
    queues: list[int], turns: list[bool]
) -> None:
    gate, known = Gate(SLATE.copy(), patience_s=10), threading.Event()
    sinks = [Watched(f"s{n}", queue, known) for n, queue in enumerate(queues)]
    barrier, over = threading.Barrier(3), threading.Event()

    def publish(raw: bool) -> None:
        barrier.wait(5)
        index = 0
        while not over.is_set():
            image = FACE if raw else PORTRAIT
            gate.publish(Frame(image.copy(), index, time.monotonic_ns()), raw=raw)
            index += 1

    writers = [threading.Thread(target=publish, args=(raw,)) for raw in (False, True)]
    with delivering(gate) as deliveries:
        for sink in sinks:
            deliveries.add(sink)
        for writer in writers:
            writer.start()
        barrier.wait(5)
        for on in turns:
            known.clear()
            gate.hide(on)
            if on:
                known.set()
            else:
                gate.pass_raw(True)
            time.sleep(0.002)
        known.clear()
        over.set()
        for writer in writers:
            writer.join(5)
    assert [sink.leaked for sink in sinks] == [[] for _ in sinks]


class Pressed(RuleBasedStateMachine):
    """Anything a user and the threads can do, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.gate = Gate(SLATE.copy(), clock=self.clock)
        self.boxes: list[Outlet] = []
        self.left: list[Outlet] = []
        self.hidden = self.raw = False
        self.index = 0

    def frame(self, image: np.ndarray) -> Frame:
        self.index += 1
        self.clock.move(0.01)
        return Frame(image.copy(), self.index, self.clock())

    @rule(on=st.booleans())
    def panic(self, on: bool) -> None:
        self.gate.hide(on)
        if on != self.hidden:
            self.raw = False
        self.hidden = on

    @rule(on=st.booleans())
    def choose_raw(self, on: bool) -> None:
        self.raw = self.gate.pass_raw(on)
        assert self.raw == (on and not self.hidden)

    @rule()
    def animate(self) -> None:
        assert self.gate.publish(self.frame(PORTRAIT)) == (not self.hidden and not self.raw)

    @rule()
    def look(self) -> None:
        assert self.gate.publish(self.frame(FACE), raw=True) == self.raw

    @rule(queue=st.integers(1, 4))
    def add(self, queue: int) -> None:
        self.boxes.append(self.gate.subscribe(queue))

    @precondition(lambda self: self.boxes)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        box = self.boxes.pop(data.draw(st.integers(0, len(self.boxes) - 1)))
        box.close()
        self.left.append(box)

    @precondition(lambda self: self.boxes or self.left)
    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        box = data.draw(st.sampled_from([*self.boxes, *self.left]))
        got = waiting(box)
        if self.hidden:
            assert set(got) <= {"slate"}
        elif self.raw:
            assert "portrait" not in got
        else:
            assert "face" not in got

    @rule()
    def restart(self) -> None:
        self.gate.close()
        self.gate.reopen()
        self.left += self.boxes
        self.boxes, self.raw = [], False

    @invariant()
    def the_window_shows_what_goes_out(self) -> None:
        assert self.gate.hidden == self.hidden and self.gate.raw == self.raw
        shown = self.gate.shown
        if self.hidden:
            assert shown is not None and kind(shown) == "slate"


Pressed.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestPressed = Pressed.TestCase
