"""Portraits: which picture is animated, and the gallery to choose from."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.errors import NoFaceError
from avatar.frame import Portrait
from ui.bridge import Bridge
from ui.ports import Ports
from ui.problem import Problem, problem_of

if TYPE_CHECKING:
    from avatar.session import Session


class Portraits(QObject):
    """Lives in the GUI thread; pictures are read on others.

    Attributes:
        current: the portrait in use; None before the first.
        path: its file; None while unknown.

    Signals:
        used: a portrait and its file, whenever one is taken, or kept because another was refused.
        grew: a file of the gallery and its small picture, (H, W, 3) uint8; None until read.
        problem: a Problem.
    """

    used = pyqtSignal(object, object)
    grew = pyqtSignal(object, object)
    problem = pyqtSignal(object)

    def __init__(
        self, bridge: Bridge, ports: Ports, path: Path | None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.current: Portrait | None = None
        self.path = None if path is None else path.absolute()
        self._bridge = bridge
        self._ports = ports
        self._session: Session | None = None
        self._turn = 0

    def attach(self, session: "Session", given: Portrait | None) -> None:
        """A session starts; ``given`` is the portrait it was told to animate, None its own."""
        self._session = session
        if self.current is None:
            self._take(session.portrait, self.path)
        elif self.current is not given:  # chosen while it was being made
            session.set_portrait(self.current)

    def forget(self) -> None:
        """The session ends."""
        self._session = None

    def choose(self, path: Path, crop: bool = True) -> None:
        """Animate another picture; one that is refused leaves the portrait as it is.

        Args:
            path: picture file.
            crop: find the face; False takes the centre square as it is.
        """
        self._turn += 1
        turn, path = self._turn, path.absolute()

        def use(portrait: Portrait) -> None:
            if turn != self._turn:
                return  # another one was chosen meanwhile
            for warning in portrait.warnings:
                self.problem.emit(Problem("warning", warning))
            if self._session is not None:
                self._bridge.watch(self._session.set_portrait(portrait), None, self._complain)
            self._take(portrait, path)

        def refuse(error: Exception) -> None:
            if turn == self._turn and self.current is not None:
                self.used.emit(self.current, self.path)
            if isinstance(error, NoFaceError) and crop:
                self._offer_whole(path, error)
            else:
                self._complain(error)

        self._bridge.run("portrait", lambda: self._ports.load_portrait(path, crop), use, refuse)

    def fill_gallery(self) -> None:
        """List the bundled portraits, then show each as it is read."""
        self._bridge.run("gallery", self._ports.bundled, self._list, self._complain)

    def _list(self, paths: list[Path]) -> None:
        paths = [path.absolute() for path in paths]
        if self.path is None and paths:
            self.path = paths[0]  # what a session takes that is told nothing
            if self.current is not None:
                self.used.emit(self.current, self.path)
        for path in paths:
            self.grew.emit(path, None)

        def read() -> None:
            for path in paths:
                self._bridge.post(partial(self.grew.emit, path, self._ports.thumbnail(path)))

        self._bridge.run("thumbnails", read)

    def _take(self, portrait: Portrait, path: Path | None) -> None:
        self.current, self.path = portrait, path
        self.used.emit(portrait, path)

    def _offer_whole(self, path: Path, error: NoFaceError) -> None:
        remedy = (self.tr("Use it anyway"), lambda: self.choose(path, False))
        hint = self.tr(
            "Use a picture in which the face is seen from the front, or take a drawing or an "
            "animal as it is."
        )
        self.problem.emit(Problem("error", error.message, hint, remedy))

    def _complain(self, error: Exception) -> None:
        self.problem.emit(problem_of(error))
