"""Whether this machine has a virtual camera driver, told without opening anything."""

import importlib.util
import platform
import sys
from pathlib import Path

from avatar.errors import SinkError
from avatar.sinks.device import driver_hint

_V4L2 = Path("/sys/class/video4linux")
_MAC = (
    Path("/Applications/OBS.app"),
    Path("/Library/CoreMediaIO/Plug-Ins/DAL/obs-mac-virtualcam.plugin"),
)
_WINDOWS = (
    r"SOFTWARE\Classes\CLSID\{A3FCE0F5-3493-419F-958A-ABA1250EC20B}",  # OBS
    r"SOFTWARE\Classes\CLSID\{5C2CD55C-92AD-4999-8666-912BD3E70010}",  # Unity Capture
)


def lacking() -> SinkError | None:
    """What a virtual camera needs and this machine has not, with what to do; None = it has all.

    Whether a device can be opened is only known by opening it: it may be busy, or forbidden.
    """
    system = platform.system()
    if importlib.util.find_spec("pyvirtualcam") is None:
        return SinkError(
            "The virtual camera needs the Python package pyvirtualcam.",
            hint=f"Run: pip install pyvirtualcam. It also needs a driver. {driver_hint(system)}",
        )
    if not _has_driver(system):
        return SinkError("No virtual camera driver is installed.", hint=driver_hint(system))
    return None


def _has_driver(system: str) -> bool:
    if system == "Linux":  # loopback devices hang below no bus
        return any("/virtual/" in str(path.resolve()) for path in _V4L2.glob("video*"))
    if system == "Darwin":
        return any(path.exists() for path in _MAC)
    if sys.platform == "win32":
        import winreg

        for key in _WINDOWS:
            try:
                winreg.CloseKey(winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key))
                return True
            except OSError:
                continue
    return False
