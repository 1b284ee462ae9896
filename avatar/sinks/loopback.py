"""Loopback devices of Linux, and which of them nobody writes to.

pyvirtualcam finds that out by opening every camera of the machine, leaves open what it does not
take, and calls a device that is in use "not a video output device". So the driver is asked first.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from avatar.errors import SinkError
from avatar.sinks.device import BUSY, device_path, same_device
from avatar.sources.v4l2 import Capabilities, ask_driver

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
