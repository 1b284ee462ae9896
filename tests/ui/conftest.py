"""Fakes at the window's ports: a session without threads, and pictures without files."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avatar.config import RunConfig
from avatar.events import Event
from avatar.frame import Animated, Crop, Frame, Keypoints, Portrait
from avatar.stats import SessionStats
from ui.controller import Controller
from ui.ports import Ports
from ui.window import MainWindow


def settled(error: Exception | None = None) -> "Future[None]":
    future: Future[None] = Future()
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
    return future


def portrait(name: str = "someone") -> Portrait:
    image = np.full((256, 256, 3), 90, np.uint8)
    return Portrait(image, np.array([0, 0, 256, 256], np.float32), image, None, name)


class FakeSession:
    """Notes what it is asked; tests make its events and pictures."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.listeners: list[Callable[[Event], None]] = []
        self.portrait = portrait()
        self.animated: Animated | None = None
        self.seen: tuple[Frame, Crop] | None = None
        self.refuse: Exception | None = None
        self.labelled = True

    def on_event(self, listener: Callable[[Event], None]) -> None:
        self.listeners.append(listener)

    def emit(self, *args: Any, **more: Any) -> None:
        for listener in self.listeners:
            listener(Event(*args, **more))

    def start(self) -> None:
        self.calls.append(("start",))

    def stop(self, timeout_s: float = 2.0) -> list[str]:
        self.calls.append(("stop",))
        return []

    def latest(self) -> Animated | None:
        return self.animated

    def latest_input(self) -> tuple[Frame, Crop] | None:
        return self.seen

    def stats(self) -> SessionStats:
        return SessionStats(fps=21.4, drops={"inference": 3}, engine="eager", engine_reason="why")

    def __getattr__(self, name: str) -> Callable[..., "Future[None]"]:
        def ask(*args: Any) -> "Future[None]":
            self.calls.append((name, *args))
            return settled(self.refuse)

        return ask

    def asked(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]

    def show(self, index: int = 0, *, held: bool = False) -> None:
        """Have a new picture, as if one had come from the camera and the engine."""
        picture = np.full((120, 160, 3), 40, np.uint8)
        crop = Crop(
            np.zeros((256, 256, 3), np.uint8),
            np.array([40, 20, 120, 100], np.float32),
            None,
            held,
            index,
            1,
        )
        result = Frame(np.full((256, 256, 3), 200, np.uint8), index, 1)
        jacobian = np.tile(np.eye(2, dtype=np.float32), (5, 1, 1))
        self.seen = (Frame(picture, index, 1), crop)
        self.animated = Animated(result, crop, Keypoints(np.zeros((5, 2), np.float32), jacobian))


@dataclass(frozen=True)
class FakePorts(Ports):
    """Quick ports that note what is made; ``hold`` makes opening a session wait."""

    session: FakeSession = field(default_factory=FakeSession)
    configs: list[RunConfig] = field(default_factory=list)
    loaded: list[tuple[Path, bool]] = field(default_factory=list)
    errors: dict[str, Exception] = field(default_factory=dict)
    hold: threading.Event = field(default_factory=threading.Event)
    held: list[bool] = field(default_factory=list)
    entries: list[Any] = field(default_factory=list)

    def _maybe(self, what: str) -> None:
        if what in self.errors:
            raise self.errors[what]

    def open_session(self, config: RunConfig) -> Any:
        self.configs.append(config)
        if self.held:
            self.hold.wait(5)
        self._maybe("session")
        return self.session

    def find_driver(self, config: RunConfig) -> Any:
        return SimpleNamespace(spec=config.camera or "synthetic", camera=None, notices=())

    def open_source(self, config: RunConfig) -> Any:
        self._maybe("source")
        return SimpleNamespace(name=config.camera)

    def load_portrait(self, path: Path, crop: bool) -> Portrait:
        self.loaded.append((path, crop))
        if crop:
            self._maybe("portrait")
        return portrait(path.stem)

    def bundled(self) -> list[Path]:
        return [Path("one.png"), Path("two.png"), Path("three.png")]

    def thumbnail(self, path: Path) -> Any:
        return np.zeros((120, 120, 3), np.uint8)

    def cameras(self) -> Any:
        return [SimpleNamespace(index=0, name="Front"), SimpleNamespace(index=2, name="Side")]

    def engines(self, config: RunConfig) -> Any:
        self._maybe("engines")
        return self.entries

    def recorder(self, path: Path) -> Any:
        return SimpleNamespace(name="recorder", path=path)

    def virtual_camera(self, config: RunConfig) -> Any:
        return SimpleNamespace(name="virtual-camera")


@pytest.fixture
def ports() -> FakePorts:
    return FakePorts()


@pytest.fixture
def session(ports: FakePorts) -> FakeSession:
    return ports.session


@pytest.fixture
def window(qtbot: Any, ports: FakePorts) -> Iterator[MainWindow]:
    """A shown window that has not begun."""
    made = MainWindow(Controller(RunConfig(camera="synthetic"), ports))
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    ports.hold.set()
    made.close()


@pytest.fixture
def running(qtbot: Any, window: MainWindow, session: FakeSession) -> MainWindow:
    """A window whose session runs and shows a picture."""
    window.controller.begin()
    qtbot.waitUntil(lambda: ("start",) in session.calls, timeout=2000)
    session.show()
    session.emit("ready", "Engine eager: fastest available.", origin="inference")
    qtbot.waitUntil(lambda: window.result.image is not None, timeout=2000)
    return window
