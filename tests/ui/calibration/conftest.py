"""A Calibration with its surroundings, and a session that only notes what it is asked."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from avatar.config import RunConfig
from avatar.frame import Crop, Frame, Keypoints, Portrait
from avatar.pose.head import FRONTAL, HeadPose
from avatar.pose.match import STRAIGHT, match
from avatar.pose.neutral import Neutral
from avatar.pose.reference import Choice
from avatar.remembered import Kept
from ui.bridge import Bridge
from ui.calibration.calibration import Calibration

BOX = np.array([0, 0, 256, 256], np.float32)


class Desk:
    """A Calibration, and what it said."""

    CAMERA, FILE = "id:usb-Maker_Camera", "/films/driver.mp4"

    def __init__(self, qtbot: Any, ports: Any, session: Any, make: Callable[..., Any]) -> None:
        self.session, self.ports, self._make, self._qtbot = session, ports, make, qtbot
        self.config, self.source = RunConfig(camera=self.CAMERA), self.CAMERA
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
        self.answer("neutral", self.neutral())

    def answer(self, command: str, result: Any) -> None:
        """What the session answers to a command."""
        future: Future[Any] = Future()
        future.set_result(result)
        self.session.answers[command] = future

    def refuse(self, command: str, error: Exception) -> None:
        """Have the session refuse a command."""
        future: Future[Any] = Future()
        future.set_exception(error)
        self.session.answers[command] = future

    def show(self, pose: HeadPose | None = FRONTAL, *, held: bool = False) -> None:
        """Put a face before the camera."""
        face = None if pose is None or held else self._make(pose)
        image = np.full((256, 256, 3), 128, np.uint8)
        crop = Crop(image, BOX, face, held, 0, 1)
        self.session.seen = (Frame(image, 0, 1), crop)

    def begin(self) -> None:
        """A face is seen, a portrait chosen and the session running."""
        self.show()
        self.part.use_portrait(self.portrait())
        self.part.attach(self.session)

    def settled(self) -> None:
        """Wait until everything that was started came back."""
        self._qtbot.waitUntil(lambda: not any(w.alive for w in self.bridge._workers), timeout=20000)
        self._qtbot.wait(1)

    @staticmethod
    def portrait(name: str = "someone") -> Portrait:
        image = np.full((256, 256, 3), 90, np.uint8)
        return Portrait(image, BOX, image, None, name)

    @staticmethod
    def neutral(pose: HeadPose | None = FRONTAL) -> Neutral:
        points = Keypoints(
            np.zeros((5, 2), np.float32), np.tile(np.eye(2, dtype=np.float32), (5, 1, 1))
        )
        return Neutral(points, points, pose)

    @staticmethod
    def choice(pose: HeadPose) -> Choice:
        """The best of 31 pictures."""
        image = np.zeros((256, 256, 3), np.uint8)
        return Choice(Crop(image, BOX, None, False, 0, 1), match(pose, None, STRAIGHT), 31, 1.2)

    @classmethod
    def kept(cls) -> Kept:
        """A neutral pose taken three days ago."""
        return Kept(cls.neutral(), datetime.now().astimezone() - timedelta(days=3))


@pytest.fixture
def desk(qtbot: Any, ports: Any, session: Any, made_face: Any) -> Iterator[Desk]:
    made = Desk(qtbot, ports, session, made_face)
    yield made
    made.part.forget()
    made.bridge.close(1.0)
