"""What the processes of the camera and of the face check do: look at pictures."""

from collections.abc import Callable
from time import monotonic, perf_counter
from typing import Any

from avatar.sources.base import Source

LOOK_S = 2.0
SETTLE_S = 0.7
"""The first pictures of most cameras are dark: exposure is still being found."""


def open_camera(spec: str) -> dict[str, Any]:
    """Look at the camera of this spec; see :func:`look_at`.

    Raises:
        SourceError: it cannot be opened; says which program has it, where the system tells.
    """
    from avatar.sources.camera import CameraSource

    return look_at(CameraSource(spec))


def look_at(source: Source, clock: Callable[[], float] = monotonic) -> dict[str, Any]:
    """Open a source, watch it for :data:`LOOK_S` seconds, close it.

    Returns:
        name, size (width, height), promised_fps, fps as measured after it has settled, brightness
        and contrast of the last picture: mean and standard deviation of its values in [0, 255].

    Raises:
        SourceError: it cannot be opened, or stopped.
    """
    try:
        source.open()
        began = clock()
        seen: dict[int, int] = {}  # index -> time: a picture given twice counts once
        frame = source.read()
        while frame is not None and clock() - began < LOOK_S:
            if clock() - began >= SETTLE_S:
                seen.setdefault(frame.index, frame.t_ns)
            frame = source.read() or frame
        times = sorted(seen.values())
        span_s = (times[-1] - times[0]) / 1e9 if len(times) > 1 else 0.0
        told: dict[str, Any] = {
            "name": source.name,
            "size": list(source.size),
            "promised_fps": round(source.fps, 1),
            "fps": round((len(times) - 1) / span_s, 1) if span_s else None,
        }
        if frame is not None:
            told["brightness"] = round(float(frame.image.mean()), 1)
            told["contrast"] = round(float(frame.image.std()), 1)
        return told
    finally:
        source.close()


def find_face() -> dict[str, Any]:
    """Cut the bundled portrait by finding its face, as is done with one of the user's.

    Returns:
        faces: how many were found; ms: how long that took, the models' start included; size:
        (width, height) px of the picture; cut: whether the portrait could be cut.
    """
    from avatar.assets import asset
    from avatar.doctor.pair import PORTRAIT
    from avatar.picture import read
    from avatar.portraits.portrait import find_portrait
    from avatar.tracker import MediaPipeTracker

    file = asset(PORTRAIT)
    picture = read(file)
    began = perf_counter()
    with MediaPipeTracker(static=True) as tracker:
        faces = len(tracker.track(picture.image))
        took_ms = round(1e3 * (perf_counter() - began))
        portrait = find_portrait(picture, file.name, tracker) if faces else None
    height, width = picture.image.shape[:2]
    return {"faces": faces, "ms": took_ms, "size": [width, height], "cut": portrait is not None}
