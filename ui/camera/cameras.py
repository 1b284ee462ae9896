"""Cameras: which ones there are, noticed as they come and go, and a picture of each."""

import logging
import threading
from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.errors import AvatarError
from avatar.frame import Image
from avatar.sources.names import CameraInfo
from ui.bridge import Bridge
from ui.ports import Ports

log = logging.getLogger(__name__)

OWN_NAME = "Avatar Camera"
"""What our virtual camera is called where its driver lets us choose (v4l2loopback)."""

LET_GO_S = 4.0
"""How long a camera of which a picture is being taken may take to be free again, in seconds."""


class Cameras(QObject):
    """Lives in the GUI thread; cameras are listed and looked through on others.

    Args:
        bridge, ports: the way to other threads, and to the cameras.
        own_output: device or name of the virtual camera written to just now, or "".

    Signals:
        found: a list of CameraInfo: those that may drive, real ones first.
        none_because: why there may be none, whenever there is none; may be empty.
        pictured: the spec of a camera, its picture or None, and the error why there is none.
        taking: whether pictures are being taken.
        failed: an exception.

    Attributes:
        offered: as told last.
    """

    found = pyqtSignal(list)
    none_because = pyqtSignal(str)
    pictured = pyqtSignal(str, object, object)
    taking = pyqtSignal(bool)
    failed = pyqtSignal(object)

    def __init__(
        self,
        bridge: Bridge,
        ports: Ports,
        own_output: Callable[[], str] = str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.offered: list[CameraInfo] = []
        self._bridge = bridge
        self._ports = ports
        self._own_output = own_output
        self._looking = self._watching = self._again = False
        self._signs: object | None = None
        self._enough = threading.Event()  # no more pictures
        self._in_use = threading.Lock()  # held while a picture is taken

    def find(self) -> None:
        """List the cameras; asked again while it looks, it looks once more afterwards."""
        self._again = self._looking
        if self._looking:
            return
        self._looking = True
        ports = self._ports

        def look() -> tuple[list[CameraInfo], object | None, str]:
            signs = ports.camera_signs()  # first: what changes while they are listed is noticed
            cameras = ports.cameras()
            return cameras, signs, "" if cameras else ports.why_no_camera()

        self._bridge.run("cameras", look, self._tell, self._complain)

    def watch(self) -> None:
        """List them again if one has come or gone. Cheap; nothing where that cannot be told."""
        if self._looking or self._watching:
            return
        self._watching = True

        def compare(signs: object | None) -> None:
            self._watching = False
            if signs is not None and signs != self._signs:
                self.find()

        def fail(error: Exception) -> None:
            self._watching = False
            log.debug("cameras cannot be watched: %s", error)

        self._bridge.run("watch-cameras", self._ports.camera_signs, compare, fail)

    def take_pictures(self, but: str) -> None:
        """Take a picture of each camera, one after the other.

        Args:
            but: the camera in use; it shows itself.
        """
        self.stop_pictures()
        specs = [camera.spec for camera in self.offered if camera.spec != but]
        enough = self._enough = threading.Event()

        def take() -> None:
            for spec in specs:
                with self._in_use:
                    if enough.is_set() or self._bridge.closing.is_set():
                        return
                    image, why = self._picture(spec)
                self._bridge.post(partial(self.pictured.emit, spec, image, why))

        def done(_: object) -> None:
            if enough is self._enough:
                self.taking.emit(False)

        self.taking.emit(True)
        self._bridge.run("camera-pictures", take, done, done)

    def stop_pictures(self) -> None:
        """Take no more pictures; the one being taken is completed."""
        self._enough.set()

    def let_go(self) -> None:
        """Take no more pictures, and wait until no camera is in use for one. Not in the GUI thread.

        Before a camera is opened to drive: two cannot have it at once.
        """
        self.stop_pictures()
        if self._in_use.acquire(timeout=LET_GO_S):
            self._in_use.release()

    def _picture(self, spec: str) -> tuple[Image | None, AvatarError | None]:
        try:
            return self._ports.camera_picture(spec), None
        except AvatarError as error:
            return None, error

    def _tell(self, seen: tuple[list[CameraInfo], object | None, str]) -> None:
        cameras, self._signs, why = seen
        self._looking = False
        own = self._own_output()
        others = [c for c in cameras if not _is_ours(c, own)]
        self.offered = sorted(others, key=lambda camera: camera.virtual)
        self.found.emit(self.offered)
        if not self.offered:
            self.none_because.emit(why)
        if self._again:
            self.find()

    def _complain(self, error: Exception) -> None:
        self._looking = False
        self.failed.emit(error)


def _is_ours(camera: CameraInfo, own: str) -> bool:
    """Whether a camera shows what we send: it must not drive, or it would see itself."""
    if camera.virtual and camera.name == OWN_NAME:
        return True
    return bool(own) and own in (camera.device, camera.name)
