"""The neutral pose as the window sees it, with a session that only notes what it is asked."""

from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton

from avatar.errors import EngineError, NoFaceError
from avatar.motion.settings import MotionSettings
from avatar.pose.drift import Drifted
from avatar.pose.head import FRONTAL, HeadPose
from avatar.pose.match import Hint, Target, match
from avatar.pose.reference import Progress
from ui.calibration.standing import Origin, Standing

# -- the score ------------------------------------------------------------------------------------


def test_the_driver_is_compared_with_the_portrait(qtbot: Any, desk: Any) -> None:
    desk.ports.targets["someone"] = Target(HeadPose(yaw=10))
    desk.begin()
    desk.part.look()
    desk.settled()
    desk.show(HeadPose(yaw=10))
    desk.part.look()
    assert desk.part.match.score == pytest.approx(100, abs=0.5)
    desk.show(HeadPose(yaw=-10))
    desk.part.look()
    assert desk.part.match.hint is Hint.TURN_LEFT
    desk.show(held=True)
    desk.part.look()
    assert desk.part.match is None and desk.matches[-1] is None


def test_a_mirrored_driver_is_compared_with_the_flipped_portrait(qtbot: Any, desk: Any) -> None:
    desk.ports.targets["someone"] = Target(HeadPose(yaw=10))
    desk.config = replace(desk.config, mirror=True)
    desk.begin()
    desk.part.look()
    desk.settled()
    desk.show(HeadPose(yaw=-10))
    desk.part.look()
    assert desk.part.match.score == pytest.approx(100, abs=0.5)


def test_a_portrait_is_looked_at_once_and_not_in_the_gui_thread(qtbot: Any, desk: Any) -> None:
    desk.begin()
    for _ in range(5):
        desk.part.look()
        desk.settled()
    assert desk.ports.looks.count("ui-target") == 1
    assert set(desk.ports.looks) <= {"ui-target", "ui-recall"}
    first, other = desk.part._portrait, desk.portrait("other")
    for each in (other, first, other):  # who goes back to one waits for nothing
        desk.part.use_portrait(each)
        desk.part.look()
        desk.settled()
    assert desk.ports.looks.count("ui-target") == 2


def test_a_portrait_is_looked_at_before_a_driver_is_compared(qtbot: Any, desk: Any) -> None:
    desk.begin()
    desk.settled()
    assert desk.ports.looks.count("ui-target") == 1


def test_a_portrait_that_cannot_be_looked_at_asks_for_straight_ahead(qtbot: Any, desk: Any) -> None:
    desk.ports.errors["target"] = RuntimeError("no mesh")
    desk.begin()
    desk.part.look()
    desk.settled()
    desk.part.look()
    assert desk.part.match.score == pytest.approx(100, abs=0.5) and desk.problems == []


def test_it_looks_by_itself_while_a_session_runs(qtbot: Any, desk: Any) -> None:
    desk.begin()
    qtbot.waitUntil(lambda: bool(desk.matches), timeout=20000)
    desk.part.forget()
    assert not desk.part._timer.isActive() and desk.part.match is None


# -- X --------------------------------------------------------------------------------------------


def test_x_is_told_when_it_was_done(qtbot: Any, desk: Any) -> None:
    desk.begin()
    desk.part.look()
    desk.settled()
    desk.answer("calibrate", HeadPose(yaw=9))
    desk.part.calibrate()
    desk.settled()
    score = round(match(HeadPose(yaw=9), None, Target(FRONTAL)).score)
    assert f"match {score} of 100" in desk.notes[-1]
    assert desk.part.standing.origin is Origin.TAKEN


def test_x_without_a_face_says_that_it_waits(qtbot: Any, desk: Any) -> None:
    desk.begin()
    desk.show(held=True)
    waits: Future[Any] = Future()
    desk.session.answers["calibrate"] = waits
    told: list[bool] = []
    desk.part.waiting_changed.connect(told.append)
    desk.part.calibrate()
    assert "No face in view" in desk.notes[-1] and told == [True]
    waits.set_result(FRONTAL)
    desk.settled()
    qtbot.waitUntil(lambda: told == [True, False], timeout=20000)
    assert "Calibrated" in desk.notes[-1]


def test_f_gives_up_a_waiting_x(qtbot: Any, desk: Any) -> None:
    desk.begin()
    desk.show(held=True)
    desk.session.answers["calibrate"] = Future()
    desk.part.calibrate()
    desk.part.find()
    assert desk.session.asked("cancel_calibration") == [()]
    assert "stays as it was" in desk.notes[-1]
    assert desk.session.asked("find_reference") == []


def test_an_engine_that_fails_is_a_problem(qtbot: Any, desk: Any) -> None:
    desk.begin()
    desk.refuse("calibrate", EngineError("The device is gone."))
    desk.part.calibrate()
    qtbot.waitUntil(lambda: bool(desk.problems), timeout=20000)
    assert desk.problems[0].kind == "error" and "gone" in desk.problems[0].message


def test_without_a_session_keys_do_nothing(qtbot: Any, desk: Any) -> None:
    desk.part.calibrate()
    desk.part.find()
    desk.part.cancel()
    desk.part.look()
    assert desk.session.calls == [] and desk.notes == []


# -- F --------------------------------------------------------------------------------------------


def test_f_looks_for_what_the_portrait_shows_and_says_what_it_chose(qtbot: Any, desk: Any) -> None:
    desk.ports.targets["someone"] = Target(HeadPose(yaw=10))
    desk.begin()
    desk.answer("find_reference", desk.choice(HeadPose(yaw=4.2)))
    desk.part.find()
    qtbot.waitUntil(lambda: desk.part.standing.origin is Origin.FOUND, timeout=20000)
    ((target,),) = desk.session.asked("find_reference")
    assert target.pose.yaw == 10
    assert "best of 31 pictures" in desk.notes[-1] and "match 96" in desk.notes[-1]
    assert desk.searches[-1] is None


def test_a_poor_choice_comes_with_advice(qtbot: Any, desk: Any) -> None:
    desk.begin()
    desk.answer("find_reference", desk.choice(HeadPose(yaw=25)))
    desk.part.find()
    qtbot.waitUntil(lambda: "then F again" in "".join(desk.notes), timeout=20000)
    assert "Turn a little to your right" in desk.notes[-1]


def test_progress_is_shown_and_f_again_cancels(qtbot: Any, desk: Any) -> None:
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


def test_cancelled_before_the_portrait_is_known_nothing_is_searched(qtbot: Any, desk: Any) -> None:
    desk.begin()
    desk.part.find()
    desk.part.find()
    desk.settled()
    assert desk.session.asked("find_reference") == []


def test_no_face_in_the_window_is_a_note(qtbot: Any, desk: Any) -> None:
    desk.begin()
    error = NoFaceError("No face was seen for 3 seconds.", hint="Press F again.")
    desk.refuse("find_reference", error)
    desk.part.find()
    qtbot.waitUntil(lambda: "No face" in "".join(desk.notes), timeout=20000)
    assert desk.problems == [] and desk.searches[-1] is None


def test_where_faces_are_not_followed_f_says_so(qtbot: Any, desk: Any) -> None:
    desk.begin()
    desk.show(None)
    desk.part.find()
    assert "not followed" in desk.notes[-1] and desk.session.asked("find_reference") == []


def test_the_first_frontal_face_is_told_as_such(qtbot: Any, desk: Any) -> None:
    desk.begin()
    desk.part.look()
    assert desk.part.standing == Standing()
    desk.session.neutral_pose = FRONTAL
    desk.part.look()
    assert desk.part.standing.origin is Origin.ITSELF


# -- drift ----------------------------------------------------------------------------------------


def drive(desk: Any, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = [1000.0]
    monkeypatch.setattr("ui.calibration.calibration.monotonic", lambda: now[0])
    for _ in range(int(seconds * 4)):
        now[0] += 0.25
        desk.part.look()


def test_a_moved_seat_is_told_once(qtbot: Any, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.begin()
    desk.session.neutral_pose = FRONTAL
    desk.show(HeadPose(x=0.7))
    drive(desk, monkeypatch, 120)
    assert [drifted.worst for drifted in desk.drifts] == ["x"]


def test_in_absolute_motion_there_is_nothing_to_drift_from(
    qtbot: Any, desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.config = replace(desk.config, motion=MotionSettings(relative=False))
    desk.begin()
    desk.session.neutral_pose = FRONTAL
    desk.show(HeadPose(x=0.7))
    drive(desk, monkeypatch, 60)
    assert desk.drifts == []


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
