"""The neutral pose as the window sees it, with a session that only notes what it is asked."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton

from avatar.config import RunConfig
from avatar.errors import EngineError, InputError, NoFaceError, OutputError
from avatar.frame import Crop, Frame, Keypoints, Portrait
from avatar.motion.settings import MotionSettings
from avatar.pose.drift import Drifted
from avatar.pose.head import FRONTAL, HeadPose
from avatar.pose.match import STRAIGHT, Hint, Target, match
from avatar.pose.neutral import Neutral
from avatar.pose.reference import Choice, Progress
from avatar.remembered import Kept
from ui.bridge import Bridge
from ui.calibration.calibration import Calibration, Origin, Standing, spoken
from ui.ports import Ports

BOX = np.array([0, 0, 256, 256], np.float32)
CAMERA, FILE = "id:usb-Maker_Camera", "/films/driver.mp4"
NOW = datetime.now().astimezone()


def portrait(name: str = "someone") -> Portrait:
    image = np.full((256, 256, 3), 90, np.uint8)
    return Portrait(image, BOX, image, None, name)


def neutral(pose: HeadPose | None = FRONTAL) -> Neutral:
    points = Keypoints(
        np.zeros((5, 2), np.float32), np.tile(np.eye(2, dtype=np.float32), (5, 1, 1))
    )
    return Neutral(points, points, pose)


class Desk:
    """A Calibration with its surroundings, and what it said."""

    def __init__(self, ports: Any, session: Any, make: Callable[..., Any]) -> None:
        self.session, self.ports, self._make = session, ports, make
        self.config, self.source = RunConfig(camera=CAMERA), CAMERA
        self.bridge = Bridge()
        self.part = Calibration(self.bridge, ports, lambda: self.config, lambda: self.source)
        self.notes: list[str] = []
        self.problems: list[Any] = []
        self.matches: list[Any] = []
        self.searches: list[Any] = []
        self.drifts: list[Any] = []
        self.part.noted.connect(self.notes.append)
        self.part.problem.connect(self.problems.append)
        self.part.matched.connect(self.matches.append)
        self.part.searching.connect(self.searches.append)
        self.part.drifted.connect(self.drifts.append)
        session.answers["neutral"] = done(neutral())

    def show(self, pose: HeadPose | None = FRONTAL, *, held: bool = False) -> None:
        face = None if pose is None or held else self._make(pose)
        image = np.full((256, 256, 3), 128, np.uint8)
        crop = Crop(image, BOX, face, held, 0, 1)
        self.session.seen = (Frame(image, 0, 1), crop)

    def begin(self) -> None:
        self.show()
        self.part.use_portrait(portrait())
        self.part.attach(self.session)


def done(result: Any = None) -> "Future[Any]":
    future: Future[Any] = Future()
    future.set_result(result)
    return future


def failed(error: Exception) -> "Future[Any]":
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


@pytest.fixture
def desk(qtbot: Any, ports: Any, session: Any, made_face: Any) -> Iterator[Desk]:
    made = Desk(ports, session, made_face)
    yield made
    made.part.forget()
    made.bridge.close(1.0)


def settled(qtbot: Any, desk: Desk) -> None:
    """Until everything that was started came back."""
    qtbot.waitUntil(lambda: not any(w.alive for w in desk.bridge._workers), timeout=20000)
    qtbot.wait(1)


# -- the score ------------------------------------------------------------------------------------


def test_the_driver_is_compared_with_the_portrait(qtbot: Any, desk: Desk) -> None:
    desk.ports.targets["someone"] = Target(HeadPose(yaw=10))
    desk.begin()
    desk.part.look()
    settled(qtbot, desk)
    desk.show(HeadPose(yaw=10))
    desk.part.look()
    assert desk.part.match.score == pytest.approx(100, abs=0.5)
    desk.show(HeadPose(yaw=-10))
    desk.part.look()
    assert desk.part.match.hint is Hint.TURN_LEFT
    desk.show(held=True)
    desk.part.look()
    assert desk.part.match is None and desk.matches[-1] is None


def test_a_mirrored_driver_is_compared_with_the_flipped_portrait(qtbot: Any, desk: Desk) -> None:
    desk.ports.targets["someone"] = Target(HeadPose(yaw=10))
    desk.config = replace(desk.config, mirror=True)
    desk.begin()
    desk.part.look()
    settled(qtbot, desk)
    desk.show(HeadPose(yaw=-10))
    desk.part.look()
    assert desk.part.match.score == pytest.approx(100, abs=0.5)


def test_a_portrait_is_looked_at_once_and_not_in_the_gui_thread(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    for _ in range(5):
        desk.part.look()
        settled(qtbot, desk)
    assert desk.ports.looks.count("ui-target") == 1
    assert set(desk.ports.looks) <= {"ui-target", "ui-recall"}
    desk.part.use_portrait(portrait("other"))
    desk.part.look()
    settled(qtbot, desk)
    assert desk.ports.looks.count("ui-target") == 2


def test_a_portrait_that_cannot_be_looked_at_asks_for_straight_ahead(
    qtbot: Any, desk: Desk
) -> None:
    desk.ports.errors["target"] = RuntimeError("no mesh")
    desk.begin()
    desk.part.look()
    settled(qtbot, desk)
    desk.part.look()
    assert desk.part.match.score == pytest.approx(100, abs=0.5) and desk.problems == []


def test_it_looks_by_itself_while_a_session_runs(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    qtbot.waitUntil(lambda: bool(desk.matches), timeout=20000)
    desk.part.forget()
    assert not desk.part._timer.isActive() and desk.part.match is None


# -- X --------------------------------------------------------------------------------------------


def test_x_is_told_when_it_was_done(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    desk.part.look()
    settled(qtbot, desk)
    desk.session.answers["calibrate"] = done(HeadPose(yaw=9))
    desk.part.calibrate()
    settled(qtbot, desk)
    score = round(match(HeadPose(yaw=9), None, Target(FRONTAL)).score)
    assert f"match {score} of 100" in desk.notes[-1]
    assert desk.part.standing.origin is Origin.TAKEN


def test_x_without_a_face_says_that_it_waits(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    desk.show(held=True)
    waits: Future[Any] = Future()
    desk.session.answers["calibrate"] = waits
    told: list[bool] = []
    desk.part.waiting_changed.connect(told.append)
    desk.part.calibrate()
    assert "No face in view" in desk.notes[-1] and told == [True]
    waits.set_result(FRONTAL)
    settled(qtbot, desk)
    qtbot.waitUntil(lambda: told == [True, False], timeout=20000)
    assert "Calibrated" in desk.notes[-1]


def test_f_gives_up_a_waiting_x(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    desk.show(held=True)
    desk.session.answers["calibrate"] = Future()
    desk.part.calibrate()
    desk.part.find()
    assert desk.session.asked("cancel_calibration") == [()]
    assert "stays as it was" in desk.notes[-1]
    assert desk.session.asked("find_reference") == []


def test_an_engine_that_fails_is_a_problem(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    desk.session.answers["calibrate"] = failed(EngineError("The device is gone."))
    desk.part.calibrate()
    qtbot.waitUntil(lambda: bool(desk.problems), timeout=20000)
    assert desk.problems[0].kind == "error" and "gone" in desk.problems[0].message


def test_without_a_session_keys_do_nothing(qtbot: Any, desk: Desk) -> None:
    desk.part.calibrate()
    desk.part.find()
    desk.part.cancel()
    desk.part.look()
    assert desk.session.calls == [] and desk.notes == []


# -- F --------------------------------------------------------------------------------------------


def choice(pose: HeadPose) -> Choice:
    image = np.zeros((256, 256, 3), np.uint8)
    return Choice(Crop(image, BOX, None, False, 0, 1), match(pose, None, STRAIGHT), 31, 1.2)


def test_f_looks_for_what_the_portrait_shows_and_says_what_it_chose(qtbot: Any, desk: Desk) -> None:
    desk.ports.targets["someone"] = Target(HeadPose(yaw=10))
    desk.begin()
    desk.session.answers["find_reference"] = done(choice(HeadPose(yaw=4.2)))
    desk.part.find()
    qtbot.waitUntil(lambda: desk.part.standing.origin is Origin.FOUND, timeout=20000)
    ((target,),) = desk.session.asked("find_reference")
    assert target.pose.yaw == 10
    assert "best of 31 pictures" in desk.notes[-1] and "match 96" in desk.notes[-1]
    assert desk.searches[-1] is None


def test_a_poor_choice_comes_with_advice(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    desk.session.answers["find_reference"] = done(choice(HeadPose(yaw=25)))
    desk.part.find()
    qtbot.waitUntil(lambda: "then F again" in "".join(desk.notes), timeout=20000)
    assert "Turn a little to your right" in desk.notes[-1]


def test_progress_is_shown_and_f_again_cancels(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    desk.session.answers["find_reference"] = Future()
    desk.part.find()
    qtbot.waitUntil(lambda: bool(desk.session.asked("find_reference")), timeout=20000)
    desk.session.finding = Progress(0.5, 80.0)
    desk.part.look()
    assert desk.searches[-1] == Progress(0.5, 80.0)
    desk.part.find()
    assert desk.session.asked("cancel_calibration") == [()] and desk.searches[-1] is None
    assert "stays as it was" in desk.notes[-1]
    assert desk.part.standing.origin is Origin.NONE


def test_cancelled_before_the_portrait_is_known_nothing_is_searched(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    desk.part.find()
    desk.part.find()
    settled(qtbot, desk)
    assert desk.session.asked("find_reference") == []


def test_no_face_in_the_window_is_a_note(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    error = NoFaceError("No face was seen for 3 seconds.", hint="Press F again.")
    desk.session.answers["find_reference"] = failed(error)
    desk.part.find()
    qtbot.waitUntil(lambda: "No face" in "".join(desk.notes), timeout=20000)
    assert desk.problems == [] and desk.searches[-1] is None


def test_where_faces_are_not_followed_f_says_so(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    desk.show(None)
    desk.part.find()
    assert "not followed" in desk.notes[-1] and desk.session.asked("find_reference") == []


# -- memory ---------------------------------------------------------------------------------------


def kept(days: int = 3, pose: HeadPose | None = FRONTAL) -> Kept:
    return Kept(neutral(pose), NOW - timedelta(days=days))


def test_what_is_remembered_is_used_at_once_and_said(qtbot: Any, desk: Desk) -> None:
    desk.ports.kept[CAMERA, "someone"] = known = kept()
    desk.begin()
    qtbot.waitUntil(lambda: desk.part.standing.origin is Origin.REMEMBERED, timeout=20000)
    assert desk.session.asked("set_neutral") == [(known.neutral,)]
    assert spoken(known.taken) in desk.notes[-1] and "X takes a new one" in desk.notes[-1]
    assert "ui-recall" in desk.ports.looks


def test_nothing_remembered_changes_nothing(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    settled(qtbot, desk)
    assert desk.session.asked("set_neutral") == [] and desk.notes == []


@pytest.mark.parametrize("key", ["calibrate", "find"])
def test_x_and_f_are_remembered_for_a_camera(qtbot: Any, desk: Desk, key: str) -> None:
    desk.begin()
    desk.session.answers["calibrate"] = done(FRONTAL)
    desk.session.answers["find_reference"] = done(choice(FRONTAL))
    getattr(desk.part, key)()
    qtbot.waitUntil(lambda: desk.part.standing.kept, timeout=20000)
    assert set(desk.ports.kept) == {(CAMERA, "someone")}
    assert "ui-remember" in desk.ports.looks
    assert threading.current_thread().name not in desk.ports.looks


def test_for_a_file_nothing_is_remembered(qtbot: Any, desk: Desk) -> None:
    desk.source = FILE
    desk.begin()
    desk.part.calibrate()
    settled(qtbot, desk)
    qtbot.waitUntil(lambda: "ui-remember" in desk.ports.looks, timeout=20000)
    settled(qtbot, desk)
    assert desk.ports.kept == {} and not desk.part.standing.kept
    assert desk.part.standing.origin is Origin.TAKEN


def test_what_cannot_be_remembered_is_a_warning(qtbot: Any, desk: Desk) -> None:
    desk.ports.errors["remember"] = OutputError("The disk is full.", hint="Free some space.")
    desk.begin()
    desk.part.calibrate()
    qtbot.waitUntil(lambda: bool(desk.problems), timeout=20000)
    assert desk.problems[0].kind == "warning" and not desk.part.standing.kept


def test_a_damaged_memory_is_a_warning(qtbot: Any, desk: Desk) -> None:
    desk.ports.errors["recall"] = InputError("It was damaged.", hint="Press X.")
    desk.begin()
    qtbot.waitUntil(lambda: bool(desk.problems), timeout=20000)
    assert (desk.problems[0].kind, desk.problems[0].hint) == ("warning", "Press X.")


def test_a_memory_the_engine_refuses_is_a_warning(qtbot: Any, desk: Desk) -> None:
    desk.ports.kept[CAMERA, "someone"] = kept()
    desk.session.answers["set_neutral"] = failed(EngineError("Other keypoints.", hint="Press X."))
    desk.begin()
    qtbot.waitUntil(lambda: bool(desk.problems), timeout=20000)
    assert desk.problems[0].kind == "warning" and desk.part.standing.origin is Origin.NONE


def test_another_portrait_brings_its_own(qtbot: Any, desk: Desk) -> None:
    desk.ports.kept[CAMERA, "other"] = known = kept()
    desk.begin()
    settled(qtbot, desk)
    desk.part.use_portrait(portrait("other"))
    qtbot.waitUntil(lambda: desk.part.standing.origin is Origin.REMEMBERED, timeout=20000)
    assert desk.session.asked("set_neutral") == [(known.neutral,)]


def test_a_calibration_made_just_now_is_not_replaced_by_an_older_one(
    qtbot: Any, desk: Desk
) -> None:
    desk.ports.kept[CAMERA, "other"] = kept()
    desk.begin()
    desk.part.calibrate()
    qtbot.waitUntil(lambda: desk.part.standing.kept, timeout=20000)
    desk.part.use_portrait(portrait("other"))
    settled(qtbot, desk)
    assert desk.session.asked("set_neutral") == []
    assert desk.part.standing.origin is Origin.TAKEN


def test_another_camera_brings_its_own_once_it_is_open(qtbot: Any, desk: Desk) -> None:
    desk.ports.kept["id:other", "someone"] = known = kept()
    desk.begin()
    desk.part.calibrate()
    qtbot.waitUntil(lambda: desk.part.standing.kept, timeout=20000)
    desk.source = "id:other"
    desk.session.source = SimpleNamespace(name="other")
    desk.session.driving = replace(desk.session.driving, phase="closed")
    desk.part.look()
    settled(qtbot, desk)
    assert desk.session.asked("set_neutral") == []
    desk.session.driving = replace(desk.session.driving, phase="open")
    desk.part.look()
    qtbot.waitUntil(lambda: desk.part.standing.origin is Origin.REMEMBERED, timeout=20000)
    assert desk.session.asked("set_neutral") == [(known.neutral,)]


def test_a_session_that_ended_is_not_given_what_comes_late(qtbot: Any, desk: Desk) -> None:
    desk.ports.kept[CAMERA, "someone"] = kept()
    desk.begin()
    desk.part.forget()
    settled(qtbot, desk)
    assert desk.session.asked("set_neutral") == [] and desk.notes == []


def test_the_first_frontal_face_is_told_as_such(qtbot: Any, desk: Desk) -> None:
    desk.begin()
    desk.part.look()
    assert desk.part.standing == Standing()
    desk.session.neutral_pose = FRONTAL
    desk.part.look()
    assert desk.part.standing.origin is Origin.ITSELF


# -- drift ----------------------------------------------------------------------------------------


def drive(desk: Desk, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = [1000.0]
    monkeypatch.setattr("ui.calibration.calibration.monotonic", lambda: now[0])
    for _ in range(int(seconds * 4)):
        now[0] += 0.25
        desk.part.look()


def test_a_moved_seat_is_told_once(qtbot: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.begin()
    desk.session.neutral_pose = FRONTAL
    desk.show(HeadPose(x=0.7))
    drive(desk, monkeypatch, 120)
    assert [drifted.worst for drifted in desk.drifts] == ["x"]


def test_in_absolute_motion_there_is_nothing_to_drift_from(
    qtbot: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.config = replace(desk.config, motion=MotionSettings(relative=False))
    desk.begin()
    desk.session.neutral_pose = FRONTAL
    desk.show(HeadPose(x=0.7))
    drive(desk, monkeypatch, 60)
    assert desk.drifts == []


def test_dates_are_short() -> None:
    assert str(NOW.year) not in spoken(NOW)
    assert "2019" in spoken(datetime(2019, 11, 3).astimezone())


# -- the real ports -------------------------------------------------------------------------------


def test_the_ports_remember_cameras_and_nothing_else(home: Any, tmp_path: Any) -> None:
    model = tmp_path / "model.safetensors"
    model.write_bytes(b"weights")
    config, ports = RunConfig(camera=CAMERA, model=str(model)), Ports()
    assert ports.recall(config, CAMERA, portrait()) is None
    assert not home.exists()  # looking makes nothing
    assert ports.remember(config, CAMERA, portrait(), kept()) is True
    found = ports.recall(config, CAMERA, portrait())
    assert found is not None and found.neutral.pose == FRONTAL
    link = "/dev/v4l/by-id/" + CAMERA.removeprefix("id:")
    assert ports.recall(config, link, portrait()) is not None  # the same device
    for source in (FILE, "synthetic", "0", ""):
        assert ports.remember(config, source, portrait(), kept()) is False
        assert ports.recall(config, source, portrait()) is None
    assert len(list((home / "data" / "calibrations").iterdir())) == 1


# -- in the window --------------------------------------------------------------------------------


def test_the_keys_and_the_bar_are_in_the_window(qtbot: Any, running: Any, session: Any) -> None:
    assert running.match.find_best.isEnabled() and running.match.isVisible()
    qtbot.keyClick(running, Qt.Key.Key_F)  # the fake's face is not followed
    qtbot.waitUntil(lambda: "not followed" in running.status.words.text(), timeout=20000)
    qtbot.keyClick(running, Qt.Key.Key_X)
    assert session.asked("calibrate") == [()]


def test_a_drift_is_a_quiet_banner_with_a_cure(qtbot: Any, running: Any, session: Any) -> None:
    part = running.controller.calibration
    part.drifted.emit(Drifted(FRONTAL, "size", 2.0))
    (banner,) = running.banners.shown()
    assert banner.kind == "info" and "nearer or further" in banner.message
    (cure,) = [b for b in banner.findChildren(QPushButton) if b.text() == "Calibrate"]
    cure.click()
    assert session.asked("calibrate") == [()] and not part.drift.dismissed
    part.drifted.emit(Drifted(FRONTAL, "yaw", 2.0))
    running.banners.shown()[-1].dismiss.click()
    assert part.drift.dismissed


def test_stopping_ends_what_the_bar_shows(qtbot: Any, running: Any, session: Any) -> None:
    running.controller.stop()
    assert not running.match.find_best.isEnabled()
    assert running.match.word.text() == "Not running"
