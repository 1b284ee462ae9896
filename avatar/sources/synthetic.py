"""A moving face without a camera, for demonstrations and tests.

It plays the bundled driving video to and fro; where that is missing it moves the bundled photograph
about as a head moves: turning, nodding, tilting, coming nearer.
"""

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from avatar import picture
from avatar.assets import asset
from avatar.errors import InputError, SourceError, SourceLost
from avatar.frame import Frame, Image
from avatar.sources.file import FileSource

log = logging.getLogger(__name__)

SIZE = (640, 480)
FPS = 30.0
DRIVING = "driving.mp4"
PICTURE = "portraits/astronaut.png"

_MOST_FRAMES = 900  # half a minute; they are kept in memory as JPEG
_WAIT_S = 0.4  # read() waits at most so long
_FACE = (224.0, 125.0)  # where the face is in the photograph, px
_ZOOM = 1.6  # how much larger than the photograph it is shown


class SyntheticSource:
    """A face moving smoothly, 640 x 480 at 30 fps; see :class:`~avatar.sources.base.Source`.

    Args:
        paced: True gives frames in real time and leaves out late ones (live); False gives every one
            as it is asked for.
        fps: frames per second.
        driving: video to play instead of the bundled one; None is the bundled one, or the moving
            photograph where that is missing.
        clock: nanoseconds, monotonic.
        sleep: waits for seconds.
    """

    name = "synthetic face"
    size = SIZE
    reconnects = False

    def __init__(
        self,
        *,
        paced: bool = True,
        fps: float | None = None,
        driving: Path | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.live = paced
        self.fps = fps or FPS
        self._driving = driving
        self._clock, self._sleep = clock, sleep
        self._picture: Callable[[int], Image] | None = None
        self._clip: _ToAndFro | None = None
        self._start_ns: int | None = None
        self._index = 0

    def open(self) -> None:
        """See :meth:`Source.open`.

        Raises:
            SourceError: the bundled files are missing.
        """
        if self._picture is not None:
            return
        self._start_ns, self._index = None, 0
        try:
            driving = self._driving or asset(DRIVING)
        except InputError:
            log.debug("no bundled driving video; the bundled photograph is moved instead")
            self._picture = _moving_photograph(self.fps)
        else:
            self._picture = self._clip = _ToAndFro(driving)

    def read(self) -> Frame | None:
        """See :meth:`Source.read`; never None."""
        if self._picture is None:
            raise SourceError("The synthetic face is not open.", hint="Call open() first.")
        if self._start_ns is None:
            self._start_ns = self._clock()
        period_ns = round(1e9 / self.fps)
        if self.live:
            now = self._clock()
            # a late reader gets the frame of now, and the ones in between are left out
            self._index = max(self._index, (now - self._start_ns) // period_ns)
            due = self._start_ns + self._index * period_ns
            if due > now:
                self._sleep(min((due - now) / 1e9, _WAIT_S))
            t_ns = self._clock()
        else:
            t_ns = self._start_ns + self._index * period_ns
        frame = Frame(self._picture(self._index), self._index, t_ns)
        self._index += 1
        return frame

    def close(self) -> None:
        """See :meth:`Source.close`."""
        if self._clip is not None:
            self._clip.close()
        self._picture = self._clip = None


def _moving_photograph(fps: float) -> Callable[[int], Image]:
    import cv2

    try:
        still = picture.read(asset(PICTURE)).image
    except InputError as error:
        raise SourceError(error.message, hint=error.hint) from error
    # the sharp edge of the photograph must not show when it is turned
    border = 200
    wide = cv2.copyMakeBorder(still, border, border, border, border, cv2.BORDER_REPLICATE)

    def frame(index: int) -> Image:
        matrix = head_motion(index / fps)
        matrix = matrix @ np.array([[1, 0, -border], [0, 1, -border], [0, 0, 1]], np.float64)
        return np.asarray(
            cv2.warpAffine(
                wide, matrix[:2], SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            ),
            np.uint8,
        )

    return frame


def head_motion(t_s: float) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """The (3, 3) map from pixels of the photograph to the frame, ``t_s`` seconds after the start.

    It starts in the neutral pose, and its periods have no common multiple worth noticing.
    """
    angle = math.radians(7.0) * math.sin(2 * math.pi * t_s / 4.1)
    scale = _ZOOM * (1 + 0.05 * math.sin(2 * math.pi * t_s / 6.7))
    shear = 0.06 * math.sin(2 * math.pi * t_s / 3.1)  # as a slight turn of the head
    x = SIZE[0] / 2 + 34 * math.sin(2 * math.pi * t_s / 5.3)
    y = SIZE[1] / 2 - 10 + 16 * math.sin(2 * math.pi * t_s / 3.7)
    cos, sin = math.cos(angle), math.sin(angle)
    turn = scale * np.array([[cos, -sin], [sin, cos]]) @ np.array([[1.0, shear], [0.0, 1.0]])
    matrix = np.eye(3)
    matrix[:2, :2] = turn
    matrix[:2, 2] = np.array([x, y]) - turn @ np.array(_FACE)
    return matrix


class _ToAndFro:
    """The frames of a video, forwards and backwards without end, on a 640 x 480 stage.

    They are read when they are first asked for, since reading all takes a second, and then kept.
    """

    def __init__(self, path: Path) -> None:
        self._stored: list[np.ndarray] = []
        self._source: FileSource | None = FileSource(path, paced=False)
        try:
            self._source.open()
        except SourceError:
            self.close()
            raise

    def __call__(self, index: int) -> Image:
        import cv2

        while self._source is not None and index >= len(self._stored):
            self._read_on()
        if not self._stored:
            raise SourceLost("The driving video has no pictures.", hint="Take another driver.")
        last = len(self._stored) - 1
        place = index % (2 * last) if index > last > 0 else min(index, last)
        data = self._stored[place if place <= last else 2 * last - place]
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR)
        return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)

    def close(self) -> None:
        """Read no further; idempotent."""
        if self._source is not None:
            self._source.close()
        self._source = None

    def _read_on(self) -> None:
        """Store one more picture, or close the video at its end."""
        import cv2

        assert self._source is not None
        got = self._source.read() if len(self._stored) < _MOST_FRAMES else None
        if got is None:
            self.close()
            return
        good, data = cv2.imencode(
            ".jpg",
            cv2.cvtColor(_on_stage(got.image), cv2.COLOR_RGB2BGR),
            [cv2.IMWRITE_JPEG_QUALITY, 92, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111],
        )
        if good:
            self._stored.append(data)


def _on_stage(image: Image) -> Image:
    """The picture scaled to fit, over a dim blurred copy of itself where it does not reach."""
    import cv2

    width, height = SIZE
    if image.shape[:2] == (height, width):
        return image
    small = cv2.resize(image, (16, 12), interpolation=cv2.INTER_AREA)
    stage = cv2.resize(small, SIZE, interpolation=cv2.INTER_CUBIC)
    stage = cv2.convertScaleAbs(stage, alpha=0.8)
    scale = min(width / image.shape[1], height / image.shape[0])
    w, h = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    x, y = (width - w) // 2, (height - h) // 2
    stage[y : y + h, x : x + w] = cv2.resize(image, (w, h), interpolation=cv2.INTER_LINEAR)
    return np.asarray(stage, np.uint8)
