"""Maps and stage times of a whole session: they follow it, end with it, and never hold it up."""

import threading
import time

import numpy as np
import pytest

from avatar.choosing.offer import Offer
from avatar.errors import EngineError
from avatar.frame import Crop, Frame, Portrait
from avatar.session import Session
from avatar.stats import STAGES
from engines.fake import FakeEngine

BOX = np.array([0, 0, 256, 256], np.float32)


def portrait(light=90):
    image = np.full((256, 256, 3), light, np.uint8)
    return Portrait(image, BOX, image, None, "someone")


class Camera:
    """200 pictures a second, bright on the left."""

    name, live, fps, size = "camera", True, 200.0, (256, 256)

    def __init__(self):
        self.reads = 0

    def open(self):
        pass

    def read(self):
        time.sleep(0.005)
        image = np.full((256, 256, 3), 60, np.uint8)
        image[:, :128] = 200
        self.reads += 1
        return Frame(image, self.reads, time.monotonic_ns())

    def close(self):
        pass


class Whole:
    """Every frame is its own crop."""

    def crop(self, frame):
        return Crop(frame.image, BOX, None, False, frame.index, frame.t_ns)

    def close(self):
        pass


class Slow(FakeEngine):
    """An engine for maps that waits to be released."""

    entered, release = threading.Event(), threading.Event()

    def inspect(self, code, driving, motion, wanted):
        self.entered.set()
        self.release.wait(5)
        return super().inspect(code, driving, motion, wanted)


class Failing(FakeEngine):
    def inspect(self, code, driving, motion, wanted):
        raise EngineError("out of memory")


class Shelf:
    def __init__(self, mapping):
        self.mapping = mapping

    def auto(self, failed, progress, cancelled, *, measuring):
        return Offer(FakeEngine(), "the test's")

    def showing(self, maps):
        return self.mapping()

    def unused_gpu(self, engine, failed):
        return None


def session_with(mapping):
    return Session(Camera(), Whole, Shelf(mapping), portrait())


def until(condition, limit_s=5.0):
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


@pytest.fixture(autouse=True)
def no_inspector_is_left():
    yield
    until(lambda: not any(t.name == "inspector" for t in threading.enumerate()))


def test_maps_follow_the_portrait_and_the_mirror():
    session = session_with(FakeEngine)
    session.inspect(("depth",))  # before the start: made as soon as there is a result
    with session:
        until(session.latest_maps)
        session.set_portrait(other := portrait(220)).result(2)
        until(lambda: session.latest_maps().portrait is other)
        session.set_mirror(True).result(2)
        until(lambda: session.latest_maps() is not None and session.latest_maps().of.mirrored)
        depth = session.latest_maps().maps["depth"]
        assert depth[0, 0] > depth[0, -1]  # as the crop lies, though the networks saw it flipped
    assert session.latest_maps() is None


def test_frames_go_on_while_maps_hang():
    Slow.entered.clear(), Slow.release.clear()
    session = session_with(Slow)
    with session:
        session.inspect(("depth",))
        assert Slow.entered.wait(5)
        before = session.latest().frame.index
        until(lambda: session.latest().frame.index > before + 10)
        assert session.latest_maps() is None
        Slow.release.set()


def test_what_is_wrong_with_maps_is_told_and_the_session_lives():
    session = session_with(Failing)
    with session:
        session.inspect(("depth",))
        until(lambda: session.maps_error)
        before = session.latest().frame.index
        until(lambda: session.latest().frame.index > before + 5)
        assert session.failure is None and session.maps_error.message == "out of memory"
        session.inspect(())
        assert session.maps_error is None


def test_stages_of_each_frame_are_kept():
    session = session_with(FakeEngine)
    with session:
        until(lambda: session.latest() and session.latest().frame.index > 5)
        shown = session.latest().frame
        session.note_shown(shown)
        ago_s, ms = session.stage_times(10)
    assert len(ago_s) == len(ms) >= 1 and ms.shape[1] == len(STAGES)
    assert (ago_s <= 0).all() and (np.diff(ago_s) >= 0).all()
    assert (ms[:, :6] >= 0).all() and np.isfinite(ms[:, 6]).sum() == 1


def test_a_session_that_is_over_makes_no_more_maps():
    session = session_with(FakeEngine)
    with session:
        until(session.latest)
    session.inspect(("depth",))
    time.sleep(0.02)
    assert not any(t.name == "inspector" for t in threading.enumerate())
    with session:  # and one that starts again does
        session.inspect(("depth",))
        until(session.latest_maps)


def test_leafing_through_views_opens_the_engine_once():
    class Counted(FakeEngine):
        opened = closed = 0

        def open(self):
            Counted.opened += 1

        def close(self):
            Counted.closed += 1

    session = session_with(Counted)
    with session:
        for _ in range(3):
            session.inspect(("depth",))
            until(session.latest_maps)
            session.inspect(())
            until(lambda: not any(t.name == "inspector" for t in threading.enumerate()))
        assert (Counted.opened, Counted.closed) == (1, 0)
    assert Counted.closed == 1
    assert not any(t.name == "maps-kept" for t in threading.enumerate())
