"""Why a camera that is there gives nothing, or why there is none, and the cure for this system."""

import os
from pathlib import Path

from avatar.errors import SourceError, SourceLost, SourceRefused
from avatar.sources.names import SYSTEM, CameraInfo

ROOT = Path("/")

_PRIVACY = {
    "Darwin": "x-apple.systempreferences:com.apple.preference.security?Privacy_Camera",
    "Windows": "ms-settings:privacy-webcam",
}
"""Where the system's settings say who may use the camera."""

_NOT_ALLOWED = {
    "Darwin": "Allow this program under System Settings > Privacy & Security > Camera, start it "
    "again, and close other programs that use the camera.",
    "Windows": "Turn on Settings > Privacy & security > Camera > Let desktop apps access your "
    "camera, and close other programs that use the camera (Teams, Zoom, a browser tab).",
}
_BOXES = {
    "flatpak": "This program runs in a Flatpak: allow it devices with "
    "flatpak override --user --device=all and its name, then start it again.",
    "snap": "This program runs in a snap: connect its camera plug with "
    "sudo snap connect and its name followed by :camera.",
    "wsl": "This is Linux under Windows (WSL), which has no cameras: pass one on with usbipd-win, "
    "or run this program on Windows.",
    "container": "This is a container: start it with --device /dev/video0 and --group-add video.",
}


def no_picture(info: CameraInfo | None, name: str) -> SourceError:
    """A camera that lets itself be opened and gives nothing."""
    program = holder(info.device) if info is not None and info.device else ""
    if program:
        return _busy(name, program)
    hint = "Check its privacy shutter, close other programs that use it, or plug it in again."
    return SourceRefused(
        f"{name} was opened but gives no picture.",
        hint=" ".join((hint, _NOT_ALLOWED.get(SYSTEM, ""))).strip(),
        cause="silent",
        settings=_PRIVACY.get(SYSTEM, ""),
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
            return SourceRefused(
                f"{name} may not be used by this user.",
                hint=_BOXES.get(surroundings(), "") or _join_group(info.device),
                cause="forbidden",
            )
        return _busy(name, holder(info.device), info.device)
    return SourceRefused(
        f"{name} cannot be opened; it is busy or not allowed.",
        hint=_NOT_ALLOWED.get(SYSTEM, "Close other programs that use the camera."),
        cause="unknown",
        settings=_PRIVACY.get(SYSTEM, ""),
    )


def why_none() -> str:
    """Why no camera may be found although one is plugged in; empty where nothing is known."""
    if SYSTEM in _PRIVACY:
        return _NOT_ALLOWED[SYSTEM]
    return _BOXES.get(surroundings(), "")


def surroundings(root: Path | None = None) -> str:
    """What this program runs in: "flatpak", "snap", "wsl", "container", or "" for a plain system.

    Args:
        root: of the file system; tests put another one here.
    """
    if SYSTEM != "Linux":
        return ""
    top = ROOT if root is None else root
    if (top / ".flatpak-info").exists():
        return "flatpak"
    if __file__.startswith("/snap/"):
        return "snap"
    try:
        kernel = (top / "proc/sys/kernel/osrelease").read_text(errors="replace").lower()
    except OSError:
        kernel = ""
    if "microsoft" in kernel:
        return "wsl"
    boxed = (top / ".dockerenv").exists() or (top / "run/.containerenv").exists()
    return "container" if boxed else ""


def holder(device: str, proc: Path | None = None) -> str:
    """The program of this user that has the device open, as far as Linux lets us see.

    Args:
        device: ``/dev/video0``.
        proc: where processes are listed; tests put another folder here.
    """
    own = str(os.getpid())
    for folder in (ROOT / "proc" if proc is None else proc).glob("[0-9]*"):
        if folder.name == own:
            continue
        try:
            if any(os.readlink(link) == device for link in (folder / "fd").iterdir()):
                return f"{(folder / 'comm').read_text().strip()} (process {folder.name})"
        except OSError:  # another user's process, or gone by now
            continue
    return ""


def _busy(name: str, program: str, device: str = "") -> SourceRefused:
    by = f" by {program}" if program else ", most likely by another program"
    hint = "Close the program that uses the camera (a call, a browser tab), then try again."
    if device and not program:  # someone else's: only the administrator may look
        hint += f" sudo fuser -v {device} tells which one it is."
    return SourceRefused(f"{name} is in use{by}.", hint=hint, cause="busy")


def _join_group(device: str) -> str:
    """How to get into the group that may use the device."""
    group, member = _group_of(device)
    if member:
        return f"You were added to the group {group} since you logged in: log out and in again."
    return f"Run: sudo usermod -aG {group} $USER   and log in again."


def _group_of(device: str) -> tuple[str, bool]:
    """The device's group, and whether this user has been put into it without it counting yet."""
    try:
        import grp
        import pwd

        entry = grp.getgrgid(os.stat(device).st_gid)
        user = pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, OSError, KeyError):
        return "video", False
    if entry.gr_name == "root":  # udev's rules have not run: the group it would have
        return "video", False
    return entry.gr_name, user in entry.gr_mem and entry.gr_gid not in os.getgroups()
