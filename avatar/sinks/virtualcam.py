"""VirtualCamera: animated frames as a camera that Zoom, OBS or a browser can choose.

A thread of its own opens the device, sends at the device's rate and closes it: when no new frame
has come, the last one is sent again, so that the camera never freezes in the programs that read it.
The picture is never mirrored; a mirrored view is the window's business. The only file that knows
pyvirtualcam.
"""

import logging
import platform
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from avatar.errors import AvatarError, SinkError, SinkLost
from avatar.frame import Frame, Image, letterbox
from avatar.sinks.device import driver_hint, refused, same_device
from avatar.sinks.loopback import free_device, give_back, woken
from avatar.slate import card
from avatar.sources.v4l2 import Capabilities
from avatar.worker import Worker

log = logging.getLogger(__name__)

HD = (1280, 720)
"""The size every program accepts; the square is letterboxed into it."""

SQUARE = (256, 256)
"""The picture itself, for programs that take any size."""

_OPEN_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 2.0


class Device(Protocol):
    """What is used of ``pyvirtualcam.Camera``; tests bring their own."""

    @property
    def device(self) -> str:
        """Its path or name."""
        ...

    def send(self, frame: Image) -> None:
        """Show (H, W, 3) uint8 RGB of the size it was opened with."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class VirtualCamera:
    """A virtual camera. ``write`` only notes the newest frame; it never waits for the device.

    Attributes:
        device: path or name of the device while it is open, else the one asked for.
        sent: pictures sent, repeats and the slate included.
        repeated: pictures sent again because no new frame had come.
    """

    def __init__(
        self,
        device: str | None = None,
        *,
        size: tuple[int, int] = HD,
        fps: float = 30.0,
        input_device: str | int | None = None,
        make: Callable[..., Device] | None = None,
        find: Callable[[], Mapping[str, Capabilities]] = woken,
    ) -> None:
        """Nothing is opened yet.

        Args:
            device: which one; None: the first that is free.
            size: (width, height) in pixels of the camera; see HD and SQUARE.
            fps: pictures sent per second.
            input_device: the camera that drives the avatar, by index, path or name: it is refused
                as output, since it would film itself.
            make: opens the device, called as ``pyvirtualcam.Camera`` is; None: that one.
            find: lists the devices of Linux.
        """
        self.name = "virtual-camera"
        self.queue = 1
        self.device = device
        self.sent = self.repeated = 0
        self._wanted = device
        self._size = size
        self._fps = fps
        self._input = input_device
        self._make = make
        self._find = find
        self._worker: Worker | None = None
        self._ready = threading.Event()
        self._latest: Frame | None = None
        self._failure: AvatarError | None = None

    def open(self) -> None:
        """Open the device and start to show a slate.

        Raises:
            SinkError: no driver, no such device, busy, or the camera that drives the avatar.
        """
        self._ready.clear()
        self._latest = self._failure = None
        self.sent = self.repeated = 0
        self._worker = Worker("virtual-camera-pace", self._run)
        self._worker.start()
        if not self._ready.wait(_OPEN_TIMEOUT_S):
            raise SinkError(
                f"The virtual camera did not answer within {_OPEN_TIMEOUT_S:.0f} s.",
                hint="Close the programs that use it and try again.",
            )
        if self._failure is not None:
            raise self._failure

    def write(self, frame: Frame) -> None:
        """Show this frame from the next tick on: (H, W, 3) uint8 RGB of any size.

        Raises:
            SinkLost: the device is gone.
        """
        if self._failure is not None:
            raise self._failure
        if self._worker is None:
            raise SinkLost("The virtual camera is not open.", hint="Start it again.")
        self._latest = frame  # one reference, replaced atomically: no lock, no queue

    def close(self) -> None:
        """Give the device back; idempotent."""
        worker, self._worker = self._worker, None
        if worker is not None and not worker.stop(_CLOSE_TIMEOUT_S):
            log.error("%s did not end within %.0f s", worker.name, _CLOSE_TIMEOUT_S)
        self.device = self._wanted

    def _run(self, stop: threading.Event) -> None:
        try:
            camera = self._open_device()
        except SinkError as error:
            self._failure = error
            return
        finally:
            self._ready.set()
        log.info("virtual camera %s: %dx%d at %g fps", self.device, *self._size, self._fps)
        try:
            self._pace(camera, stop)
        except (RuntimeError, OSError, ValueError) as error:
            self._failure = SinkLost(
                f"The virtual camera {self.device} was lost: {error}.",
                hint="Start it again; on Linux see whether v4l2loopback is still loaded.",
            )
            log.warning("%s", self._failure.message)
        finally:
            path = camera.device  # no longer known once it is closed
            try:
                camera.close()
            except (RuntimeError, OSError) as error:
                log.warning("closing the virtual camera: %s", error)
            if platform.system() == "Linux":
                give_back(path)

    def _open_device(self) -> Device:
        if self._wanted is not None:
            self._refuse_own_input(self._wanted)
        width, height = self._size
        system = platform.system()
        try:
            make: Callable[..., Any]
            if self._make is not None:
                make = self._make
            else:
                import pyvirtualcam

                make = pyvirtualcam.Camera
            wanted = self._wanted
            if system == "Linux":
                wanted = free_device(wanted, self._input, self._find())
            camera: Device = make(width, height, self._fps, device=wanted)
        except ImportError as error:
            raise SinkError(
                f"The virtual camera needs the Python package pyvirtualcam ({error}).",
                hint="Run: pip install pyvirtualcam. It also needs a driver. "
                f"{driver_hint(system)}",
            ) from error
        except (RuntimeError, OSError, ValueError) as error:
            raise refused(str(error), self._wanted, system) from error
        self.device = camera.device
        try:
            self._refuse_own_input(camera.device)
        except SinkError:
            camera.close()
            raise
        return camera

    def _refuse_own_input(self, device: str) -> None:
        if self._input is not None and same_device(device, self._input):
            raise SinkError(
                f"{device} is the camera that drives the avatar; it cannot show the avatar too.",
                hint="Choose another camera as input, or another device for the virtual camera.",
            )

    def _pace(self, camera: Device, stop: threading.Event) -> None:
        width, height = self._size
        buffer = _slate(width, height)
        shown: Frame | None = None
        period_s = 1.0 / self._fps
        due = time.perf_counter()
        while True:
            frame = self._latest
            if frame is not None and frame is not shown:
                if shown is None or shown.image.shape != frame.image.shape:
                    buffer[:] = 0  # the slate, or bars in other places
                letterbox(frame.image, width, height, out=buffer)
                shown = frame
            elif shown is not None:
                self.repeated += 1
            camera.send(buffer)
            self.sent += 1
            due = max(due + period_s, time.perf_counter() - period_s)  # no burst after a pause
            if stop.wait(max(0.0, due - time.perf_counter())):
                return


def _slate(width: int, height: int) -> Image:
    """What the camera shows before the first frame: (height, width, 3) uint8 RGB."""
    return letterbox(card("Waiting for a picture"), width, height)
