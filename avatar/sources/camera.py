"""A camera through OpenCV.

A thread of its own opens, reads and closes the device, so that a driver that hangs cannot hang the
app, and so that the frame handed out is always the newest: drivers queue several otherwise. The
same thread opens the camera again after it was unplugged.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from avatar.channels import Closed, Mailbox
from avatar.errors import SourceError, SourceLost
from avatar.frame import Frame
from avatar.sources.denial import no_picture, why_none, why_not
from avatar.sources.identity import is_id, spoken_id
from avatar.sources.names import CameraInfo, backend, cameras, find_camera
from avatar.sources.opencv import (
    Capture,
    capture_of,
    configure,
    is_undecoded,
    picture_of,
    to_rgb,
)
from avatar.stats import Rate
from avatar.worker import Worker

log = logging.getLogger(__name__)

_FIRST_FRAME_S = 6.0  # cheap cameras take seconds to give their first picture
_READ_S = 0.5
_STALL_S = 2.0  # so long the last picture stands in for a missing one: opening again takes longer
_RETRY_S = 1.0  # pause between attempts to get a lost camera back
_MISSED = 10  # failed reads in a row before a camera counts as lost
_MISS_PAUSE_S = 0.02
_CLOSE_S = 1.5


class CameraSource:
    """A camera by index, device path or name; see :class:`~avatar.sources.base.Source`.

    After SourceLost it may be read again: it is reopened as soon as it is back, by its id, or else
    by its name, if its number has changed.

    Args:
        spec: ``"0"``, ``"/dev/video0"``, ``"id:usb-..."``, or a name, whole or in part.
        size: (width, height) px to ask for; None leaves the camera's own choice.
        fps: frames per second to ask for; None leaves the camera's own choice.
        capture: makes the capture object from (index, backend); tests put a fake here.
        find: lists the cameras.

    Attributes:
        device: path of the device on Linux once opened, else empty.
        given: how many pictures the camera really gives, whatever its driver promises.
    """

    live = True
    reconnects = True

    def __init__(
        self,
        spec: str,
        *,
        size: tuple[int, int] | None = None,
        fps: float | None = None,
        capture: Callable[[int, int], Capture] | None = None,
        find: Callable[[], list[CameraInfo]] = cameras,
    ) -> None:
        self.name = f"camera {spec}"
        self.fps = fps or 30.0
        self.size = size or (640, 480)
        self.device = ""
        self.given = Rate()
        self._spec = spec
        self._asked_size = size
        self._asked_fps = fps
        self._make = capture or capture_of
        self._find = find
        self._info: CameraInfo | None = None
        self._frames: Mailbox[tuple[Any, int]] | None = None
        self._worker: Worker | None = None
        self._state = threading.Lock()
        self._why: SourceError | None = None  # why there is no picture; guarded by _state
        self._closing = threading.Event()
        self._index = 0
        self._last: Frame | None = None
        self._seen_s = 0.0

    def open(self) -> None:
        """See :meth:`Source.open`. Waits up to six seconds for the first picture.

        Raises:
            SourceError: no such camera, not allowed, busy, or without a picture.
        """
        if self._worker is not None:
            return
        self._closing.clear()
        self._info = self._resolve()
        self._say(None)
        self._last = None
        self._frames = Mailbox(1, self.name)
        self._worker = Worker("camera", self._grab)
        self._worker.start()
        try:
            self._await_first_frame(self._frames, self._worker)
        except SourceError:
            self.close()
            raise

    def read(self) -> Frame | None:
        """See :meth:`Source.read`; never None, a camera has no end.

        While nothing comes for a moment the last picture is given again, under its old index.
        """
        if self._frames is None:
            raise SourceError(f"{self.name} is not open.", hint="Call open() first.")
        try:
            got = self._frames.get(_READ_S)
        except Closed:
            got = None
        if got is None:
            with self._state:
                known_lost = self._why is not None
            last = self._last
            if known_lost or last is None or time.monotonic() - self._seen_s > _STALL_S:
                raise self._lost()
            return Frame(last.image, last.index, time.monotonic_ns())
        picture, t_ns = got
        self._last = Frame(to_rgb(picture), self._index, t_ns)
        self._seen_s = time.monotonic()
        self._index += 1
        return self._last

    def close(self) -> None:
        """See :meth:`Source.close`. Safe from another thread while ``open`` waits."""
        self._closing.set()
        if self._worker is not None and not self._worker.stop(_CLOSE_S):
            log.warning("%s: the driver does not return; its thread is left to itself", self.name)
        if self._frames is not None:
            self._frames.close()
        self._worker = None
        self._frames = None

    def abort(self) -> None:
        """Have an ``open`` that waits on another thread give up."""
        self._closing.set()

    def _await_first_frame(self, frames: Mailbox[tuple[Any, int]], worker: Worker) -> None:
        deadline = time.monotonic() + _FIRST_FRAME_S
        while time.monotonic() < deadline and not self._closing.is_set():
            try:
                got = frames.get(0.05)
            except Closed:
                break
            if got is not None:
                frames.put(got)
                height, width = got[0].shape[:2]
                if self._asked_size not in (None, (width, height)):
                    log.warning("%s gives %dx%d instead of %s", self.name, width, height, self.size)
                self.size = (width, height)
                return
            with self._state:
                if self._why is not None:
                    raise self._why
            if not worker.alive:
                break
        if self._closing.is_set():
            raise SourceError(f"{self.name} was closed while it was being opened.")
        raise SourceError(
            f"{self.name} was opened but gave no picture within {_FIRST_FRAME_S:.0f} seconds.",
            hint="Check its privacy shutter, plug it in again, or ask for a smaller size.",
        )

    def _lost(self) -> SourceLost:
        with self._state:
            why = self._why
        if isinstance(why, SourceLost):
            return SourceLost(why.message, hint=why.hint)
        reason = f" {why.message}" if why is not None else ""
        return SourceLost(
            f"{self.name} gives no pictures any more.{reason}",
            hint="Plug it in again; it is picked up by itself.",
        )

    def _say(self, why: SourceError | None) -> None:
        with self._state:
            self._why = why

    def _resolve(self) -> CameraInfo:
        found = self._find()
        info = self._same(found) or find_camera(self._spec, found)
        if info is None:
            have = ", ".join(f"{c.index} ({c.name})" for c in found)
            spec = spoken_id(self._spec) if is_id(self._spec) else self._spec
            cure = "" if have else why_none()
            raise SourceError(
                f"There is no camera {spec}; "
                + (f"there are: {have}." if have else "none is connected."),
                hint=f"{cure} Plug one in, pick one that avatar cameras lists, or use a video "
                "file or 'synthetic' instead.".lstrip(),
            )
        self.device = info.device
        self.name = f"{info.name} ({info.device or info.index})"
        return info

    def _same(self, found: list[CameraInfo]) -> CameraInfo | None:
        """The camera that was open before; it may have another number after plugging in."""
        was = self._info
        if was is None:
            return None
        if was.ids:  # of two cameras of one model, only the one that it was
            return next((c for c in found if c.ids and c.ids[0] == was.ids[0]), None)
        alike = [c for c in found if c.name == was.name]
        return next((c for c in alike if c.index == was.index), alike[0] if alike else None)

    def _grab(self, stop: threading.Event) -> None:
        """The thread: open, read until lost, open again."""
        frames, was_open = self._frames, False
        while not stop.is_set() and frames is not None:
            try:
                capture = self._connect(again=was_open)
            except SourceError as error:
                self._say(error)
                if not was_open:
                    return
            else:
                try:
                    was_open = self._read_until_lost(capture, frames, stop) or was_open
                finally:
                    capture.release()
                if not was_open:
                    return  # open() says that it gave nothing
            stop.wait(_RETRY_S)

    def _connect(self, *, again: bool) -> Capture:
        info = self._info or self._resolve()
        if again:
            found = self._find()
            back = self._same(found)
            if back is None and not (self._info and self._info.ids):
                back = find_camera(self._spec, found)
            if back is None:
                raise SourceLost(
                    f"{self.name} has been unplugged.",
                    hint="Plug it in again; it is picked up by itself.",
                )
            self._info = info = back
        capture = self._make(info.index, backend())
        if not capture.isOpened():
            capture.release()
            raise why_not(info)
        promised = configure(capture, self._asked_size, self._asked_fps)
        if promised is not None:
            self.fps = promised
        return capture

    def _read_until_lost(
        self, capture: Capture, frames: Mailbox[tuple[Any, int]], stop: threading.Event
    ) -> bool:
        """Whether it gave a picture at all."""
        missed, any_frame = 0, False
        while not stop.is_set() and missed < _MISSED:
            picture = picture_of(capture)
            t_ns = time.monotonic_ns()
            if picture is None:
                missed += 1
                stop.wait(_MISS_PAUSE_S)
                continue
            if is_undecoded(picture):
                self._say(
                    SourceError(
                        f"{self.name} sends pictures of a format that OpenCV cannot convert "
                        f"({picture.size} bytes each).",
                        hint="Ask for another size, which often changes the format: "
                        "--size 1280x720, or the window's page for the camera.",
                    )
                )
                return any_frame
            if missed or not any_frame:
                self._say(None)
            missed, any_frame = 0, True
            self.given.add(t_ns / 1e9)
            frames.put((picture, t_ns))
        if not stop.is_set():
            self._say(
                SourceLost(
                    f"{self.name} stopped giving pictures: unplugged, or taken by another program.",
                    hint="Plug it in again; it is picked up by itself.",
                )
                if any_frame
                else no_picture(self._info, self.name)
            )
        return any_frame
