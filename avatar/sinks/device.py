"""Virtual camera devices: how they are called, and what to do when there is none."""

import os
import platform
from pathlib import Path

from avatar.errors import SinkError

_V4L2 = Path("/sys/class/video4linux")
_MODPROBE = 'sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label="Avatar Camera"'
_OBS = (
    "Install OBS Studio (https://obsproject.com), press Start Virtual Camera in it once, "
    "then Stop Virtual Camera, close OBS and start the virtual camera here again."
)
_DRIVER = {
    "Linux": f"Run: sudo apt install v4l2loopback-dkms && {_MODPROBE}",
    "Windows": _OBS,
    "Darwin": f"{_OBS} macOS asks once to allow the camera extension in System Settings.",
}

BUSY = "Close the other program that sends to it, or choose another device."


def device_path(device: str | int) -> str:
    """How the driver calls a camera: on Linux 0, "0" and its name become "/dev/video0".

    Elsewhere, and for unknown names, the text as it is.
    """
    text = str(device)
    if platform.system() != "Linux":
        return text
    if text.isdigit():
        return f"/dev/video{text}"
    if text.startswith("/"):
        return os.path.realpath(text)
    for entry in sorted(_V4L2.glob("video*/name")):
        try:
            if entry.read_text().strip().casefold() == text.casefold():
                return f"/dev/{entry.parent.name}"
        except OSError:  # unplugged between listing and reading
            continue
    return text


def same_device(one: str | int, other: str | int) -> bool:
    """Whether two spellings name the same camera."""
    return device_path(one).casefold() == device_path(other).casefold()


def refused(reason: str, device: str | None, system: str) -> SinkError:
    """The error for a device that did not open: the driver's reason, and what to do about it."""
    reason = " ".join(reason.split())
    low = reason.lower()
    hint = driver_hint(system)
    if "permission" in low:
        hint = "Run: sudo usermod -a -G video $USER, then log out and in again."
    elif "busy" in low or "in use" in low:
        hint = BUSY
    elif system == "Linux" and device is not None and (path := device_path(device))[-1:].isdigit():
        number = path[len(path.rstrip("0123456789")) :]
        hint = f"Leave the device out to take the first one, or give it this number. {hint}"
        hint = f"{hint} video_nr={number}"
    return SinkError(f"The virtual camera cannot be opened: {reason.rstrip('.')}.", hint=hint)


def driver_hint(system: str) -> str:
    """How to get a virtual camera driver; ``system`` as ``platform.system()`` says it."""
    return _DRIVER.get(system, f"No virtual camera is known for {system}; record to a file.")
