"""What is remembered of the neutral pose, for which camera and which portrait."""

import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from avatar.config import RunConfig
from avatar.errors import EngineError, InputError, OutputError
from avatar.pose.head import FRONTAL
from ui.calibration.standing import Origin, spoken
from ui.ports import Ports


def test_what_is_remembered_is_used_at_once_and_said(qtbot: Any, desk: Any) -> None:
    desk.ports.kept[desk.CAMERA, "someone"] = known = desk.kept()
    desk.begin()
    qtbot.waitUntil(lambda: desk.part.standing.origin is Origin.REMEMBERED, timeout=20000)
    assert desk.session.asked("set_neutral") == [(known.neutral,)]
    assert spoken(known.taken) in desk.notes[-1] and "X takes a new one" in desk.notes[-1]
    assert "ui-recall" in desk.ports.looks


def test_nothing_remembered_changes_nothing(qtbot: Any, desk: Any) -> None:
    desk.begin()
    desk.settled()
    assert desk.session.asked("set_neutral") == [] and desk.notes == []


@pytest.mark.parametrize("key", ["calibrate", "find"])
def test_x_and_f_are_remembered_for_a_camera(qtbot: Any, desk: Any, key: str) -> None:
    desk.begin()
    desk.answer("calibrate", FRONTAL)
    desk.answer("find_reference", desk.choice(FRONTAL))
    getattr(desk.part, key)()
    qtbot.waitUntil(lambda: desk.part.standing.kept, timeout=20000)
    assert set(desk.ports.kept) == {(desk.CAMERA, "someone")}
    assert "ui-remember" in desk.ports.looks
    assert threading.current_thread().name not in desk.ports.looks


def test_for_a_file_nothing_is_remembered(qtbot: Any, desk: Any) -> None:
    desk.source = desk.FILE
    desk.begin()
    desk.part.calibrate()
    desk.settled()
    qtbot.waitUntil(lambda: "ui-remember" in desk.ports.looks, timeout=20000)
    desk.settled()
    assert desk.ports.kept == {} and not desk.part.standing.kept
    assert desk.part.standing.origin is Origin.TAKEN


def test_what_cannot_be_remembered_is_a_warning(qtbot: Any, desk: Any) -> None:
    desk.ports.errors["remember"] = OutputError("The disk is full.", hint="Free some space.")
    desk.begin()
    desk.part.calibrate()
    qtbot.waitUntil(lambda: bool(desk.problems), timeout=20000)
    assert desk.problems[0].kind == "warning" and not desk.part.standing.kept


def test_a_damaged_memory_is_a_warning(qtbot: Any, desk: Any) -> None:
    desk.ports.errors["recall"] = InputError("It was damaged.", hint="Press X.")
    desk.begin()
    qtbot.waitUntil(lambda: bool(desk.problems), timeout=20000)
    assert (desk.problems[0].kind, desk.problems[0].hint) == ("warning", "Press X.")


def test_a_memory_the_engine_refuses_is_a_warning(qtbot: Any, desk: Any) -> None:
    desk.ports.kept[desk.CAMERA, "someone"] = desk.kept()
    desk.refuse("set_neutral", EngineError("Other keypoints.", hint="Press X."))
    desk.begin()
    qtbot.waitUntil(lambda: bool(desk.problems), timeout=20000)
    assert desk.problems[0].kind == "warning" and desk.part.standing.origin is Origin.NONE


def test_another_portrait_brings_its_own(qtbot: Any, desk: Any) -> None:
    desk.ports.kept[desk.CAMERA, "other"] = known = desk.kept()
    desk.begin()
    desk.settled()
    desk.part.use_portrait(desk.portrait("other"))
    qtbot.waitUntil(lambda: desk.part.standing.origin is Origin.REMEMBERED, timeout=20000)
    assert desk.session.asked("set_neutral") == [(known.neutral,)]


def test_a_calibration_made_just_now_is_not_replaced_by_an_older_one(qtbot: Any, desk: Any) -> None:
    desk.ports.kept[desk.CAMERA, "other"] = desk.kept()
    desk.begin()
    desk.part.calibrate()
    qtbot.waitUntil(lambda: desk.part.standing.kept, timeout=20000)
    desk.part.use_portrait(desk.portrait("other"))
    desk.settled()
    assert desk.session.asked("set_neutral") == []
    assert desk.part.standing.origin is Origin.TAKEN


def test_another_camera_brings_its_own_once_it_is_open(qtbot: Any, desk: Any) -> None:
    desk.ports.kept["id:other", "someone"] = known = desk.kept()
    desk.begin()
    desk.part.calibrate()
    qtbot.waitUntil(lambda: desk.part.standing.kept, timeout=20000)
    desk.source = "id:other"
    desk.session.source = SimpleNamespace(name="other")
    desk.session.driving = replace(desk.session.driving, phase="closed")
    desk.part.look()
    desk.settled()
    assert desk.session.asked("set_neutral") == []
    desk.session.driving = replace(desk.session.driving, phase="open")
    desk.part.look()
    qtbot.waitUntil(lambda: desk.part.standing.origin is Origin.REMEMBERED, timeout=20000)
    assert desk.session.asked("set_neutral") == [(known.neutral,)]


def test_a_session_that_ended_is_not_given_what_comes_late(qtbot: Any, desk: Any) -> None:
    desk.ports.kept[desk.CAMERA, "someone"] = desk.kept()
    desk.begin()
    desk.part.forget()
    desk.settled()
    assert desk.session.asked("set_neutral") == [] and desk.notes == []


def test_the_ports_remember_cameras_and_nothing_else(home: Any, tmp_path: Any, desk: Any) -> None:
    model = tmp_path / "model.safetensors"
    model.write_bytes(b"weights")
    config, ports = RunConfig(camera=desk.CAMERA, model=str(model)), Ports()
    assert ports.recall(config, desk.CAMERA, desk.portrait()) is None
    assert not home.exists()  # looking makes nothing
    assert ports.remember(config, desk.CAMERA, desk.portrait(), desk.kept()) is True
    found = ports.recall(config, desk.CAMERA, desk.portrait())
    assert found is not None and found.neutral.pose == FRONTAL
    link = "/dev/v4l/by-id/" + desk.CAMERA.removeprefix("id:")
    assert ports.recall(config, link, desk.portrait()) is not None  # the same device
    for source in (desk.FILE, "synthetic", "0", ""):
        assert ports.remember(config, source, desk.portrait(), desk.kept()) is False
        assert ports.recall(config, source, desk.portrait()) is None
    assert len(list((home / "data" / "calibrations").iterdir())) == 1
