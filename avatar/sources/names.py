"""Which cameras there are, by the names their makers gave them.

On Linux the kernel is asked, elsewhere the package cv2_enumerate_cameras; neither switches a camera
on. Where that package is missing, the first few indices are tried through OpenCV, which knows no
names.
"""

import logging
import os
import platform
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from avatar.errors import SourceError
from avatar.sources.identity import PREFIX, id_of, ids, is_id, read_links
from avatar.sources.v4l2 import Capabilities, ask_driver

log = logging.getLogger(__name__)

SYSTEM = platform.system()  # Linux, Windows or Darwin
SYS = Path("/sys/class/video4linux")
DEV = Path("/dev")
_TRIED = 4  # indices tried where the system cannot be asked

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
        ids: what names this device whatever its number, best first; see
            :mod:`avatar.sources.identity`.
    """

    index: int
    name: str
    device: str = ""
    sizes: tuple[tuple[int, int], ...] = ()
    virtual: bool = False
    ids: tuple[str, ...] = ()

    @property
    def spec(self) -> str:
        """What to remember it by: its id, or its number where it has none."""
        return self.ids[0] if self.ids else str(self.index)


def cameras() -> list[CameraInfo]:
    """Every camera of this machine, by index."""
    if SYSTEM == "Linux":
        return linux_cameras(SYS, DEV, ask_driver)
    listing = _enumerator()
    if listing is not None:
        return listed_cameras(listing(backend()))
    import cv2

    cv2.setLogLevel(0)  # a number without a camera is no news
    return probed_cameras(cv2.VideoCapture)


def signs() -> tuple[str, ...] | None:
    """Something that differs once a camera was plugged in or out; cheap enough to ask every second.

    None where that cannot be told without switching cameras on.
    """
    if SYSTEM == "Linux":
        nodes = sorted(SYS.glob("video*")) if SYS.is_dir() else []
        # The node in /dev appears, or becomes ours to use, a moment after the one in /sys.
        return tuple(f"{n.name} {os.access(DEV / n.name, os.R_OK | os.W_OK)}" for n in nodes)
    listing = _enumerator()
    if listing is None:
        return None
    return tuple(f"{entry.index} {entry.name} {entry.path}" for entry in listing(backend()))


def find_camera(text: str, found: list[CameraInfo]) -> CameraInfo | None:
    """The camera that an index, a device path, an id or a (part of a) name means; None without one.

    A whole name wins over a part of one. A device path may be a link (``/dev/v4l/by-id/...``).

    Raises:
        SourceError: a part of a name that fits several cameras.
    """
    text = text.strip()
    if text.isdecimal():
        return next((c for c in found if c.index == int(text)), None)
    if is_id(text):
        wanted = id_of(text)
        known = next((c for c in found if wanted in c.ids), None)
        if known is not None or text.startswith(PREFIX):
            return known
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
                name=_tidy(name) or node.name,
                device=str(device),
                sizes=said.sizes if said else (),
                virtual=said is not None and "loopback" in said.driver.lower(),
            )
        )
    links = read_links(sys_root, dev_root, [Path(camera.device).name for camera in found])
    known = ids(links, {Path(camera.device).name: camera.name for camera in found})
    found = [replace(camera, ids=known[Path(camera.device).name]) for camera in found]
    return sorted(found, key=lambda camera: camera.index)


def _tidy(name: str) -> str:
    """A name without its repetition: USB cameras are called "Webcam: Webcam" and the like."""
    first, _, again = name.partition(": ")
    return first if again and first.startswith(again.strip()) else name


def listed_cameras(entries: Iterable[Any]) -> list[CameraInfo]:
    """Cameras of Windows and macOS, as cv2_enumerate_cameras lists them.

    Args:
        entries: each has ``index``, ``name`` and ``path`` (the system's unique name of the device).
    """
    entries = list(entries)
    same_name = Counter(entry.name for entry in entries)
    found = []
    for entry in entries:
        own = [entry.path] if entry.path else []
        own += [f"name:{entry.name}"] if same_name[entry.name] < 2 else []
        found.append(
            CameraInfo(
                index=entry.index,
                name=entry.name or f"Camera {entry.index}",
                virtual="virtual" in entry.name.lower(),
                ids=tuple(PREFIX + text for text in own),
            )
        )
    return sorted(found, key=lambda camera: camera.index)


def labels(found: list[CameraInfo]) -> list[str]:
    """What to call each camera: its name, with its number where another has the same."""
    same = Counter(camera.name for camera in found)
    return [
        camera.name if same[camera.name] < 2 else f"{camera.name} ({camera.index})"
        for camera in found
    ]


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


def _enumerator() -> Callable[[int], list[Any]] | None:
    try:
        from cv2_enumerate_cameras import enumerate_cameras
    except ImportError:
        return None
    listing: Callable[[int], list[Any]] = enumerate_cameras
    return listing


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
