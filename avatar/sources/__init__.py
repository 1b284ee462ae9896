"""Where driving frames come from: cameras, files, and a synthetic face."""

from pathlib import Path

from avatar.errors import SourceError
from avatar.sources.base import Source
from avatar.sources.identity import PREFIX

__all__ = ["SYNTHETIC", "Source", "open_source"]

SYNTHETIC = "synthetic"


def open_source(
    spec: str,
    *,
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    loop: bool = False,
    paced: bool = True,
) -> Source:
    """Make the source that ``spec`` names; the thread that is going to read it opens it.

    Args:
        spec: ``"synthetic"``; a camera's index (``"0"``), device (``"/dev/video0"``), id
            (``"id:usb-..."``) or name, whole or in part; or the path of a video or picture.
        size: (width, height) px asked of a camera; it may deliver another one.
        fps: frames per second asked of a camera, or at which a picture is repeated.
        loop: begin a file again at its end.
        paced: a file gives its frames in real time (live); False gives every frame as it is asked.

    Raises:
        SourceError: it is none of these.
        InputError: it is a file that cannot be read, or an empty one.
    """
    text = spec.strip()
    if text.lower() == SYNTHETIC:
        from avatar.sources.synthetic import SyntheticSource

        return SyntheticSource(paced=paced, fps=fps)
    if text.isdecimal() or text.startswith(("/dev/", PREFIX)):
        return _camera(text, size, fps)
    path = Path(text).expanduser()
    if path.exists():
        from avatar.sources.file import FileSource

        return FileSource(path, loop=loop, paced=paced, fps=fps)
    from avatar.sources.names import cameras

    found = cameras()
    if any(text.lower() in camera.name.lower() for camera in found):
        return _camera(text, size, fps)
    have = ", ".join(f"{c.index} ({c.name})" for c in found) or "none"
    if path.suffix or path.name != text:
        raise SourceError(
            f"No such file: {spec}.", hint="Check the path of the driving video or picture."
        )
    raise SourceError(
        f"{spec!r} is neither a camera nor a file; cameras here: {have}.",
        hint="Give a camera's number or name (avatar cameras lists them), a video file, or "
        "'synthetic'.",
    )


def _camera(text: str, size: tuple[int, int] | None, fps: float | None) -> Source:
    from avatar.sources.camera import CameraSource

    return CameraSource(text, size=size, fps=fps)
