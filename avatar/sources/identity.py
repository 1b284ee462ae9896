"""Identity: what stays the same about a camera when its number changes.

On Linux, best first: the name udev gives it (``/dev/v4l/by-id``: maker, model, serial number), the
socket it is plugged into (``/dev/v4l/by-path``), and what USB says about it where there is no udev
(containers). Two cameras of one model without serial numbers are told apart by their sockets alone.

An id is written ``id:<text>``. It names a device, so it may be stored; a number may not.
"""

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

PREFIX = "id:"
"""What an id begins with wherever a camera may be named."""


@dataclass(frozen=True, slots=True)
class Links:
    """What udev and USB know about one device node.

    Attributes:
        by_id, by_path: names of its links in those folders; empty where there are none.
        usb: "vendor:product:serial:interface" in lower-case hexadecimal, as far as known.
    """

    by_id: str = ""
    by_path: str = ""
    usb: str = ""


def is_id(text: str) -> bool:
    """Whether a camera's name is an id, or a link that udev makes for one."""
    return text.startswith((PREFIX, "/dev/v4l/"))


def id_of(text: str) -> str:
    """The id that is meant: ``/dev/v4l/by-id/usb-x`` is ``id:usb-x``."""
    return PREFIX + text.rpartition("/")[2] if text.startswith("/dev/v4l/") else text


def spoken_id(text: str) -> str:
    """An id as a name for people: ``id:usb-Logitech_C920_AB12-video-index0`` is Logitech C920."""
    name = id_of(text).removeprefix(PREFIX).removeprefix("name:")
    name = re.sub(r"-video-index\d+$", "", re.sub(r"^usb-", "", name))
    words = name.split("_")
    if len(words) > 1 and words[0] == words[1]:  # the maker, repeated in the model's name
        del words[0]
    if len(words) > 1 and re.fullmatch(r"(?=.*\d)[0-9A-Za-z.:-]{6,}", words[-1]):
        del words[-1]  # the serial number
    return " ".join(words).strip() or text


def read_links(sys_root: Path, dev_root: Path, nodes: list[str]) -> dict[str, Links]:
    """What is known about device nodes ("video0").

    Args:
        sys_root: ``/sys/class/video4linux``.
        dev_root: ``/dev``.
        nodes: their names.
    """
    by_id = _targets(dev_root / "v4l" / "by-id")
    by_path = _targets(dev_root / "v4l" / "by-path")
    return {
        node: Links(by_id.get(node, ""), by_path.get(node, ""), _usb(sys_root / node))
        for node in nodes
    }


def ids(links: dict[str, Links], names: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Every id of every node, best first.

    Args:
        links: of every camera that is there, by node.
        names: of the same, as makers call them; an unmistakable one is the last resort.
    """
    same_usb = Counter(link.usb for link in links.values() if link.usb)
    same_name = Counter(names.values())
    found = {}
    for node, link in links.items():
        own = []
        if same_usb[link.usb] < 2:  # of twins udev links only one, and it may be either
            own += [link.by_id, link.by_path, link.usb]
        else:
            own += [link.by_path]
        if same_name[names[node]] < 2:
            own += [f"name:{names[node]}"]
        found[node] = tuple(PREFIX + text for text in own if text)
    return found


def _targets(folder: Path) -> dict[str, str]:
    """Name of the node to name of the link, for every link of a folder."""
    found: dict[str, str] = {}
    try:
        links = sorted(folder.iterdir())
    except OSError:  # no udev, no camera
        return found
    for link in links:
        found.setdefault(os.path.basename(os.path.realpath(link)), link.name)
    return found


def _usb(node: Path) -> str:
    """What USB says: the interface's folder is ``device``, the camera's the one above it."""
    interface = Path(os.path.realpath(node / "device"))
    device = interface.parent
    vendor, product = _word(device / "idVendor"), _word(device / "idProduct")
    if not (vendor and product):
        return ""
    words = (vendor, product, _word(device / "serial"), _word(interface / "bInterfaceNumber"))
    return ":".join((*words, _word(node / "index"))).lower()


def _word(path: Path) -> str:
    try:
        return "_".join(path.read_text(errors="replace").split())
    except OSError:
        return ""
