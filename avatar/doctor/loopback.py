"""What the process of the virtual camera check does: send a pattern and, on Linux, read it back."""

import platform
from collections.abc import Callable
from time import monotonic, monotonic_ns, sleep
from typing import Any

from avatar.doctor.pattern import pattern, verdict
from avatar.errors import SourceError
from avatar.frame import Frame
from avatar.sinks.virtualcam import HD, VirtualCamera
from avatar.sources.base import Source

READ_S = 4.0
BEGIN_S = 2.0


def send_and_read() -> dict[str, Any]:
    """Open the first free virtual camera; see :func:`tried`.

    Raises:
        SinkError: it cannot be opened.
    """
    from avatar.sources.camera import CameraSource

    return tried(VirtualCamera(), CameraSource if platform.system() == "Linux" else None)


def tried(
    camera: VirtualCamera,
    reader: Callable[[str], Source] | None,
    clock: Callable[[], float] = monotonic,
) -> dict[str, Any]:
    """Send the pattern and read it back as another program would.

    Args:
        camera: not open.
        reader: makes the source that reads a device; None where the system cannot read it back.
        clock: seconds, monotonic.

    Returns:
        device; seen: see :func:`~avatar.doctor.pattern.verdict`, empty where it was not read back;
        why: the reason that it could not be read.

    Raises:
        SinkError: the camera cannot be opened, or was lost.
    """
    camera.open()
    try:
        frame = Frame(pattern(*HD), 0, monotonic_ns())
        camera.write(frame)
        _begun(camera)
        told: dict[str, Any] = {"device": camera.device, "seen": "", "why": ""}
        if reader is not None and camera.device:
            try:
                told["seen"] = _read(camera, frame, reader(camera.device), clock)
            except SourceError as error:
                told["why"] = error.message
        return told
    finally:
        camera.close()


def _begun(camera: VirtualCamera) -> None:
    """Wait for the first picture: a loopback with exclusive_caps is no camera before."""
    end = monotonic() + BEGIN_S
    while not camera.sent and monotonic() < end:
        sleep(0.01)


def _read(camera: VirtualCamera, frame: Frame, source: Source, clock: Callable[[], float]) -> str:
    """The last verdict before time is up, or the first good one: the slate comes first."""
    seen = "another picture"
    try:
        source.open()
        end = clock() + READ_S
        while clock() < end:
            camera.write(frame)
            got = source.read()
            if got is None:
                break
            seen = verdict(got.image)
            if seen != "another picture":
                break
    finally:
        source.close()
    return seen
