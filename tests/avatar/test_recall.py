"""The neutral pose remembered for a run, with and without a window."""

import datetime
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avatar import session as sessions
from avatar.assembly import Driver
from avatar.config import RunConfig
from avatar.errors import EngineError
from avatar.events import Event
from avatar.frame import Keypoints, Portrait
from avatar.places import HOME
from avatar.pose.head import FRONTAL
from avatar.pose.neutral import Neutral
from avatar.recall import recall, recalled, remember
from avatar.remembered import Kept

CAMERA = "id:usb-Maker_Camera"


def kept() -> Kept:
    points = Keypoints(
        np.zeros((5, 2), np.float32), np.tile(np.eye(2, dtype=np.float32), (5, 1, 1))
    )
    return Kept(
        Neutral(points, points, FRONTAL), datetime.datetime(2024, 11, 3, 9, 30).astimezone()
    )


def portrait() -> Portrait:
    image = np.zeros((256, 256, 3), np.uint8)
    return Portrait(image, np.zeros(4, np.float32), image, None, "someone")


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"weights")
    return str(path)


def test_a_camera_is_remembered_by_its_device(model: str) -> None:
    assert recall(CAMERA, portrait(), model) is None
    assert remember(CAMERA, portrait(), model, kept()) is True
    found = recall("/dev/v4l/by-id/usb-Maker_Camera", portrait(), model)
    assert found is not None and found.neutral.pose == FRONTAL


@pytest.mark.parametrize("source", ["0", "synthetic", "/films/driver.mp4", ""])
def test_numbers_and_files_are_not(model: str, source: str) -> None:
    assert remember(source, portrait(), model, kept()) is False
    assert recall(source, portrait(), model) is None


def test_what_is_used_is_told(model: str) -> None:
    assert recalled(CAMERA, portrait(), model) == (None, [])
    remember(CAMERA, portrait(), model, kept())
    found, (event,) = recalled(CAMERA, portrait(), model)
    assert found is not None and event.kind == "info" and "2024-11-03" in event.message


def test_damage_is_told_and_stops_nothing(model: str, tmp_path: Path) -> None:
    remember(CAMERA, portrait(), model, kept())
    (path,) = (tmp_path / "home" / "data" / "calibrations").iterdir()
    path.write_bytes(b"{")
    found, (event,) = recalled(CAMERA, portrait(), model)
    assert found is None and event.kind == "warning" and event.hint


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Opens a session of which only the camera and the portrait are told."""
    monkeypatch.setattr("avatar.assembly.check_names", lambda config: None)
    monkeypatch.setattr("avatar.assembly.find_driver", lambda config: Driver(CAMERA, None))
    monkeypatch.setattr("avatar.assembly.source", lambda config, driver: None)
    monkeypatch.setattr("avatar.assembly.portrait", lambda config: portrait())
    monkeypatch.setattr("avatar.labelling.labels_for", lambda *_: None)

    def make(model: str, headless: bool) -> Any:
        return sessions.open_session(RunConfig(model=model, headless=headless, camera=CAMERA))

    return make


@pytest.mark.parametrize("headless", [True, False])
def test_without_a_window_it_is_used_from_the_first_frame(
    model: str, opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, headless: bool
) -> None:
    """With one, the window looks it up, off the way of what starts."""
    remember(CAMERA, portrait(), model, kept())
    asked: list[Neutral] = []

    def note(self: Any, neutral: Neutral) -> "Future[None]":
        asked.append(neutral)
        return Future()

    monkeypatch.setattr(sessions.Session, "set_neutral", note)
    session = opened(model, headless)
    assert [neutral.pose for neutral in asked] == ([FRONTAL] if headless else [])
    told = [notice.message for notice in session._notices]
    assert any("calibration" in sentence for sentence in told) is headless


def test_one_that_does_not_fit_is_told(
    model: str, opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened(model, True)
    events: list[Event] = []
    session.on_event(events.append)
    refused: Future[None] = Future()
    refused.set_exception(EngineError("It has 5 keypoints.", hint="Press X."))
    monkeypatch.setattr(sessions.Session, "set_neutral", lambda *_: refused)
    session.use_remembered(kept().neutral)
    assert [(event.kind, event.hint) for event in events] == [("warning", "Press X.")]
