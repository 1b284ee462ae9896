"""Engines for maps that stay open for a while: had at once, closed in time, never in the way."""

import threading

import numpy as np
import pytest

from avatar import lending
from avatar.errors import EngineError
from avatar.frame import Keypoints
from avatar.lending import Lender
from engines.fake import FakeEngine

IMAGE = np.zeros((256, 256, 3), np.uint8)
POSE = Keypoints(np.zeros((10, 2), np.float32), np.tile(np.eye(2, dtype=np.float32), (10, 1, 1)))


class Engine(FakeEngine):
    """Counts; ``gate`` makes looking wait, ``abort`` ends that, as with a process of its own."""

    def __init__(self):
        super().__init__()
        self.opened = self.closed = self.aborted = 0
        self.entered, self.gate = threading.Event(), threading.Event()
        self.gate.set()

    def open(self):
        self.opened += 1

    def inspect(self, code, driving, motion, wanted):
        self.entered.set()
        assert self.gate.wait(5)
        if self.aborted:
            raise EngineError("its process ended")
        return super().inspect(code, driving, motion, wanted)

    def abort(self):
        self.aborted += 1
        self.gate.set()

    def close(self):
        self.closed += 1


class Other(Engine):
    name = "other"


def keeper_ends():
    """Wait until the thread that keeps engines has ended: it has none left."""
    for thread in threading.enumerate():
        if thread.name == "maps-kept":
            thread.join(3)
            assert not thread.is_alive(), "it did not happen"


@pytest.fixture
def lender():
    made = Lender()
    yield made
    assert made.end(2.0) == []


def look(lent):
    return lent.inspect(lent.encode(IMAGE)[0], IMAGE, POSE, ("depth",))


def used(lender, engine):
    """The engine as lent, opened, asked once, and closed again."""
    lent = lender.lend(engine)
    lent.open()
    look(lent)
    lent.close()
    return lent


def test_the_next_one_of_its_label_has_it_open(lender):
    first, second = Engine(), Engine()
    used(lender, first)
    used(lender, second)
    assert (first.opened, first.closed, second.opened, second.closed) == (1, 0, 0, 0)


def test_other_engines_are_kept_beside_it(lender):
    one, other = Engine(), Other()
    for engine in (one, other, one, other):
        used(lender, engine)
    assert one.opened == other.opened == 1 and one.closed == other.closed == 0


def test_it_is_as_the_engine_in_all_else(lender):
    class Rich(Engine):
        cpu_s = 0.25

    lent = lender.lend(Rich())
    assert (lent.name, lent.rank, lent.cpu_s) == ("fake", FakeEngine.rank, 0.25)
    assert getattr(lender.lend(Engine()), "cpu_s", None) is None
    assert lent.closed == 0
    lent.close()  # it was never open: nothing to give back
    assert lent.closed == 0


def test_nobody_asks_for_it_and_it_closes(lender, monkeypatch):
    monkeypatch.setattr(lending, "KEPT_S", 0.03)
    engine, later = Engine(), Engine()
    used(lender, engine)
    keeper_ends()
    assert engine.closed == 1
    used(lender, later)
    assert later.opened == 1
    keeper_ends()
    assert later.closed == 1


def test_the_second_of_a_label_is_closed(lender):
    one, two = Engine(), Engine()
    both = [lender.lend(one), lender.lend(two)]
    for lent in both:
        lent.open()
    for lent in both:
        lent.close()
        lent.close()  # idempotent
    assert (one.opened, two.opened, one.closed, two.closed) == (1, 1, 0, 1)


def test_one_that_failed_is_not_kept(lender):
    class Fails(Engine):
        def inspect(self, *args):
            raise EngineError("out of memory")

    engine = Fails()
    lent = lender.lend(engine)
    lent.open()
    with pytest.raises(EngineError, match="out of memory"):
        look(lent)
    lent.close()
    assert engine.closed == 1


def test_one_that_does_not_open_is_closed(lender):
    class Fails(Engine):
        def open(self):
            raise EngineError("no such device")

    engine = Fails()
    lent = lender.lend(engine)
    with pytest.raises(EngineError, match="no such device"):
        lent.open()
    lent.close()
    assert engine.closed == 1


def looking(lent, engine):
    """A thread that is inside the engine, and stays there."""
    engine.gate.clear(), engine.entered.clear()
    seen = []

    def body():
        try:
            look(lent)
        except EngineError as error:
            seen.append(error.message)

    thread = threading.Thread(target=body)
    thread.start()
    assert engine.entered.wait(2)
    return thread, seen


def test_one_that_is_quick_is_let_finish_and_kept(lender):
    engine = Engine()
    lent = lender.lend(engine)
    lent.open()
    look(lent)
    thread, seen = looking(lent, engine)
    lent.abort()
    assert engine.aborted == 0
    engine.gate.set()
    thread.join(2)
    lent.close()
    assert seen == [] and engine.closed == 0
    used(lender, again := Engine())
    assert again.opened == 0


@pytest.mark.parametrize("took_s", [None, 0.05])
def test_one_that_may_take_long_is_ended(lender, monkeypatch, took_s):
    engine = Engine()
    lent = lender.lend(engine)
    lent.open()
    if took_s is not None:  # else: nobody knows yet how long it takes
        threading.Timer(took_s, engine.gate.set).start()
        engine.gate.clear()
        look(lent)
    thread, seen = looking(lent, engine)
    lent.abort(0.01)
    lent.abort(0.01)
    thread.join(2)
    lent.close()
    assert seen == ["its process ended"] and engine.aborted == engine.closed == 1


def test_left_between_two_maps_it_makes_no_more_and_is_kept(lender):
    engine = Engine()
    lent = lender.lend(engine)
    lent.open()
    lent.abort()
    with pytest.raises(EngineError, match="not wanted"):
        look(lent)
    lent.close()
    assert engine.aborted == engine.closed == 0


def test_left_before_it_is_open_it_is_not_opened(lender):
    used(lender, kept := Engine())
    lent = lender.lend(engine := Engine())
    lent.abort()
    with pytest.raises(EngineError, match="not wanted"):
        lent.open()
    lent.close()
    assert engine.opened == 0 and kept.closed == 0
    used(lender, again := Engine())
    assert again.opened == 0  # the one that was kept still is


def test_at_the_end_what_is_kept_closes_and_what_is_lent_ends(lender):
    kept, busy = Engine(), Other()
    used(lender, kept)
    lent = lender.lend(busy)
    lent.open()
    look(lent)
    thread, seen = looking(lent, busy)
    assert lender.end(2.0) == []
    thread.join(2)
    lent.close()
    assert seen == ["its process ended"]
    assert kept.closed == busy.closed == 1
    used(lender, late := Engine())
    assert late.closed == 1  # nothing is kept any more
