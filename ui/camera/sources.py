"""Sources: what drives the portrait, and how its picture is asked for, framed and cropped."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices

from avatar.config import SYNTHETIC, RunConfig
from avatar.errors import AvatarError, SourceError, SourceRefused
from avatar.frame import Image
from avatar.framing import Framing
from avatar.sources.state import SourceState
from ui.bridge import Bridge
from ui.camera.cameras import Cameras
from ui.ports import Ports
from ui.problem import Problem, problem_of

if TYPE_CHECKING:
    from avatar.assembly import Driver
    from avatar.session import Session

OF_A_SOURCE = ("camera", "loop", "size", "fps")
"""The fields of the RunConfig that say which source is opened, and how."""


class Sources(QObject):
    """Lives in the GUI thread; sources are found on others and opened by the session.

    Args:
        bridge, ports: the way to other threads, and to the sources.
        config: the settings that hold now.
        cameras: the list of cameras, of which pictures may be being taken.
        own_output: device or name of the virtual camera written to just now, or "".

    Signals:
        used: the spec of the source in use, whenever one is taken or kept.
        changed: fields of the RunConfig and their new values, a dict.
        waiting: a source was chosen while no session runs.
        file_used: a video that drives now.
        problem: a Problem.
        page_wanted: the user wants to choose another source.
        settled: pictures come (again): what was said about the source is over.

    Attributes:
        in_use: spec of the source in use; "" while none is known.
    """

    used = pyqtSignal(str)
    changed = pyqtSignal(dict)
    waiting = pyqtSignal()
    file_used = pyqtSignal(Path)
    problem = pyqtSignal(object)
    page_wanted = pyqtSignal()
    settled = pyqtSignal()

    def __init__(
        self,
        bridge: Bridge,
        ports: Ports,
        config: Callable[[], RunConfig],
        cameras: Cameras,
        own_output: Callable[[], str] = str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.in_use = config().camera or ""
        self._bridge = bridge
        self._ports = ports
        self._config = config
        self._cameras = cameras
        self._own_output = own_output
        self._session: Session | None = None
        self._turn = 0
        self._framing_sent: Framing | None = None  # None while the session has taken the last

    def attach(self, session: "Session", asked: RunConfig, driver: "Driver") -> None:
        """A session starts: bring it up to what was chosen since it was asked for.

        Args:
            session: just made.
            asked: the settings it was made with.
            driver: what it is driven by.
        """
        self._session, self._framing_sent = session, None
        config = self._config()
        if any(getattr(config, name) != getattr(asked, name) for name in OF_A_SOURCE):
            self._open({}, config, same=False)
        else:
            # One that only stands in for another is not what the user chose: next time the other
            # one is looked for again.
            if driver.camera is not None and not driver.instead:
                self.changed.emit({"camera": driver.spec})
            self._use(driver.spec)
            if self.is_file(driver.spec):
                self.file_used.emit(Path(driver.spec))
        if config.framing != asked.framing:
            self._send_framing()
        if (config.crop and config.follow) != (asked.crop and asked.follow):
            self.set_following(config.crop and config.follow)

    def forget(self) -> None:
        """The session ends."""
        self._session = None

    # -- which ------------------------------------------------------------------------------------

    def choose(self, spec: str) -> None:
        """Drive the portrait with another camera or file; the old one goes on until it is there."""
        is_file = self.is_file(spec)
        self._change({"camera": spec, "loop": is_file, "size": None, "fps": None}, same=False)

    def set_format(self, size: tuple[int, int] | None, fps: float | None) -> None:
        """Ask another size and rate of the camera in use; None = as it likes."""
        config = self._config()
        if (size, fps) != (config.size, config.fps):
            self._change({"size": size, "fps": fps}, same=True)

    def set_loop(self, on: bool) -> None:
        """Begin a video again at its end, or not."""
        if self.is_file(self._config().camera or ""):
            self.changed.emit({"loop": on})
            if self._session is not None:
                self._bridge.watch(self._session.set_loop(on))

    def try_again(self) -> None:
        """Open what was chosen once more."""
        config = self._config()
        self._open({}, config, same=False)

    def is_file(self, spec: str) -> bool:
        """Whether a source is a file, as far as its name tells."""
        if not spec or spec == SYNTHETIC or spec.isdecimal() or spec.startswith(("/dev/", "id:")):
            return False
        return "/" in spec or "\\" in spec or Path(spec).is_file()

    def is_camera(self, spec: str) -> bool:
        """Whether a source is a camera."""
        return spec not in ("", SYNTHETIC) and not self.is_file(spec)

    # -- how --------------------------------------------------------------------------------------

    @property
    def framing(self) -> Framing:
        """Zoom and pan that hold now."""
        return self._config().framing

    def set_framing(self, framing: Framing) -> None:
        """Zoom and pan the crop, now and from the next start on."""
        if framing != self.framing:
            self.changed.emit({"framing": framing})
            self._send_framing()

    def zoom(self, factor: float) -> None:
        """Go closer by a factor, within bounds."""
        self.set_framing(self.framing.zoomed(factor))

    def pan(self, dx: float, dy: float) -> None:
        """Move the crop right and down in the camera's picture, by parts of its side."""
        self.set_framing(self.framing.panned(dx, dy))

    def reset_view(self) -> None:
        """The usual margin, in the usual place."""
        self.set_framing(Framing())

    def set_following(self, on: bool) -> None:
        """Have the crop follow the face, or stay in the middle; now and from the next start on."""
        config = self._config()
        self.changed.emit({"follow": on, "crop": config.crop or on})

        def refuse(error: Exception) -> None:
            self.changed.emit({"follow": not on})
            self.problem.emit(problem_of(error))

        if self._session is not None:
            self._bridge.watch(self._session.set_following(on), None, refuse)

    # -- what it does -----------------------------------------------------------------------------

    def state(self) -> SourceState | None:
        """What the source is doing; None while there is no session."""
        return None if self._session is None else self._session.source_state()

    def picture(self) -> Image | None:
        """The newest picture of the source in use, or None."""
        seen = None if self._session is None else self._session.latest_input()
        return None if seen is None else seen[0].image

    def problem_of(self, error: AvatarError, again: Callable[[], None]) -> Problem:
        """What to tell about a source that failed, with what can be done about it.

        Args:
            error: why.
            again: tries the same once more.
        """
        others: list[tuple[str, Callable[[], None]]] = [
            (self.tr("Choose another"), self.page_wanted.emit)
        ]
        if isinstance(error, SourceRefused) and error.settings:
            page = QUrl(error.settings)
            others.append(
                (self.tr("Open the settings"), lambda: _ignore(QDesktopServices.openUrl(page)))
            )
        again_button = (self.tr("Try again"), again)
        return Problem("error", error.message, error.hint, again_button, tuple(others), "source")

    # -- inside -----------------------------------------------------------------------------------

    def _change(self, changes: dict[str, Any], *, same: bool) -> None:
        before = self._config()
        try:
            config = replace(before, **changes)
        except AvatarError as error:
            self.used.emit(self.in_use)
            self.problem.emit(problem_of(error))
            return
        undo = {name: getattr(before, name) for name in changes}
        self.changed.emit(changes)
        self._open(undo, config, same=same)

    def _open(self, undo: dict[str, Any], config: RunConfig, *, same: bool) -> None:
        """Have the session open what the config says; where that fails, ``undo`` the change."""
        self._turn += 1
        turn, before, spec = self._turn, self.in_use, config.camera or ""
        self._use(spec)
        session = self._session
        if session is None:
            self.waiting.emit()
            return

        def refuse(error: Exception) -> None:
            if turn == self._turn:
                if undo:
                    self.changed.emit(undo)
                self._use(before)
            if isinstance(error, SourceError):
                again = (lambda: self.choose(spec)) if undo else self.try_again
                self.problem.emit(self.problem_of(error, again))
            else:
                self.problem.emit(problem_of(error))

        def put(source: Any) -> None:
            if turn != self._turn or session is not self._session:
                return  # another one was chosen meanwhile, or the session has ended
            if same:
                self._bridge.watch(session.set_source(source, same_driver=True), taken, refuse)
            else:
                self._bridge.watch(session.set_source(source), taken, refuse)

        def taken(_: None) -> None:
            self.settled.emit()
            if self.is_file(spec):
                self.file_used.emit(Path(spec))

        own = self._own_output() or None

        def make() -> Any:
            self._cameras.let_go()
            return self._ports.open_source(config, own)

        self._bridge.run("source", make, put, refuse)

    def _use(self, spec: str) -> None:
        self.in_use = spec
        self.used.emit(spec)

    def _send_framing(self) -> None:
        """Send the newest framing; while the session has not taken the last one, only it waits."""
        session, framing = self._session, self.framing
        if session is None or self._framing_sent is not None:
            return
        self._framing_sent = framing

        def taken(_: object) -> None:
            if session is self._session:
                sent, self._framing_sent = self._framing_sent, None
                if sent != self.framing:
                    self._send_framing()

        self._bridge.watch(session.set_framing(framing), taken, taken)


def _ignore(_: object) -> None:
    """For callbacks whose result means nothing."""
