"""Every camera: whether it opens, its measured rate, a black picture, who holds it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from avatar.doctor.apart import Apart
from avatar.doctor.finding import Finding, Status, failure
from avatar.errors import AvatarError, Cancelled
from avatar.sources.denial import why_none
from avatar.sources.names import CameraInfo, cameras

CAMERA_S = 20.0
POOR = 0.75
"""Of the rate promised; cameras in poor light give a half, exposing twice as long."""
BLACK = 10.0
FLAT = 4.0
"""Mean and standard deviation, of 255, below which a picture shows nothing: a shutter or a lid."""


def check(apart: Apart, listed: Callable[[], list[CameraInfo]] = cameras) -> Iterator[Finding]:
    """A finding for every camera; virtual ones are only named, since they show what is sent."""
    found = listed()
    if not found:
        yield Finding(
            "cameras",
            Status.WARNING,
            "No camera was found.",
            " ".join(("Plug one in.", why_none())).strip(),
        )
    for camera in found:
        name = f"camera {camera.index}"
        where = f"{camera.name} ({camera.device or camera.index})"
        if camera.virtual:
            yield Finding(name, Status.SKIPPED, f"{where} is a virtual camera.")
            continue
        try:
            told = apart.ask("avatar.doctor.look:open_camera", str(camera.index), limit_s=CAMERA_S)
        except Cancelled:
            raise
        except AvatarError as error:
            yield failure(name, error)
        else:
            yield judged(name, where, told)


def judged(name: str, where: str, told: Mapping[str, Any]) -> Finding:
    """The finding about a camera that opened; ``told`` as avatar/doctor/look.py tells it."""
    width, height = told["size"]
    fps = told.get("fps")
    rate = "an unknown rate" if fps is None else f"{fps:.0f} fps"
    found = f"{where} gives {width}x{height} at {rate}, it says {told['promised_fps']:.0f}"
    if told.get("brightness", BLACK) < BLACK and told.get("contrast", FLAT) < FLAT:
        return Finding(
            name,
            Status.WARNING,
            f"{found}; its picture is black.",
            "Open its privacy shutter or lid; some keyboards have a key that blinds it.",
            told,
        )
    if fps is not None and fps < POOR * told["promised_fps"]:
        return Finding(
            name,
            Status.WARNING,
            f"{found}: far fewer.",
            "Give it more light: in the dark it exposes for longer. Or plug it in without a hub.",
            told,
        )
    return Finding(name, Status.OK, f"{found}.", details=told)
