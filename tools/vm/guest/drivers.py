"""Kernel modules: v4l2loopback as our README says, or otherwise; vivid, the kernel's own camera."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

WEBCAM = "/dev/video0"
AVATAR = "/dev/video1"
VIVID = "/dev/video2"

LABELS = "Loopback Webcam,Avatar Camera"


def load_loopback(exclusive: bool = True) -> None:
    """Two loopback devices: one to be fed as a webcam, one for the avatar."""
    caps = "1,1" if exclusive else "0,0"
    _run(
        *("modprobe", "v4l2loopback", "devices=2", "video_nr=0,1"),
        *(f"exclusive_caps={caps}", f"card_label={LABELS}"),
    )
    settle(WEBCAM, AVATAR)


def unload_loopback() -> None:
    """Take them away; nobody may have one open."""
    _run("modprobe", "-r", "v4l2loopback")


def unload_all() -> None:
    """Take away whatever of it is loaded; what is still in use stays, and is said."""
    for module in ("v4l2loopback", "vivid"):
        if not Path(f"/sys/module/{module}").exists():
            continue
        try:
            _run("modprobe", "-r", module)
        except RuntimeError as error:
            print(f"vm: {error}", flush=True)


def load_vivid() -> None:
    """A camera that no program feeds: the kernel's own test driver, capture only."""
    _run("modprobe", "vivid", "n_devs=1", "node_types=0x1", "vid_cap_nr=2")
    settle(VIVID)


def settle(*devices: str) -> None:
    """Wait until udev has given the devices their group."""
    _run("udevadm", "settle", "--timeout=30")
    if not all(Path(device).exists() for device in devices):
        raise RuntimeError(
            f"expected {', '.join(devices)}, got {list(Path('/dev').glob('video*'))}"
        )


def until(what: Callable[[], bool], limit_s: float, every_s: float = 0.25) -> bool:
    """Whether ``what`` came true within the time."""
    end = monotonic() + limit_s
    while not (true := what()) and monotonic() < end:
        sleep(every_s)
    return true


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
