"""OpenCV's way to a camera: what is used of it, asked for and made of its pictures."""

import logging
import os
from typing import Any, Protocol

import numpy as np

from avatar.frame import Image

log = logging.getLogger(__name__)

_RAW_PIXELS = 640 * 480  # USB 2 has no room for more than this uncompressed at 30 fps

SELECT_TIMEOUT = "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"
"""Seconds that OpenCV waits for a picture of a Linux camera."""


class Capture(Protocol):
    """What we use of ``cv2.VideoCapture``."""

    def isOpened(self) -> bool: ...  # noqa: D102, N802
    def read(self) -> tuple[bool, Any]: ...  # noqa: D102
    def get(self, prop: int, /) -> float: ...  # noqa: D102
    def set(self, prop: int, value: float, /) -> bool: ...  # noqa: D102
    def release(self) -> None: ...  # noqa: D102


def capture_of(index: int, api: int) -> Capture:
    """The device of a number, by one of OpenCV's backends; opened, if it can be."""
    # On Linux a camera that gives nothing keeps a read inside the driver for ten seconds otherwise:
    # meanwhile it can neither be closed nor opened again. OpenCV takes this from nowhere else, at
    # its first wait.
    os.environ.setdefault(SELECT_TIMEOUT, "1")
    import cv2

    # its own messages name internals only; ours say what to do
    cv2.setLogLevel(0)
    return cv2.VideoCapture(index, api)


def configure(capture: Capture, size: tuple[int, int] | None, fps: float | None) -> float | None:
    """Ask an open device for a size and a rate; the rate it promises.

    Args:
        capture: the device.
        size: (width, height) px; None = its own choice.
        fps: frames per second; None = its own choice.

    Returns:
        Frames per second; None where it says nothing sensible.
    """
    import cv2

    if size is not None:
        if size[0] * size[1] > _RAW_PIXELS:
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    if fps is not None:
        capture.set(cv2.CAP_PROP_FPS, fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    got = capture.get(cv2.CAP_PROP_FPS)
    return float(got) if 1 <= got <= 240 else None  # some drivers say 0 or nonsense


def picture_of(capture: Capture) -> Any:
    """The next picture, (H, W, 3) BGR or (H, W) grey uint8; None where there was none."""
    import cv2

    try:
        good, picture = capture.read()
    except cv2.error as error:
        log.debug("camera read failed: %s", error)
        return None
    if not good or picture is None or picture.size == 0:
        return None
    return _shaped(capture, picture) if is_undecoded(picture) else picture


def _shaped(capture: Capture, row: Any) -> Any:
    """The picture whose bytes came in one row, where they are what we want as they are.

    OpenCV asks a Linux device for BGR before anything else, and then hands on its bytes without
    their shape (4.11, ``CvCaptureCAM_V4L::convertToRgb``).
    """
    import cv2

    width = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH))
    height = int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    is_bgr = int(capture.get(cv2.CAP_PROP_FOURCC)) == cv2.VideoWriter.fourcc(*"BGR3")
    return row.reshape(height, width, 3) if is_bgr and row.size == width * height * 3 else row


def is_undecoded(picture: Any) -> bool:
    """Whether it is the bytes of a picture in one row: what OpenCV gives of a format that it cannot
    convert."""
    return bool(picture.shape[0] == 1)


def to_rgb(picture: Any) -> Image:
    """(H, W, 3) uint8 RGB of a picture as OpenCV gives it."""
    import cv2

    if picture.ndim == 2:  # infrared cameras give grey
        rgb = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
    else:
        rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    return np.asarray(rgb, np.uint8)
