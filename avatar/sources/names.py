"""Which cameras there are, by the names their makers gave them.

On Linux the kernel is asked (no camera is switched on); elsewhere the first few indices are tried
through OpenCV, which knows no names.
"""

import logging
import os
import platform
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avatar.errors import SourceError

log = logging.getLogger(__name__)

SYSTEM = platform.system()  # Linux, Windows or Darwin
SYS = Path("/sys/class/video4linux")
DEV = Path("/dev")
_TRIED = 4  # indices tried where the system cannot be asked

# videodev2.h
_QUERYCAP = 0x80685600
_ENUM_FMT = 0xC0405602
_ENUM_FRAMESIZES = 0xC02C564A
_CAPTURE = 0x1 | 0x1000  # V4L2_CAP_VIDEO_CAPTURE, _MPLANE
_DEVICE_CAPS = 0x80000000
_DISCRETE = 1

Ask = Callable[[Path], "Capabilities | None"]


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera.

    Attributes:
        index: number OpenCV opens it by.
        name: as the maker or the system calls it.
        device: path on Linux, empty elsewhere.
        sizes: (width, height) px it offers, largest first; empty when unknown.
        virtual: True for a virtual camera (v4l2loopback), which may be our own output.
    """

    index: int
    name: str
    device: str = ""
    sizes: tuple[tuple[int, int], ...] = ()
    virtual: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the Linux driver says about a device node."""

    driver: str
    capture: bool
    sizes: tuple[tuple[int, int], ...]


def cameras() -> list[CameraInfo]:
    """Every camera of this machine, by index."""
    if SYSTEM == "Linux":
        return linux_cameras(SYS, DEV, ask_driver)
    import cv2

    cv2.setLogLevel(0)  # a number without a camera is no news
    return probed_cameras(cv2.VideoCapture)


def find_camera(text: str, found: list[CameraInfo]) -> CameraInfo | None:
    """The camera that an index, a device path or a (part of a) name means; None when there is none.

    A whole name wins over a part of one. A device path may be a link (``/dev/v4l/by-id/...``).

    Raises:
        SourceError: a part of a name that fits several cameras.
    """
    text = text.strip()
    if text.isdecimal():
        return next((c for c in found if c.index == int(text)), None)
    if text.startswith("/dev/"):
        device = os.path.realpath(text)
        return next((c for c in found if c.device in (text, device)), None)
    wanted = text.lower()
    exact = [c for c in found if c.name.lower() == wanted]
    fitting = exact or [c for c in found if wanted in c.name.lower()]
    if len(fitting) > 1:
        raise SourceError(
            f"{text!r} fits {len(fitting)} cameras: "
            + ", ".join(f"{c.index} ({c.name})" for c in fitting)
            + ".",
            hint="Give the number of the one you mean.",
        )
    return fitting[0] if fitting else None


def linux_cameras(sys_root: Path, dev_root: Path, ask: Ask) -> list[CameraInfo]:
    """Cameras the kernel lists; nodes that only carry metadata are left out."""
    found = []
    for node in sys_root.glob("video*") if sys_root.is_dir() else ():
        number = node.name.removeprefix("video")
        if not number.isdecimal():
            continue
        try:
            name = (node / "name").read_text(errors="replace").strip()
        except OSError as error:  # unplugged this moment
            log.debug("%s has no name: %s", node, error)
            continue
        device = dev_root / node.name
        said = ask(device)
        if said is not None and not said.capture:
            continue
        found.append(
            CameraInfo(
                index=int(number),
                name=name or node.name,
                device=str(device),
                sizes=said.sizes if said else (),
                virtual=said is not None and "loopback" in said.driver.lower(),
            )
        )
    return sorted(found, key=lambda camera: camera.index)


def probed_cameras(capture: Callable[[int, int], Any]) -> list[CameraInfo]:
    """Cameras found by opening one index after the other."""
    found = []
    for index in range(_TRIED):
        device = capture(index, backend())
        try:
            if device.isOpened():
                size = (int(device.get(3)), int(device.get(4)))  # CAP_PROP_FRAME_WIDTH, _HEIGHT
                found.append(CameraInfo(index, f"Camera {index}", sizes=(size,)))
        finally:
            device.release()
    return found


def backend() -> int:
    """The OpenCV capture backend for this system."""
    import cv2

    if SYSTEM == "Linux":
        return cv2.CAP_V4L2
    if SYSTEM == "Windows":
        return cv2.CAP_DSHOW  # Media Foundation takes many seconds to open some cameras
    if SYSTEM == "Darwin":
        return cv2.CAP_AVFOUNDATION
    return cv2.CAP_ANY


def ask_driver(device: Path) -> Capabilities | None:
    """Ask a video4linux driver; None when it may not be asked. Does not switch the camera on."""
    import fcntl

    try:
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        log.debug("%s cannot be asked: %s", device, error)
        return None
    try:
        said = bytearray(104)
        fcntl.ioctl(handle, _QUERYCAP, said)
        driver = bytes(said[:16]).split(b"\0")[0].decode(errors="replace")
        everything, this_node = struct.unpack_from("<II", said, 84)[0:2]
        flags = this_node if everything & _DEVICE_CAPS else everything
        capture = bool(flags & _CAPTURE)
        return Capabilities(driver, capture, _sizes(handle) if capture else ())
    except OSError as error:
        log.debug("%s does not answer: %s", device, error)
        return None
    finally:
        os.close(handle)


def _sizes(handle: int) -> tuple[tuple[int, int], ...]:
    import fcntl

    sizes: set[tuple[int, int]] = set()
    for fmt_index in range(32):
        fmt = bytearray(struct.pack("<II", fmt_index, 1).ljust(64, b"\0"))
        try:
            fcntl.ioctl(handle, _ENUM_FMT, fmt)
        except OSError:  # past the last format
            break
        (pixel_format,) = struct.unpack_from("<I", fmt, 44)
        for index in range(64):
            entry = bytearray(struct.pack("<II", index, pixel_format).ljust(44, b"\0"))
            try:
                fcntl.ioctl(handle, _ENUM_FRAMESIZES, entry)
            except OSError:  # past the last size
                break
            kind, *words = struct.unpack_from("<I6I", entry, 8)
            if kind == _DISCRETE:
                sizes.add((words[0], words[1]))
            else:  # a range of widths and of heights (least, most, step): its largest
                sizes.add((words[1], words[4]))
                break
    return tuple(sorted(sizes, key=lambda size: (-size[0] * size[1], size)))
