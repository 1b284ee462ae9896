"""Outputs: the virtual camera and the recording, switched on and off while the session runs."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.config import RunConfig
from ui.bridge import Bridge
from ui.ports import Ports

if TYPE_CHECKING:
    from avatar.session import Session
    from avatar.sinks.base import Sink


class Outputs(QObject):
    """Lives in the GUI thread. A sink that fails is told by an event; here it only ends.

    Signals:
        recording_changed: the file being written, None when it is not or no longer.
        recording_saved: the file that was completed.
        virtual_camera_changed: whether other programs see the virtual camera.
        virtual_camera_refused: the exception why there is no virtual camera, None once there is.
        failed: an exception that kept an output from being made.

    Attributes:
        recording: the file being written; None when it is not.
        device: the virtual camera's device while it is on; else an empty text.
    """

    recording_changed = pyqtSignal(object)
    recording_saved = pyqtSignal(object)
    virtual_camera_changed = pyqtSignal(bool)
    virtual_camera_refused = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, bridge: Bridge, ports: Ports, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._ports = ports
        self._session: Session | None = None
        self._recorder: tuple[Sink, Path] | None = None
        self._unfinished: Path | None = None
        self._virtual_camera: Sink | None = None

    @property
    def recording(self) -> Path | None:
        return None if self._recorder is None else self._recorder[1]

    @property
    def device(self) -> str:
        return str(getattr(self._virtual_camera, "device", None) or "")

    def measure(self, folder: Path, told: Callable[[tuple[int, int]], None]) -> None:
        """Have ``told`` the bytes of the recording so far, and those free in ``folder``."""
        sink = None if self._recorder is None else self._recorder[0]
        self._bridge.run("facts", lambda: self._ports.recording_facts(folder, sink), told)

    def attach(self, session: "Session") -> None:
        """Put outputs into this session from now on."""
        self._session = session

    def forget(self) -> None:
        """The session ends, and its sinks with it; :meth:`ended` follows when they have."""
        self._session = None
        self._set_virtual_camera(None)
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            self._unfinished = recorder[1]
            self.recording_changed.emit(None)

    def ended(self) -> None:
        """The session has ended: what was recorded until then is complete."""
        path, self._unfinished = self._unfinished, None
        if path is not None:
            self._tell_saved(path)

    def record(self, path: Path | None) -> None:
        """Record to a file from now on; None ends the recording."""
        session = self._session
        if self._recorder is not None and session is not None:
            (sink, old), self._recorder = self._recorder, None
            self.recording_changed.emit(None)
            self._bridge.watch(session.remove_sink(sink), lambda _: self._tell_saved(old))
        if path is None or session is None:
            return
        made = self._ports.recorder(path)
        self._recorder = (made, path)

        def began(_: None) -> None:
            if self._recorder is not None and self._recorder[0] is made:
                self.recording_changed.emit(path)

        self._bridge.watch(session.add_sink(made), began, lambda _: self.lost(made.name))

    def set_virtual_camera(self, on: bool, config: RunConfig) -> None:
        """Switch the virtual camera; the config says which one, and which it must not be."""
        session = self._session
        if session is None:
            self.virtual_camera_changed.emit(False)
            return
        if not on:
            sink = self._virtual_camera
            self._set_virtual_camera(None)
            if sink is not None:
                session.remove_sink(sink)
            return

        def add(sink: "Sink") -> None:
            if self._session is not session or self._virtual_camera is not None:
                return
            self._virtual_camera = sink
            self._bridge.watch(
                session.add_sink(sink),
                lambda _: opened(sink),
                lambda error: refused(sink, error),
            )

        def refused(sink: "Sink", error: Exception) -> None:
            self.virtual_camera_refused.emit(error)
            self.lost(sink.name)

        def opened(sink: "Sink") -> None:
            self.virtual_camera_refused.emit(None)
            self.virtual_camera_changed.emit(self._virtual_camera is sink)

        def refuse(error: Exception) -> None:
            self.virtual_camera_changed.emit(False)
            self.virtual_camera_refused.emit(error)
            self.failed.emit(error)

        self._bridge.run("virtual-camera", lambda: self._ports.virtual_camera(config), add, refuse)

    def lost(self, name: str) -> None:
        """A sink ended by itself; its name may have a number at its end."""
        session = self._session
        if self._recorder is not None and name.startswith(self._recorder[0].name):
            (sink, _), self._recorder = self._recorder, None
            self.recording_changed.emit(None)
            if session is not None:
                session.remove_sink(sink)
        elif self._virtual_camera is not None and name.startswith(self._virtual_camera.name):
            sink = self._virtual_camera
            self._set_virtual_camera(None)
            if session is not None:
                session.remove_sink(sink)

    def _tell_saved(self, path: Path) -> None:
        """The file is complete, unless no frame ever came."""

        def tell(there: bool) -> None:
            if there:
                self.recording_saved.emit(path)

        self._bridge.run("saved", path.is_file, tell)

    def _set_virtual_camera(self, sink: "Sink | None") -> None:
        self._virtual_camera = sink
        self.virtual_camera_changed.emit(sink is not None)
