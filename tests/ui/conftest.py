"""Fakes at the window's ports: a session without threads, and pictures without files."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic_ns
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avatar.assembly import Driver
from avatar.config import RunConfig
from avatar.events import Event
from avatar.frame import Animated, Crop, Frame, Keypoints, Portrait
from avatar.head import FRONTAL, HeadPose
from avatar.match import Target
from avatar.places import HOME
from avatar.sources.names import CameraInfo
from avatar.sources.state import SourceState
from avatar.stats import SessionStats, StageTimes
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
        self.maps: Any = None
        self.maps_error: Exception | None = None
        self.times = StageTimes()
        self.driving = SourceState("synthetic face", "open", (640, 480), 30.0)
        self.labelled = True
        self.source: object = SimpleNamespace(name="synthetic")
        self.finding: Any = None
        self.neutral_pose: HeadPose | None = None
        self.answers: dict[str, Any] = {}

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

    def source_state(self) -> SourceState:
        return self.driving

    def panic(self, on: bool) -> None:
        self.calls.append(("panic", on))

    def set_raw(self, on: bool) -> bool:
        self.calls.append(("set_raw", on))
        return on

    def set_slate(self, slate: Any) -> None:
        self.calls.append(("set_slate", slate))

    def inspect(self, wanted: Any, point: Any = None) -> None:
        self.calls.append(("inspect", tuple(wanted), point))

    def latest_maps(self) -> Any:
        return self.maps

    def note_shown(self, frame: Frame) -> None:
        self.calls.append(("note_shown", frame))

    def stage_times(self, seconds: float) -> Any:
        return self.times.recent(seconds, monotonic_ns())

    def stats(self) -> SessionStats:
        return SessionStats(fps=21.4, drops={"inference": 3}, engine="eager", engine_reason="why")

    def __getattr__(self, name: str) -> Callable[..., "Future[None]"]:
        def ask(*args: Any, **more: Any) -> "Future[None]":
            self.calls.append((name, *args, *more.items()))
            if name in self.answers:
                return self.answers[name]
            return settled(self.refuse)

        return ask

    def asked(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]

    def show(self, index: int = 0, *, held: bool = False, image: Any = None) -> None:
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
        result = Frame(
            np.full((256, 256, 3), 200, np.uint8) if image is None else image, index, 1
        )
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
    unmapped: dict[str, str] = field(default_factory=dict)
    plugged: list[CameraInfo] = field(
        default_factory=lambda: [CameraInfo(0, "Front"), CameraInfo(2, "Side")]
    )
    drivers: list[Driver] = field(default_factory=list)
    opened: list[Any] = field(default_factory=list)
    pictured: list[str] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
    facts: list[Any] = field(default_factory=list)
    slates: list[Path | None] = field(default_factory=list)
    targets: dict[str, Target] = field(default_factory=dict)
    kept: dict[tuple[str, str], Any] = field(default_factory=dict)
    snapshots: list[Any] = field(default_factory=list)

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
        if self.drivers:
            return self.drivers[-1]
        return Driver(config.camera or "synthetic", None)

    def open_source(self, config: RunConfig, taken: str | None = None) -> Any:
        self._maybe("source")
        self.opened.append((config, taken, threading.current_thread().name))
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
        self.looks.append(threading.current_thread().name)
        return list(self.plugged)

    def camera_signs(self) -> Any:
        self.looks.append(threading.current_thread().name)
        return tuple(camera.spec for camera in self.plugged)

    def why_no_camera(self) -> str:
        return "It is locked away."

    def camera_picture(self, spec: str) -> Any:
        self.looks.append(threading.current_thread().name)
        self.pictured.append(spec)
        self._maybe(f"picture {spec}")
        return np.full((108, 192, 3), 120, np.uint8)

    def engines(self, config: RunConfig) -> Any:
        self._maybe("engines")
        return self.entries

    def missing_maps(self, config: RunConfig, maps: Any) -> Any:
        return {name: why for name, why in self.unmapped.items() if name in maps}

    def recorder(self, path: Path) -> Any:
        return SimpleNamespace(name="recorder", path=path)

    def recording_facts(self, folder: Path, sink: Any) -> tuple[int, int]:
        self.facts.append((folder, sink))
        return (2_500_000 if sink is not None else 0, 41_000_000_000)

    def slate(self, path: Path | None) -> Any:
        self._maybe("slate")
        self.slates.append(path)
        return np.full((256, 256, 3), 20 if path is None else 60, np.uint8)

    def save_snapshot(self, image: Any, folder: Path) -> Path:
        self._maybe("snapshot")
        self.snapshots.append((image, folder, threading.current_thread().name))
        return folder / "avatar-1.png"

    def target(self, portrait: Portrait) -> Any:
        self._maybe("target")
        self.looks.append(threading.current_thread().name)
        return self.targets.get(portrait.name, Target(FRONTAL))

    def recall(self, config: RunConfig, source: str, portrait: Portrait) -> Any:
        self._maybe("recall")
        self.looks.append(threading.current_thread().name)
        return self.kept.get((source, portrait.name))

    def remember(self, config: RunConfig, source: str, portrait: Portrait, kept: Any) -> bool:
        self._maybe("remember")
        self.looks.append(threading.current_thread().name)
        if source.startswith("id:"):
            self.kept[source, portrait.name] = kept
        return source.startswith("id:")

    def virtual_camera_lacks(self) -> Any:
        return self.errors.get("driver")

    def virtual_camera(self, config: RunConfig) -> Any:
        return SimpleNamespace(name="virtual-camera")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's settings are; never the user's own."""
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    return tmp_path / "home"


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
