"""EngineChoice: what runs the networks, from the menu to the session, and what it says."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.config import RunConfig
from avatar.errors import Cancelled
from avatar.events import Event
from ui.bridge import Bridge
from ui.ports import Ports
from ui.problem import Problem

if TYPE_CHECKING:
    from avatar.session import Session


class EngineChoice(QObject):
    """Lives in the GUI thread.

    Args:
        bridge, ports: the way to other threads.
        config: the settings that hold now.

    Signals:
        found: a list of each engine with its speed.
        wanted: the spec that holds now.
        changed: fields of the config that changed, and their values.
        waiting: something was chosen and there is no session to take it.
        building: what is built meanwhile, and how much of it is done, 0 to 1.
        built: nothing is built any more.
        gpu_unused: why the GPU is not used; empty where it is, or there is none.
        noted: a sentence.
        problem: a Problem.
        failed: an exception.
    """

    found = pyqtSignal(list)
    wanted = pyqtSignal(str)
    changed = pyqtSignal(dict)
    waiting = pyqtSignal()
    building = pyqtSignal(str, float)
    built = pyqtSignal()
    gpu_unused = pyqtSignal(str)
    noted = pyqtSignal(str)
    problem = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(
        self,
        bridge: Bridge,
        ports: Ports,
        config: Callable[[], RunConfig],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._ports = ports
        self._config = config
        self._session: Session | None = None
        self._turn = 0

    def attach(self, session: "Session", asked: RunConfig) -> None:
        """Choose for this session from now on.

        Args:
            session: just made.
            asked: what it was made of.
        """
        self._session = session
        spec = self._config().engine
        if spec != asked.engine:
            self.choose(spec)

    def forget(self) -> None:
        """The session ends."""
        self._session = None

    def find(self) -> None:
        """Look what engines there are; :attr:`found` tells."""
        config = self._config()
        self._bridge.run("engines", lambda: self._ports.engines(config), self.found.emit)

    def choose(self, spec: str) -> None:
        """Run the networks by another engine; the old one goes on until it is there."""
        before = self._config().engine
        self._turn += 1
        turn = self._turn
        self._want(spec)

        def refuse(error: Exception) -> None:
            if turn == self._turn:
                self._want(before)
            if not isinstance(error, Cancelled):
                self.failed.emit(error)

        session = self._session
        if session is not None:
            self._bridge.watch(session.set_engine(spec), None, refuse)
        else:
            self.waiting.emit()

    def cancel_build(self) -> None:
        """Give up the engine that is built just now."""
        if self._session is not None:
            self._session.cancel_build()

    def hear(self, event: Event) -> None:
        """What a session says of its engine: "ready", "building", "built", or of the GPU."""
        if event.kind == "ready":
            self.gpu_unused.emit("")  # it is told again where this engine does not use it either
            self.find()
        elif event.kind == "building":
            self.building.emit(event.message, 0.0 if event.share is None else event.share)
        elif event.kind == "built":
            self.built.emit()
            self.noted.emit(event.message)
        elif event.origin == "gpu":
            self.gpu_unused.emit(f"{event.message} {event.hint}".strip())
            self.problem.emit(Problem("error", event.message, event.hint))  # red, yet it runs on

    def _want(self, spec: str) -> None:
        self.changed.emit({"engine": spec})
        self.wanted.emit(spec)
