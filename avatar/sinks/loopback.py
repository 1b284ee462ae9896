"""Loopback devices of Linux, and which of them nobody writes to.

pyvirtualcam finds that out by opening every camera of the machine, leaves open what it does not
take, and calls a device that is in use "not a video output device". So the driver is asked first.
"""

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from avatar.errors import SinkError
from avatar.sinks.device import BUSY, device_path, same_device
from avatar.sources.v4l2 import Capabilities, ask_driver

log = logging.getLogger(__name__)

_STREAMON = 0x40045612
_VIDEO_OUTPUT = (2).to_bytes(4, "little")  # V4L2_BUF_TYPE_VIDEO_OUTPUT

_SYS = Path("/sys/class/video4linux")
_DEV = Path("/dev")

Ask = Callable[[Path], "Capabilities | None"]


def loopbacks(
    sys_root: Path = _SYS, dev_root: Path = _DEV, ask: Ask = ask_driver
) -> dict[str, Capabilities]:
    """What v4l2loopback says of its devices, by path, in the order of their numbers.

    Real cameras are not touched: those hang below a bus. Devices that this user may not use are
    left out.
    """
    found = {}
    nodes = [n for n in sys_root.glob("video*") if "/virtual/" in str(n.resolve())]
    for node in sorted(nodes, key=lambda n: (len(n.name), n.name)):
        device = dev_root / node.name
        said = ask(device)
        if said is not None and "loopback" in said.driver.lower():
            found[str(device)] = said
    return found


def give_back(device: str, ask: Ask = ask_driver) -> None:
    """Have a loopback device take pictures again, now that nobody sends any to it.

    v4l2loopback 0.12.7 (Debian 12) forgets on closing that somebody wrote to it, as pyvirtualcam
    does: loaded with exclusive_caps it would never again be opened for writing until the module is
    loaded anew. It remembers those that stream; so one does, for a moment. Newer versions take
    pictures again by themselves, and are left alone.
    """
    import fcntl

    said = ask(Path(device))
    if said is None or said.output or "loopback" not in said.driver.lower():
        return
    try:
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        log.debug("%s cannot be given back: %s", device, error)
        return
    try:
        fcntl.ioctl(handle, _STREAMON, _VIDEO_OUTPUT)
    except OSError as error:  # without buffers it is refused, and remembered all the same
        log.debug("%s: %s", device, error)
    finally:
        os.close(handle)


def woken(
    find: Callable[[], dict[str, Capabilities]] = loopbacks,
    wake: Callable[[str], None] = give_back,
) -> dict[str, Capabilities]:
    """As :func:`loopbacks`, after :func:`give_back` for those that neither give nor take pictures:
    whoever wrote to them has crashed, or did not know."""
    found = find()
    asleep = [path for path, said in found.items() if not (said.output or said.capture)]
    for path in asleep:
        wake(path)
    return find() if asleep else found


def free_device(
    wanted: str | None,
    taken: str | int | None,
    found: Mapping[str, Capabilities],
) -> str | None:
    """The device to write to; None where none is known, so that opening one has to tell why.

    Loaded with exclusive_caps, a device takes pictures only while nobody sends any to it.

    Args:
        wanted: the one asked for, by path, number or name; None: any.
        taken: the camera that drives the avatar.
        found: see :func:`loopbacks`.

    Raises:
        SinkError: another program sends to it, or to all of them.
    """
    if wanted is not None:
        path = device_path(wanted)
        if path in found and not found[path].output:
            raise SinkError(
                f"The virtual camera cannot be opened: another program sends to {path}.", hint=BUSY
            )
        return path
    for path, said in found.items():
        if said.output and not (taken is not None and same_device(path, taken)):
            return path
    if found:
        raise SinkError(
            f"The virtual camera cannot be opened: {', '.join(found)} "
            f"{'is' if len(found) == 1 else 'are'} in use.",
            hint=f"{BUSY} v4l2loopback makes more of them: load it with devices=2.",
        )
    return None
