"""Maps off the hot path: nobody waits, failures stay inside, and nothing is left running."""

import threading
import time

import numpy as np
import pytest

from avatar.errors import EngineError
from avatar.frame import Animated, Crop, Frame, Keypoints, Portrait
from avatar.inspector import Inspector
from avatar.pace import Pace
from engines.fake import FakeEngine

BOX = np.array([0, 0, 256, 256], np.float32)


def picture(left=200, right=40):
    image = np.full((256, 256, 3), right, np.uint8)
    image[:, :128] = left
    return image


def portrait(name="someone", light=90):
    image = np.full((256, 256, 3), light, np.uint8)
    return Portrait(image, BOX, image, None, name)


def result(index=0, *, mirrored=False):
    shown = Keypoints(
        np.zeros((10, 2), np.float32), np.tile(np.eye(2, dtype=np.float32), (10, 1, 1))
    )
    crop = Crop(picture(), BOX, None, False, index, 1)
    frame = Frame(np.zeros((256, 256, 3), np.uint8), index, 1)
    return Animated(frame, crop, shown, shown=shown, mirrored=mirrored)


class Engine(FakeEngine):
    """Counts; ``gate`` makes looking wait, ``failures`` are raised before it works."""

    def __init__(self):
        super().__init__()
        self.threads = set()
        self.opened = self.closed = self.looks = self.encoded = 0
        self.entered, self.gate = threading.Event(), None
        self.failures = []

    def open(self):
        self.opened += 1
        self.threads.add(threading.current_thread().name)

    def encode(self, image):
        self.encoded += 1
        return super().encode(image)

    def inspect(self, code, driving, motion, wanted):
        self.threads.add(threading.current_thread().name)
        self.entered.set()
        if self.gate is not None:
            self.gate.wait(5)
        if self.failures:
            raise self.failures.pop(0)
        self.looks += 1
        return super().inspect(code, driving, motion, wanted)

    def close(self):
        self.threads.add(threading.current_thread().name)
        self.closed += 1


class Scene:
    """An inspector over a stage that a test sets."""

    def __init__(self):
        self.engine, self.made = Engine(), []
        self.newest, self.portrait = result(), portrait()
        self.refuse = None
        self.inspector = Inspector(
            self.showing, lambda: self.newest, lambda: self.portrait, Pace(1.0, 100)
        )

    def showing(self, maps):
        self.made.append(maps)
        if self.refuse is not None:
            raise self.refuse
        return self.engine


def until(condition, limit_s=3.0):
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


@pytest.fixture
def scene(monkeypatch):
    monkeypatch.setattr("avatar.inspector.LOOK_S", 0.005)
    made = Scene()
    yield made
    if made.engine.gate is not None:
        made.engine.gate.set()
    assert made.inspector.stop(2.0) == []
    assert made.engine.opened == made.engine.closed


def test_no_thread_and_no_engine_until_maps_are_wanted(scene):
    assert not scene.inspector.running and scene.made == []
    scene.inspector.want(())
    assert not scene.inspector.running and scene.inspector.latest is None


def test_maps_of_the_newest_result(scene):
    scene.inspector.want(("depth", "occlusion"))
    until(lambda: scene.inspector.latest)
    maps = scene.inspector.latest
    assert set(maps.maps) == {"depth", "occlusion"} and maps.of is scene.newest
    assert maps.portrait is scene.portrait and maps.portrait_depth.shape == (256, 256)
    assert maps.maps["depth"][0, 0] > maps.maps["depth"][0, -1]
    assert maps.range == pytest.approx((40 / 255, 200 / 255), abs=0.01)
    assert maps.engine == "fake" and scene.engine.threads == {"inspector"}
    scene.newest = result(1)
    until(lambda: scene.inspector.latest.of is scene.newest)
    assert scene.engine.encoded == 1  # the portrait is the same


def test_a_frame_is_looked_at_once(scene):
    scene.inspector.want(("occlusion",))
    until(lambda: scene.inspector.latest)
    looks = scene.engine.looks
    time.sleep(0.05)
    assert scene.engine.looks == looks


def test_the_depth_of_a_mirrored_driver_lies_as_its_crop(scene):
    scene.newest = result(mirrored=True)
    scene.inspector.want(("depth",))
    until(lambda: scene.inspector.latest)
    depth = scene.inspector.latest.maps["depth"]
    assert depth[0, 0] > depth[0, -1]  # bright on the left, as in the crop


def test_another_portrait_is_followed(scene):
    scene.inspector.want(("depth",))
    until(lambda: scene.inspector.latest)
    scene.portrait, scene.newest = portrait("other", 250), result(1)
    until(lambda: scene.inspector.latest.portrait is scene.portrait)
    assert scene.engine.encoded == 2
    assert scene.inspector.latest.portrait_depth[0, 0] == pytest.approx(250 / 255)


def test_attention_of_a_point_and_of_another_without_asking_the_engine(scene):
    scene.inspector.want(("attention",), (0.3, 0.7))
    until(lambda: scene.inspector.latest and scene.inspector.latest.heat is not None)
    maps = scene.inspector.latest
    assert "attention" not in maps.maps
    assert maps.point == (2.5 / 8, 5.5 / 8) and maps.cells == 8
    y, x = np.unravel_index(int(maps.heat.argmax()), maps.heat.shape)
    assert abs(x / 64 - 2.5 / 8) < 0.07 and abs(y / 64 - 5.5 / 8) < 0.07
    looks = scene.engine.looks
    scene.newest = None  # no frame comes any more
    scene.inspector.want(("attention",), (0.9, 0.1))
    until(lambda: scene.inspector.latest.point == (7.5 / 8, 0.5 / 8))
    assert scene.engine.looks == looks


def test_pictures_are_painted_on_its_thread_for_another_point_too(scene):
    threads = []

    def paint(maps):
        threads.append(threading.current_thread().name)
        return {"point": np.full((1, 1, 3), round(8 * maps.point[0]), np.uint8)}

    scene.inspector.want(("attention",), (0.3, 0.7), paint)
    until(lambda: scene.inspector.latest and scene.inspector.latest.pictures)
    assert scene.inspector.latest.pictures["point"][0, 0, 0] == 2
    scene.newest = None
    scene.inspector.want(("attention",), (0.9, 0.1), paint)
    until(lambda: scene.inspector.latest.pictures["point"][0, 0, 0] == 8)
    assert set(threads) == {"inspector"}


def test_whoever_asks_and_animates_never_waits_for_a_slow_engine(scene):
    scene.engine.gate = threading.Event()
    scene.inspector.want(("depth",))
    assert scene.engine.entered.wait(2)
    # It is inside the engine now, and stays there; all this returns nevertheless.
    for index in range(50):
        scene.newest = result(index)
        scene.inspector.want(("depth",), (0.5, 0.5))
        assert scene.inspector.latest is None and scene.inspector.error is None
    scene.inspector.want(())
    assert scene.inspector.running  # still inside, and nobody waited
    scene.engine.gate.set()
    until(lambda: not scene.inspector.running, 1.0)
    assert scene.engine.closed == 1 and scene.inspector.latest is None


def test_leaving_closes_the_engine_on_its_thread_within_a_second(scene):
    scene.inspector.want(("depth",))
    until(lambda: scene.inspector.latest)
    scene.inspector.want(())
    assert scene.inspector.latest is None
    until(lambda: not scene.inspector.running, 1.0)
    assert scene.engine.closed == 1 and scene.engine.threads == {"inspector"}


def test_it_can_be_wanted_again_while_the_last_one_is_still_closing(scene):
    scene.engine.gate = threading.Event()
    scene.inspector.want(("depth",))
    assert scene.engine.entered.wait(2)
    slow, scene.engine = scene.engine, Engine()
    scene.inspector.want(())
    scene.inspector.want(("occlusion",))
    until(lambda: scene.inspector.latest)
    slow.gate.set()
    until(lambda: slow.closed == 1)
    time.sleep(0.02)
    assert set(scene.inspector.latest.maps) == {"occlusion"}  # the old one says nothing any more


def test_a_failing_engine_is_an_error_that_is_shown_and_tried_again(scene, monkeypatch):
    monkeypatch.setattr("avatar.inspector.RETRY_S", 0.05)
    scene.engine.failures = [EngineError("out of memory", hint="close something")]
    scene.inspector.want(("occlusion",))
    until(lambda: scene.inspector.error)
    assert scene.inspector.error.message == "out of memory" and scene.inspector.latest is None
    scene.newest = result(1)
    until(lambda: scene.inspector.latest)
    assert scene.inspector.error is None and scene.engine.opened == 2


def test_a_bug_of_an_engine_is_an_error_too(scene):
    scene.engine.failures = [ZeroDivisionError("oops")]
    scene.inspector.want(("occlusion",))
    until(lambda: scene.inspector.error)
    assert "ZeroDivisionError: oops" in scene.inspector.error.message


def test_what_no_engine_shows_is_told_and_something_else_works_at_once(scene):
    scene.refuse = EngineError("No engine shows flow.")
    scene.inspector.want(("flow",))
    until(lambda: scene.inspector.error)
    scene.refuse = None
    scene.inspector.want(("depth",))  # RETRY_S is 5 s: only the question wakes it
    until(lambda: scene.inspector.latest, 1.0)
    assert scene.made == [("flow",), ("depth",)]


def test_other_maps_of_the_same_engine_do_not_open_it_again(scene):
    scene.inspector.want(("depth",))
    until(lambda: scene.inspector.latest)
    scene.inspector.want(("flow", "occlusion"))
    until(lambda: "flow" in scene.inspector.latest.maps)
    assert scene.engine.opened == 1 and "depth" not in scene.inspector.latest.maps


def test_it_waits_for_the_first_result_before_it_opens_anything(scene):
    scene.newest = None
    scene.inspector.want(("depth",))
    time.sleep(0.03)
    assert scene.made == []
    scene.newest = result()
    until(lambda: scene.inspector.latest)


def test_after_the_end_nothing_starts_again(scene):
    scene.inspector.stop(1.0)
    scene.inspector.want(("depth",))
    assert not scene.inspector.running


def test_leaving_aborts_an_engine_that_can_be_aborted(scene):
    class Aside(Engine):
        def abort(self):
            self.failures = [EngineError("the process ended")]
            self.gate.set()

    scene.engine = Aside()
    scene.engine.gate = threading.Event()
    scene.inspector.want(("depth",))
    assert scene.engine.entered.wait(2)
    scene.inspector.want(())
    until(lambda: not scene.inspector.running, 1.0)
    assert scene.inspector.error is None and scene.engine.closed == 1
