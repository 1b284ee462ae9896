"""The neutral pose of a running session: taken, found, cancelled, set and asked for."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from avatar.animator import Animator
from avatar.calibration import Calibration
from avatar.choosing.offer import Offer
from avatar.commands import Commands
from avatar.errors import EngineError, NoFaceError
from avatar.frame import Crop, Face, Frame, Image, Keypoints, Portrait
from avatar.motion.settings import MotionSettings
from avatar.motion.transfer import Motion
from avatar.pose.head import FRONTAL, HeadPose
from avatar.pose.match import Target
from avatar.pose.neutral import Neutral
from avatar.session import Session
from engines.fake import FakeEngine

Make = Callable[..., Face]
BOX = np.array([0, 0, 256, 256], np.float32)
MS = 1_000_000


def spot(x: int) -> Image:
    image = np.zeros((256, 256, 3), np.uint8)
    image[120:136, x - 8 : x + 8] = 255
    return image


def portrait(face: Face | None = None) -> Portrait:
    return Portrait(spot(128), BOX, spot(128), face, "spot")


def crop_of(x: int, face: Face | None, t_ms: int = 0, *, lost: bool = False) -> Crop:
    return Crop(spot(x), BOX, face, lost, t_ms, t_ms * MS, 40.0 if lost else 0.0)


class Recorder(FakeEngine):
    """Remembers the poses it rendered."""

    def __init__(self) -> None:
        super().__init__()
        self.poses: list[Keypoints] = []

    def render(self, code: Any, driving: Keypoints) -> Image:
        self.poses.append(driving)
        return super().render(code, driving)


class Stage:
    """An Animator, and how far to the right of its place the portrait was moved."""

    def __init__(self, mirror: bool = False) -> None:
        self.engine = Recorder()
        settings = MotionSettings(adapt_scale=False, smoothing=0.0)
        self.animator = Animator(self.engine, Motion(settings), mirror=mirror)
        self.animator.set_portrait(portrait())
        self.home = float(self.engine.detect(spot(128)).value[:, 0].mean())

    def shift(self, crop: Crop) -> float:
        self.animator.animate(crop)
        return float(self.engine.poses[-1].value[:, 0].mean()) - self.home


def test_the_one_who_asked_is_told_the_pose(made_face: Make) -> None:
    stage, told = Stage(), []
    stage.shift(crop_of(100, made_face()))
    stage.animator.calibrate(told.append)
    stage.shift(crop_of(100, None, 40, lost=True))
    assert told == []
    stage.shift(crop_of(120, made_face(HeadPose(yaw=9)), 80))
    assert len(told) == 1 and told[0].yaw == pytest.approx(9, abs=0.1)
    assert stage.animator.neutral_pose == told[0]


def test_a_wait_can_be_given_up(made_face: Make) -> None:
    stage = Stage()
    stage.shift(crop_of(100, made_face()))
    stage.animator.calibrate()
    stage.animator.stop_waiting()
    assert stage.shift(crop_of(116, made_face(), 40)) == pytest.approx(0.125, abs=0.02)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("later", [False, True])
def test_a_kept_neutral_pose_does_what_its_picture_did(
    made_face: Make, mirror: bool, later: bool
) -> None:
    """Through the mirror and back, and on another engine of the same weights."""
    first = Stage(mirror)
    first.shift(crop_of(100, made_face(HeadPose(yaw=5))))
    kept = first.animator.neutral()
    assert kept is not None and kept.pose is not None
    second = Stage(mirror)
    second.animator.set_neutral(kept)
    assert second.animator.neutral() is kept and second.animator.neutral_pose is kept.pose
    profile = made_face(HeadPose(yaw=60))  # nothing waits for a frontal face
    if later:
        for stage in (first, second):
            stage.animator.set_mirror(not mirror)
            stage.engine = Recorder()
            stage.animator.set_engine(stage.engine)
    for x in (100, 116, 140):
        crop = crop_of(x, profile, x)
        assert second.shift(crop) == pytest.approx(first.shift(crop), abs=1e-5)


def test_a_new_face_takes_the_place_of_a_kept_one(made_face: Make) -> None:
    stage = Stage()
    stage.shift(crop_of(100, made_face()))
    kept = stage.animator.neutral()
    assert kept is not None
    stage.animator.set_neutral(kept)
    stage.animator.calibrate()
    stage.shift(crop_of(140, made_face(), 40))
    assert stage.shift(crop_of(140, made_face(), 80)) == pytest.approx(0, abs=1e-6)
    assert stage.animator.neutral() is not kept


def few(count: int = 3) -> Neutral:
    points = Keypoints(
        np.zeros((count, 2), np.float32), np.tile(np.eye(2, dtype=np.float32), (count, 1, 1))
    )
    return Neutral(points, points, FRONTAL)


def test_keypoints_of_other_weights_are_refused(made_face: Make) -> None:
    stage = Stage()
    stage.shift(crop_of(100, made_face()))
    with pytest.raises(EngineError, match="3 keypoints") as told:
        stage.animator.set_neutral(few())
    assert "X" in told.value.hint
    assert stage.shift(crop_of(116, made_face(), 40)) == pytest.approx(0.125, abs=0.02)


class Fewer(FakeEngine):
    """Finds three keypoints, as other weights might."""

    def encode(self, portrait: Image) -> Any:
        return super().encode(portrait)[0], self.detect(portrait)

    def detect(self, driving: Image) -> Keypoints:
        found = super().detect(driving)
        return Keypoints(found.value[:3], found.jacobian[:3])


def test_an_engine_of_other_weights_begins_anew(made_face: Make) -> None:
    first, second = Stage(), Stage()
    first.shift(crop_of(100, made_face()))
    kept = first.animator.neutral()
    assert kept is not None
    second.animator.set_neutral(kept)
    second.animator.set_engine(Fewer())
    assert second.animator.neutral() is None and second.animator.neutral_pose is None
    assert not second.animator.motion.calibrated  # the next frontal face will be


def test_asking_for_the_neutral_pose_detects_only_its_mirror_image(made_face: Make) -> None:
    stage, seen = Stage(), []
    stage.shift(crop_of(100, made_face()))
    detect = stage.engine.detect
    stage.engine.detect = lambda image: (seen.append(image), detect(image))[1]  # type: ignore
    assert stage.animator.neutral() is not None
    assert len(seen) == 1 and np.array_equal(seen[0], spot(100)[:, ::-1])


def test_no_number_is_no_neutral_pose() -> None:
    stage = Stage()
    count = len(stage.engine.detect(spot(128)).value)
    bad = few(count)
    bad.plain.value[0, 0] = np.nan
    with pytest.raises(EngineError, match="finite"):
        stage.animator.set_neutral(bad)
    assert not stage.animator.motion.calibrated


def test_nothing_is_neutral_before_a_face() -> None:
    stage = Stage()
    assert stage.animator.neutral() is None and stage.animator.neutral_pose is None


def test_another_driver_has_none(made_face: Make) -> None:
    stage = Stage()
    stage.shift(crop_of(100, made_face()))
    stage.animator.forget_driver()
    assert stage.animator.neutral() is None and stage.animator.neutral_pose is None


# -- between the threads, without threads ---------------------------------------------------------


class Threads:
    """Stands for capture and inference; each step is made by the test."""

    def __init__(self, mirror: bool = False) -> None:
        self.stage = Stage(mirror)
        self.mirror = mirror
        self.commands = Commands()
        self.watch: Callable[[Crop | None], None] | None = None
        self.slot = self
        self.animator: Animator | None = self.stage.animator
        self.calibration = Calibration(self, self)  # type: ignore[arg-type]

    def show(self, crop: Crop | None) -> None:
        if self.watch is not None:
            self.watch(crop)
        self.commands.run()
        if crop is not None:
            self.stage.shift(crop)


@pytest.fixture
def threads() -> Threads:
    return Threads()


def test_x_is_done_when_a_face_was_taken(threads: Threads, made_face: Make) -> None:
    threads.show(crop_of(100, made_face()))
    taken = threads.calibration.take()
    threads.show(crop_of(90, None, 40, lost=True))
    assert not taken.done()
    threads.show(crop_of(120, made_face(HeadPose(yaw=4)), 80))
    pose = taken.result(0)
    assert pose is not None and pose.yaw == pytest.approx(4, abs=0.1)
    assert threads.calibration.pose == pose


def test_x_twice_is_x_once_more(threads: Threads, made_face: Make) -> None:
    first, second = threads.calibration.take(), threads.calibration.take()
    threads.show(crop_of(100, made_face()))
    assert first.cancelled() and second.result(0) is not None


def test_x_can_be_taken_back(threads: Threads, made_face: Make) -> None:
    threads.show(crop_of(100, made_face()))
    taken = threads.calibration.take()
    threads.show(crop_of(100, None, 40, lost=True))
    threads.calibration.cancel()
    assert taken.cancelled()
    threads.show(crop_of(116, made_face(), 80))
    assert threads.stage.shift(crop_of(100, made_face(), 120)) == pytest.approx(0, abs=1e-6)


def test_f_makes_the_best_frame_neutral(threads: Threads, made_face: Make) -> None:
    threads.show(crop_of(60, made_face()))
    found = threads.calibration.find(Target(HeadPose(yaw=10)), window_s=0.0)
    # The first frame starts the clock and, with no time to look, ends the search.
    threads.show(crop_of(100, made_face(HeadPose(yaw=12)), 40))
    choice = found.result(0)
    assert choice.crop.index == 40 and threads.watch is None
    assert threads.calibration.progress is None
    assert threads.stage.shift(crop_of(100, made_face(), 80)) == pytest.approx(0, abs=1e-6)


def test_f_looks_through_the_mirror(made_face: Make) -> None:
    threads = Threads(mirror=True)
    found = threads.calibration.find(Target(HeadPose(yaw=20, size=0.585)))
    threads.show(crop_of(100, made_face(HeadPose(yaw=20))))
    assert not found.done()
    threads.show(crop_of(100, made_face(HeadPose(yaw=-20)), 40))
    assert found.result(0).match.pose.yaw == pytest.approx(-20, abs=0.1)


def test_f_can_be_cancelled_and_leaves_no_watcher(threads: Threads, made_face: Make) -> None:
    threads.show(crop_of(100, made_face()))
    found = threads.calibration.find(Target(FRONTAL))
    threads.show(crop_of(120, made_face(HeadPose(yaw=20)), 20))
    assert threads.calibration.progress is not None
    threads.calibration.cancel()
    assert found.cancelled() and threads.calibration.progress is None
    threads.show(crop_of(140, made_face(), 40))
    assert threads.watch is None
    assert threads.stage.shift(crop_of(100, made_face(), 80)) == pytest.approx(0, abs=1e-6)


def test_f_again_begins_anew(threads: Threads, made_face: Make) -> None:
    first = threads.calibration.find(Target(FRONTAL))
    second = threads.calibration.find(Target(FRONTAL))
    threads.show(crop_of(100, made_face()))
    assert first.cancelled() and second.result(0).seen == 1


def test_f_without_a_face_fails_and_changes_nothing(threads: Threads, made_face: Make) -> None:
    threads.show(crop_of(100, made_face()))
    found = threads.calibration.find(Target(FRONTAL), window_s=0.0)
    threads.show(None)
    with pytest.raises(NoFaceError):
        found.result(0)
    assert threads.stage.shift(crop_of(100, made_face(), 80)) == pytest.approx(0, abs=1e-6)


def test_without_an_engine_everything_is_cancelled(threads: Threads, made_face: Make) -> None:
    threads.animator = None
    asked: list[Future[Any]] = [threads.calibration.take(), threads.calibration.neutral()]
    asked += [threads.calibration.find(Target(FRONTAL))]
    threads.watch and threads.watch(crop_of(100, made_face()))
    threads.commands.run()
    assert threads.calibration.pose is None
    assert asked[0].cancelled() and asked[2].cancelled()
    with pytest.raises(Exception, match="no engine"):
        asked[1].result(0)


def test_an_engine_that_fails_is_told(threads: Threads, made_face: Make) -> None:
    found = threads.calibration.find(Target(FRONTAL))

    def fail(image: Image) -> Keypoints:
        raise EngineError("The device is gone.")

    threads.stage.engine.detect = fail  # type: ignore[method-assign]
    assert threads.watch is not None
    threads.watch(crop_of(100, made_face()))
    threads.commands.run()
    with pytest.raises(EngineError, match="gone"):
        found.result(0)


# -- in a session ---------------------------------------------------------------------------------


class Shelf:
    """Has the fake engine only."""

    def asked(self, spec: str) -> Any:
        return FakeEngine()

    def auto(self, *args: Any, **more: Any) -> Offer:
        return Offer(FakeEngine(), "only one")

    def unused_gpu(self, *args: Any) -> None:
        return None


class Faces:
    """A source at 100 pictures a second and the cropper that finds ``poses`` in them, in turn."""

    name, live, fps, size = "faces", True, 100.0, (256, 256)

    def __init__(self, make: Make, poses: list[HeadPose | None]) -> None:
        self._faces = [None if pose is None else make(pose) for pose in poses]
        self._index = 0

    def open(self) -> None:
        pass

    def read(self) -> Frame:
        time.sleep(0.01)
        self._index += 1
        return Frame(spot(60 + self._index % 100), self._index, time.monotonic_ns())

    def crop(self, frame: Frame) -> Crop:
        face = self._faces[frame.index % len(self._faces)]
        face = None if face is None else replace(face)  # looked for anew
        return Crop(frame.image, BOX, face, face is None, frame.index, frame.t_ns, 1.0)

    def close(self) -> None:
        pass


@pytest.fixture
def session_of(made_face: Make) -> Iterator[Callable[..., Session]]:
    made: list[Session] = []

    def make(*poses: HeadPose | None, portrait_face: Face | None = None) -> Session:
        faces = Faces(made_face, list(poses))
        made.append(Session(faces, lambda: faces, Shelf(), portrait(portrait_face)))
        return made[-1]

    yield make
    for session in made:
        session.stop()


def test_a_session_finds_what_its_portrait_shows(
    session_of: Callable[..., Session], made_face: Make
) -> None:
    wanted = HeadPose(yaw=12, pitch=-5)
    session = session_of(
        FRONTAL, HeadPose(yaw=-20), wanted, HeadPose(yaw=30), portrait_face=made_face(wanted)
    )
    with session:
        choice = session.find_reference().result(3)
        assert choice.match.pose.angle_to(wanted) < 0.5 and choice.match.score > 94
        assert session.neutral_pose is not None
        assert session.neutral_pose.angle_to(wanted) < 0.5
        kept = session.neutral().result(2)
        assert kept is not None and kept.pose == session.neutral_pose
        session.calibrate().result(2)
        session.set_neutral(kept).result(2)
        assert session.neutral_pose == kept.pose
    assert session.calibrate().cancelled()


def test_stopping_answers_everybody(session_of: Callable[..., Session]) -> None:
    session = session_of(None)  # never a face
    with session:
        taken, found = session.calibrate(), session.find_reference()
        while session.latest() is None:
            time.sleep(0.005)
        assert not taken.done() and not found.done()
    for future in (taken, found):
        with pytest.raises(CancelledError):
            future.result(1)
    assert session.finding is None


def test_another_source_cancels_the_search(
    session_of: Callable[..., Session], made_face: Make
) -> None:
    session = session_of(None)
    with session:
        found = session.find_reference()
        session.set_source(Faces(made_face, [None])).result(2)
        with pytest.raises(CancelledError):
            found.result(1)
