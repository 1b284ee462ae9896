"""Controller: what the window can ask for and what it is told, between the widgets and the session.

It lives in the GUI thread and none of its methods waits, :meth:`Controller.close` excepted.
Pictures are not sent anywhere: the window polls :meth:`Controller.newest`.
"""

from dataclasses import replace
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.config import RunConfig
from avatar.errors import SourceError
from avatar.events import Event
from avatar.frame import Animated, Crop, Frame
from avatar.motion.settings import MotionSettings
from avatar.sources.names import labels
from avatar.stats import SessionStats
from ui.attempt import STOP_S, Attempt
from ui.bridge import Bridge
from ui.calibration.calibration import Calibration
from ui.camera.cameras import Cameras
from ui.camera.sources import Sources
from ui.engine_choice import EngineChoice
from ui.gallery.portraits import Portraits
from ui.guide.guidance import Guidance
from ui.look import Look
from ui.motion.controls import MotionControls
from ui.output.outputs import Outputs
from ui.output.safety import Safety
from ui.output.snapshots import Snapshots
from ui.ports import Ports
from ui.problem import Problem, problem_of
from ui.views.inspection import Inspection

if TYPE_CHECKING:
    from avatar.assembly import Driver
    from avatar.session import Session
    from avatar.sources.names import CameraInfo

RECENT = 5
"""How many videos are remembered."""


class State(Enum):
    """What the session is doing, as far as the user is concerned."""

    STOPPED = auto()
    LOADING = auto()
    RUNNING = auto()
    STOPPING = auto()


class Controller(QObject):
    """One window's session, from one start to the next."""

    state_changed = pyqtSignal(State)
    loading = pyqtSignal(str, float)
    problem = pyqtSignal(object)
    noted = pyqtSignal(str)
    cameras_found = pyqtSignal(list)
    source_used = pyqtSignal(str)
    look_changed = pyqtSignal(object)

    def __init__(
        self, config: RunConfig, ports: Ports | None = None, look: Look | None = None
    ) -> None:
        super().__init__()
        self.config = config
        self.look = Look() if look is None else look
        self.state = State.STOPPED
        self._ports = Ports() if ports is None else ports
        self._bridge = Bridge(self)
        self.outputs = Outputs(self._bridge, self._ports, self)
        self.outputs.failed.connect(self._complain)
        self.safety = Safety(self._bridge, self._ports, config.rest, config.slate, self)
        self.safety.changed.connect(self._keep)
        self.safety.failed.connect(self._complain)
        self.safety.noted.connect(self.noted)
        self.snapshots = Snapshots(self._bridge, self._ports, self)
        self.snapshots.failed.connect(self._complain)
        self.portraits = Portraits(
            self._bridge, self._ports, config.portrait, self, whole=not config.crop
        )
        self.portraits.problem.connect(self.problem)
        self.portraits.noted.connect(self.noted)
        self.portraits.changed.connect(self._keep)
        self.portraits.used.connect(self._start_if_given_up)
        self.motion = MotionControls(self._bridge, config.motion, self)
        self.motion.changed.connect(self._keep_motion)
        self.cameras = Cameras(self._bridge, self._ports, lambda: self.outputs.device, self)
        self.cameras.found.connect(self._tell_cameras)
        self.cameras.failed.connect(self._complain)
        self.sources = Sources(
            self._bridge,
            self._ports,
            lambda: self.config,
            self.cameras,
            lambda: self.outputs.device,
            self,
        )
        self.sources.changed.connect(self._keep)
        self.sources.used.connect(self.source_used)
        self.sources.problem.connect(self.problem)
        self.sources.waiting.connect(self._start_if_given_up)
        self.sources.file_used.connect(self._remember_video)
        self.calibration = Calibration(
            self._bridge, self._ports, lambda: self.config, lambda: self.sources.in_use, self
        )
        self.calibration.noted.connect(self.noted)
        self.calibration.problem.connect(self.problem)
        self.portraits.used.connect(self.calibration.use_portrait)
        self.inspection = Inspection(self._bridge, self._ports, self)
        self.guidance = Guidance(self._bridge, self._ports, self)
        self.engines = EngineChoice(self._bridge, self._ports, lambda: self.config, self)
        self.engines.changed.connect(self._keep)
        self.engines.waiting.connect(self._start_if_given_up)
        self.engines.noted.connect(self.noted)
        self.engines.problem.connect(self.problem)
        self.engines.failed.connect(self._complain)
        self._wanted_outputs = (config.virtual_camera, config.record)
        self._session: Session | None = None
        self._attempt: Attempt | None = None  # the last one
        self._ending = False
        self._gave_up = False

    # -- start and stop ---------------------------------------------------------------------------

    def begin(self) -> None:
        """Fill the gallery and the list of cameras, and start."""
        self.prepare()
        self.start()

    def prepare(self) -> None:
        """Fill the gallery and the list of cameras."""
        self.portraits.fill_gallery()
        self.find_cameras()
        self.safety.read_slate()

    @property
    def is_running(self) -> bool:
        """Whether a session runs."""
        return self.state is State.RUNNING

    def start(self) -> None:
        """Open a session and start it; does nothing unless it is stopped."""
        if self.state is not State.STOPPED or self._bridge.closing.is_set():
            return
        self._gave_up = False  # a failure stopped it: what is chosen next starts it again
        config = replace(
            self.config, virtual_camera=False, virtual_camera_device=None, record=None, slate=None
        )  # the slate and outputs are added once it runs, as if by hand
        portrait = self.portraits.current
        if portrait is not None:
            config = replace(config, portrait=None)  # it is there already, and may have no face
        attempt = self._attempt = Attempt(self._bridge, self._ports, config, portrait)
        self._become(State.LOADING)
        attempt.begin(
            self.cameras.let_go, self._adopt, self._hear, self._started, self._not_started
        )

    def stop(self) -> None:
        """Stop the session in the background."""
        if self.state not in (State.LOADING, State.RUNNING):
            return
        if self._attempt is not None:
            self._attempt.give_up()
        session, self._session = self._session, None
        self._forget()
        self._become(State.STOPPING)
        if session is not None:
            self._ending = True
            self._bridge.run("stop", lambda: session.stop(STOP_S), self._stopped)

    def close(self, timeout_s: float) -> list[str]:
        """End everything within ``timeout_s`` seconds; the names of threads still running."""
        attempt = self._attempt
        if attempt is not None:
            attempt.give_up()
        # First, so that a session which starts just now either sees it and stops, or is seen here.
        self._bridge.closing.set()
        session, self._session = self._session, None
        if session is None and attempt is not None:
            session = attempt.session
        last = session

        def end(left_s: float) -> list[str]:
            survivors = [] if last is None else last.stop(left_s)
            self._ports.close()
            return survivors

        return self._bridge.close(timeout_s, end)

    # -- what the user chooses --------------------------------------------------------------------

    def find_cameras(self) -> None:
        """Look for cameras; :attr:`cameras_found` tells (spec, name) of each."""
        self.cameras.find()

    def choose_source(self, spec: str) -> None:
        """Drive the portrait with another camera or file; the old one goes on until it is there."""
        self.sources.choose(spec)

    def set_mirror(self, on: bool) -> None:
        """Move like a mirror image or not, now and from the next start on."""
        self.config = replace(self.config, mirror=on)
        if self._session is not None:
            self._bridge.watch(self._session.set_mirror(on), None, self._complain)

    def change_look(self, **changes: Any) -> None:
        """Remember how the window looks, by fields of Look; :attr:`look_changed` tells it."""
        look = replace(self.look, **changes)
        if look != self.look:
            self.look = look
            self.look_changed.emit(look)

    # -- what the window shows --------------------------------------------------------------------

    def newest(self) -> Animated | None:
        """The newest result, or None."""
        return None if self._session is None else self._session.latest()

    def newest_input(self) -> tuple[Frame, Crop] | None:
        """The newest picture of the source with its crop, or None."""
        return None if self._session is None else self._session.latest_input()

    def take_snapshot(self) -> None:
        """Save what the outputs show as a picture."""
        newest = self.newest()
        if newest is None or self.safety.hidden:
            self.noted.emit(self.tr("There is no result to take a picture of"))
        else:
            self.snapshots.take(newest.frame.image, self.look.snapshots)

    def figures(self) -> SessionStats | None:
        """The session's figures, or None while there is no session."""
        return None if self._session is None else self._session.stats()

    # -- inside -----------------------------------------------------------------------------------

    def _adopt(self, attempt: Attempt, session: "Session", driver: "Driver") -> None:
        """The session is made and about to start: bring it up to what was chosen meanwhile."""
        if self.state is not State.LOADING or attempt.given_up:
            # It may have passed its last look at that before it was given up.
            self._bridge.run("stop", lambda: session.stop(STOP_S))
            return
        asked = attempt.asked
        self.safety.attach(session)  # first: nothing of it is seen before it is hidden
        self._session = session
        self.outputs.attach(session)
        self.portraits.attach(session, attempt.portrait)
        self.motion.attach(session, asked.motion)
        self.inspection.attach(session, self.config)
        for notice in driver.notices:
            if notice.kind == "warning":
                self.problem.emit(Problem("warning", notice.message, notice.hint))
            else:
                self.noted.emit(notice.message)
        self.sources.attach(session, asked, driver)
        self.calibration.attach(session)
        if self.config.mirror != asked.mirror:
            session.set_mirror(self.config.mirror)
        self.engines.attach(session, asked)

    def _forget(self) -> None:
        """There is no session any more."""
        for part in (
            self.safety,
            self.outputs,
            self.portraits,
            self.motion,
            self.inspection,
            self.sources,
            self.calibration,
            self.engines,
        ):
            part.forget()

    def _started(self, _: None) -> None:
        """The thread that started the session is through."""
        if self._session is None:  # stopped, or failed, meanwhile
            if not self._ending:
                self._become(State.STOPPED)
            return
        virtual_camera, record = self._wanted_outputs
        self._wanted_outputs = (False, None)
        if virtual_camera:
            self.outputs.set_virtual_camera(True, self.config)
        if record is not None:
            self.outputs.record(record)

    def _not_started(self, error: Exception) -> None:
        self._session = None
        self._forget()
        self._gave_up = True
        self._become(State.STOPPED)
        if isinstance(error, SourceError):
            self.problem.emit(self.sources.problem_of(error, self.start))
        else:
            self._complain(error)

    def _stopped(self, survivors: list[str]) -> None:
        self._ending = False
        self._become(State.STOPPED)
        self.outputs.ended()
        # Inference may still be importing a library, which nobody can end and which ends by itself.
        devices = [name for name in survivors if name != "inference"]
        if devices:
            names = ", ".join(devices)
            message = self.tr("Still busy after stopping: {names}.").format(names=names)
            hint = self.tr("Unplug the device it waits for, or start the app again.")
            self.problem.emit(Problem("warning", message, hint))

    def _hear(self, session: "Session", event: Event) -> None:
        """An event of the session, in the GUI thread."""
        if session is not self._session and not event.origin.startswith("sink-"):
            return  # a session that was given up; its recording may still have something to say
        if event.kind == "loading":
            self.loading.emit(event.message, -1.0 if event.share is None else event.share)
        elif event.kind == "ready":
            if self.state is State.LOADING:
                self._become(State.RUNNING)
            self.engines.hear(event)
        elif event.kind in ("building", "built"):
            self.engines.hear(event)
        elif event.kind == "info":
            self.noted.emit(event.message)
            if event.origin == "capture":  # another source, or the same one back
                self.sources.settled.emit()
        elif event.kind == "ended":
            self.stop()
            self.problem.emit(
                Problem("info", event.message, "", (self.tr("Play again"), self.start))
            )
        elif event.origin == "gpu":
            self.engines.hear(event)
        else:
            if event.kind == "error" and isinstance(event.error, SourceError):
                self.problem.emit(self.sources.problem_of(event.error, self.start))
            else:
                about = "source" if event.origin == "capture" else ""
                self.problem.emit(Problem(event.kind, event.message, event.hint, about=about))
            if event.kind == "error" and event.origin.startswith("sink-"):
                self.outputs.lost(event.origin.removeprefix("sink-"))
            elif event.kind == "error":
                self._gave_up = True
                self.stop()

    def _start_if_given_up(self) -> None:
        if self._gave_up:
            self.start()

    def _keep_motion(self, settings: MotionSettings) -> None:
        self.config = replace(self.config, motion=settings)

    def _keep(self, changes: dict[str, Any]) -> None:
        self.config = replace(self.config, **changes)

    def _tell_cameras(self, found: "list[CameraInfo]") -> None:
        self.cameras_found.emit(
            [(camera.spec, name) for camera, name in zip(found, labels(found), strict=True)]
        )

    def _remember_video(self, path: Path) -> None:
        others = [known for known in self.look.recent_videos if known != path]
        self.change_look(recent_videos=(path, *others)[:RECENT])

    def _become(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)

    def _complain(self, error: Exception) -> None:
        self.problem.emit(problem_of(error))
