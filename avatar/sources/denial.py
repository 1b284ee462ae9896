"""Why a camera that is there gives nothing, and the cure for the system at hand."""

import os
from pathlib import Path

from avatar.errors import SourceError, SourceLost
from avatar.sources.names import SYSTEM, CameraInfo


def no_picture(info: CameraInfo | None, name: str) -> SourceError:
    """A camera that lets itself be opened and gives nothing."""
    program = holder(info.device) if info is not None and info.device else ""
    if program:
        return _busy(name, program)
    return SourceError(
        f"{name} was opened but gives no picture.",
        hint="Check its privacy shutter, close other programs that use it, or plug it in again.",
    )


def why_not(info: CameraInfo) -> SourceError:
    """The reason why a camera that is there cannot be opened, and the cure for this system."""
    name = f"{info.name} ({info.device or info.index})"
    if info.device:
        if not os.path.exists(info.device):
            return SourceLost(
                f"{name} has been unplugged.", hint="Plug it in again; it is picked up by itself."
            )
        if not os.access(info.device, os.R_OK | os.W_OK):
            return SourceError(
                f"{name} may not be used by this user.",
                hint="Run: sudo usermod -aG video $USER   and log in again.",
            )
        return _busy(name, holder(info.device))
    if SYSTEM == "Darwin":
        hint = (
            "Allow this program under System Settings > Privacy & Security > Camera, and close "
            "other programs that use the camera."
        )
    elif SYSTEM == "Windows":
        hint = (
            "Allow desktop apps under Settings > Privacy & security > Camera, and close other "
            "programs that use the camera."
        )
    else:
        hint = "Close other programs that use the camera."
    return SourceError(f"{name} cannot be opened; it is busy or not allowed.", hint=hint)


def _busy(name: str, program: str) -> SourceError:
    by = f" by {program}" if program else ", most likely by another program"
    return SourceError(
        f"{name} is in use{by}.",
        hint="Close the program that uses the camera (a call, a browser tab), then try again.",
    )


def holder(device: str) -> str:
    """The program of this user that has the device open, as far as Linux lets us see."""
    own = str(os.getpid())
    for folder in Path("/proc").glob("[0-9]*"):
        if folder.name == own:
            continue
        try:
            if any(os.readlink(link) == device for link in (folder / "fd").iterdir()):
                return f"{(folder / 'comm').read_text().strip()} (process {folder.name})"
        except OSError:  # another user's process, or gone by now
            continue
    return ""
