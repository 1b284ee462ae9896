"""Fakes at the window's ports: a session without threads, and pictures without files."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
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
from avatar.places import HOME
from avatar.portraits.entry import Brought, Entry
from avatar.pose.head import FRONTAL, HeadPose
from avatar.pose.match import Target
from avatar.sources.names import CameraInfo
from avatar.sources.state import SourceState
from avatar.square import Square
from avatar.stats import SessionStats, StageTimes
from ui.controller import Controller
from ui.gallery.crop_job import CropJob
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

    def inspect(self, wanted: Any, point: Any = None, paint: Any = None) -> None:
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
        result = Frame(np.full((256, 256, 3), 200, np.uint8) if image is None else image, index, 1)
        jacobian = np.tile(np.eye(2, dtype=np.float32), (5, 1, 1))
        self.seen = (Frame(picture, index, 1), crop)
        self.animated = Animated(result, crop, Keypoints(np.zeros((5, 2), np.float32), jacobian))


class FakeLibrary:
    """A library without files: every picture there is has a face unless ``errors`` says not.

    Attributes:
        loaded: (path, whether the face was looked for) of every portrait that was read.
        errors: raised by name of the method: "portrait", "bring", "rename", "remove", "restore".
        threads: the names of the threads that called anything.
        hold: while it is set, reading waits for ``go``.
    """

    def __init__(self) -> None:
        shipped = [Path(name).absolute() for name in ("one.png", "two.png", "three.png")]
        self.shipped = [Entry(path, path.stem, own=False) for path in shipped]
        self.own: list[Entry] = []
        self.loaded: list[tuple[Path, bool]] = []
        self.errors: dict[str, Exception] = {}
        self.warnings: tuple[str, ...] = ()
        self.threads: set[str] = set()
        self.hold, self.go = threading.Event(), threading.Event()
        self.told: list[str] = []

    def _called(self, what: str) -> None:
        self.threads.add(threading.current_thread().name)
        if what in self.errors:
            raise self.errors[what]

    def entries(self) -> list[Entry]:
        self._called("entries")
        return [*self.shipped, *self.own]

    def notices(self) -> list[str]:
        return self.told

    def _read(self, path: Path, name: str, crop: bool) -> Portrait:
        self.loaded.append((path, crop))
        if self.hold.is_set():
            self.go.wait(5)
        if crop:
            self._called("portrait")
        return portrait(name)

    def portrait(self, entry: Entry, *, fresh: bool = False) -> tuple[Portrait, Entry]:
        self._called("read")
        return self._read(entry.path, entry.name, not entry.whole), entry

    def bring(self, path: Path, *, whole: bool = False) -> Brought:
        self._called("bring")
        known = next((e for e in self.own if e.path.name == path.name), None)
        read = self._read(path, path.stem, not whole)
        if known is not None:
            return Brought(known, read, new=False)
        entry = Entry(Path("/library") / path.name, path.stem, whole=whole, warnings=self.warnings)
        refused = self.errors.get("keep")
        if refused is not None:
            guest = replace(entry, path=path, own=False, guest=True)
            return Brought(guest, read, True, refused)  # type: ignore[arg-type]
        self.own.append(entry)
        return Brought(entry, read, new=True)

    def bring_image(self, image: Any, name: str, *, whole: bool = False) -> Brought:
        self.image = image
        return self.bring(Path(f"/clipboard/{name}.png"), whole=whole)

    def rename(self, entry: Entry, name: str) -> Entry:
        self._called("rename")
        new = replace(entry, name=name)
        self.own = [new if e.path == entry.path else e for e in self.own]
        return new

    def remove(self, entry: Entry) -> Any:
        self._called("remove")
        place = self.own.index(entry)
        self.own.remove(entry)
        return SimpleNamespace(entry=entry, place=place)

    def restore(self, removed: Any) -> Entry:
        self._called("restore")
        self.own.insert(removed.place, removed.entry)
        return removed.entry

    def choose_crop(self, entry: Entry, box: Any, *, whole: bool = False) -> Entry:
        self._called("crop")
        new = replace(entry, box=box, whole=whole)
        self.own = [new if e.path == entry.path else e for e in self.own]
        self.shipped = [new if e.path == entry.path else e for e in self.shipped]
        return new


@dataclass(frozen=True)
class FakePorts(Ports):
    """Quick ports that note what is made; ``hold`` makes opening a session wait."""

    session: FakeSession = field(default_factory=FakeSession)
    configs: list[RunConfig] = field(default_factory=list)
    shelf: FakeLibrary = field(default_factory=FakeLibrary)
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

    def __post_init__(self) -> None:
        self.shelf.errors = self.errors

    @property
    def loaded(self) -> list[tuple[Path, bool]]:
        return self.shelf.loaded

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

    def library(self) -> Any:
        return self.shelf

    def crop_job(self, library: Any, entry: Entry) -> Any:
        self._maybe("crop")
        picture = np.full((300, 400, 3), 120, np.uint8)
        square = Square(200, 150, 120)
        return CropJob(entry.path, entry.name, (picture,), 1.0, square, square, False)

    def thumbnail(self, path: Path, box: Any) -> Any:
        self.shelf.threads.add(threading.current_thread().name)
        return np.full((128, 128, 3), 60, np.uint8)

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
    qtbot.waitUntil(lambda: ("start",) in session.calls, timeout=20000)
    session.show()
    session.emit("ready", "Engine eager: fastest available.", origin="inference")
    qtbot.waitUntil(lambda: window.result.image is not None, timeout=20000)
    return window
