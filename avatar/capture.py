"""Capture: the thread that owns the source and the cropper."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic, monotonic_ns, perf_counter
from typing import Protocol, runtime_checkable

from avatar.channels import Mailbox
from avatar.commands import Commands
from avatar.errors import AvatarError, SourceLost
from avatar.events import Emit, Event
from avatar.frame import Crop, Frame
from avatar.framing import Framing
from avatar.governor import Governor
from avatar.lamp import Lamp
from avatar.sources.base import Source
from avatar.sources.state import SourceState, state_of
from avatar.stats import Series, StageTimes

log = logging.getLogger(__name__)

RETRY_S = (0.5, 1.0, 2.0, 5.0)
"""Waiting times before a lost source is opened again; the last one repeats."""

IDLE_S = 0.05
"""How often a capture without a source looks for commands."""

ORIGIN = "capture"

SLOW = "The engine is slower than the camera: pictures are skipped, so that no delay builds up."
FAST = "The engine keeps up with the camera again."


class Cropper(Protocol):
    """Cuts the head square; see :class:`avatar.cropper.FaceCropper`."""

    def crop(self, frame: Frame) -> Crop:
        """The square the networks see."""
        ...

    def close(self) -> None:
        """Free the tracker; idempotent."""
        ...


@runtime_checkable
class Framed(Protocol):
    """A cropper whose square can be zoomed, panned, and fixed."""

    framing: Framing

    def follow(self, on: bool) -> None:
        """Follow the face from the next frame on, or keep to the centre square."""
        ...


@runtime_checkable
class Passing(Protocol):
    """A cropper that wants to know of frames that are not cut."""

    def pass_over(self, frame: Frame) -> None:
        """Such a frame went by."""
        ...


class Capture:
    """Reads, crops, and leaves the newest crop in a mailbox.

    While the engine is slower than the camera, frames that it would never take are not cropped
    (avatar/governor.py). All are, while a face is searched or somebody watches.

    A live source that is lost is opened again until it comes back. When a file ends, or a source
    cannot be opened at first, the thread waits for another source.

    Args:
        source: where frames come from; opened and closed here.
        make_cropper: called on the thread; what it makes is closed there.
        box: where crops go.
        emit: told what happens.
        on_over: told when no more frames come by themselves: the file ended (None) or an error.
        engine_ready: a file is not begun before it is set, so that none of it plays unseen.
        times: told how old each frame was when it was read, and how long cropping took.
        governor: knows which frames are worth cropping.

    Framing and following that were asked for outlast the cropper: another start keeps them.

    Attributes:
        latest: the newest frame and the newest crop, for a polling view; None before the first. A
            frame that is not cropped comes with the crop of one before it.
        commands: carried out by the thread between two frames.
        crop_ms: how long cropping took.
        framing: zoom and pan of the crop; None = as the cropper was made.
        following: whether the crop follows the face; None = as the cropper was made.
        watch: called on the thread with every crop, and with None now and then while there is
            none; returns at once. None = nobody watches.
    """

    def __init__(
        self,
        source: Source,
        make_cropper: Callable[[], Cropper],
        box: Mailbox[Crop],
        emit: Emit,
        on_over: Callable[[AvatarError | None], None],
        engine_ready: threading.Event,
        times: StageTimes | None = None,
        governor: Governor | None = None,
    ) -> None:
        self.source = source
        self.latest: tuple[Frame, Crop] | None = None
        self.commands = Commands()
        self.crop_ms = Series()
        self.cropper: Cropper | None = None
        self.framing: Framing | None = None
        self.following: bool | None = None
        self.watch: Callable[[Crop | None], None] | None = None
        self._make_cropper = make_cropper
        self._box = box
        self._emit = emit
        self._on_over = on_over
        self._engine_ready = engine_ready
        self._times = times or StageTimes()
        self._governor = governor or Governor()
        self._kept: Frame | None = None  # not cropped yet, and worth it only if it is the last one
        self._is_open = False
        self._retry_at: float | None = None  # when a lost source is tried again
        self._retries = 0
        self._returning = False  # a lost source was opened again and has given nothing yet
        self._absent, self._stuck = Lamp(log), Lamp(log)
        self._fresh = True  # what it gives is not logged yet
        self._gives = ""

    def body(self, stop: threading.Event) -> None:
        """Run until ``stop``."""
        try:
            self.cropper = self._make_cropper()
            if self.framing is not None:
                self.set_framing(self.framing)
            if self.following is not None:
                self.follow(self.following)
            try:
                if not stop.is_set():
                    self._open()
            except AvatarError as error:
                if not stop.is_set():  # else it was told to give up
                    self._give_up(error)
            while not stop.is_set():
                self.commands.run()
                if self._is_open:
                    self._next()
                elif self._retry_at is not None and monotonic() >= self._retry_at:
                    self._retry()
                else:
                    self._tell(None)
                    stop.wait(IDLE_S)
        finally:
            self.commands.close()
            self._close()
            if self.cropper is not None:
                self.cropper.close()

    def set_source(self, source: Source) -> "Future[None]":
        """Read from another source. If it cannot be opened, the old one goes on."""
        return self.commands.ask(lambda: self._switch(source))

    def abort(self) -> None:
        """Have a source that is being opened give up, where it can; any thread may call it."""
        abort = getattr(self.source, "abort", None)
        if abort is not None and not self._is_open:
            abort()

    @property
    def state(self) -> SourceState:
        """What the source is doing; any thread may ask."""
        return state_of(self.source, is_open=self._is_open, waits=self._retry_at is not None)

    # Called through ``commands`` only.

    def set_framing(self, framing: Framing) -> None:
        """Zoom and pan the crop from the next frame on."""
        self.framing = framing
        cropper: object = self.cropper
        if isinstance(cropper, Framed):
            cropper.framing = framing

    def follow(self, on: bool) -> None:
        """Follow the face from the next frame on, or keep to the centre square."""
        cropper: object = self.cropper
        if isinstance(cropper, Framed):
            cropper.follow(on)
        self.following = on

    def set_loop(self, on: bool) -> None:
        """Begin a file again at its end, or not; nothing for other sources."""
        if hasattr(self.source, "loop"):
            self.source.loop = on

    def _next(self) -> None:
        if not (self._reconnects or self._engine_ready.is_set()):
            self._engine_ready.wait(IDLE_S)
            return
        try:
            frame = self.source.read()
        except SourceLost as error:
            self._lose(error)
            return
        except AvatarError as error:
            self._give_up(error)
            return
        except Exception as error:
            if not self._reconnects:
                raise
            lost = SourceLost(f"{self.source.name} failed ({error!r}).")
            lost.__cause__ = error  # its traceback is logged with the warning
            self._lose(lost)
            return
        now = monotonic_ns()
        kept, self._kept = self._kept, None
        if frame is None:
            if kept is not None:
                self._crop(kept, now)
            self._close()
            self._emit(Event("ended", f"{self.source.name} is over.", origin=ORIGIN))
            self._on_over(None)
            return
        if self._fresh:
            self._log_what_it_gives(frame)
        if self._returning:
            self._returning = False
            self._absent.off()
            self._emit(Event("info", f"{self.source.name} is back.", origin=ORIGIN))
        if kept is not None:
            self._governor.skip()
        self._governor.came(now)
        self._tell_pace()
        if self._keep(frame, now):
            self._kept = frame
            cropper: object = self.cropper
            if isinstance(cropper, Passing):
                cropper.pass_over(frame)
        else:
            self._crop(frame, now)

    def _keep(self, frame: Frame, now: int) -> bool:
        """Whether the next frame shall replace this one, after waiting for it for a while, as the
        engine is busy; False = it is to be cropped now."""
        if not self.source.live or self.watch is not None or self.latest is None:
            return False
        crop = self.latest[1]
        if crop.held:
            return False
        while True:
            advice = self._governor.advise(now, waiting=self._box.waiting > 0)
            if not advice.keep:
                return False
            if advice.withdraw:
                self._box.withdraw()
            self.latest = (frame, crop)
            if advice.over:
                return True
            self._governor.wait(advice)
            now = monotonic_ns()

    def _crop(self, frame: Frame, read_ns: int) -> None:
        assert self.cropper is not None
        read_ms = (read_ns - frame.t_ns) / 1e6
        start = perf_counter()
        crop = self.cropper.crop(frame)
        crop_ms = (perf_counter() - start) * 1e3
        self.crop_ms.add(crop_ms)
        self._governor.cropped(int(crop_ms * 1e6))
        self._times.captured(frame.index, frame.t_ns, read_ms, crop_ms)
        self.latest = (frame, crop)
        self._box.put(crop)
        self._tell(crop)

    def _tell_pace(self) -> None:
        slow = self._governor.news()
        if slow is not None:
            self._emit(Event("info", SLOW if slow else FAST, origin="inference"))

    def _tell(self, crop: Crop | None) -> None:
        watch = self.watch
        if watch is not None:
            watch(crop)

    @property
    def _reconnects(self) -> bool:
        """Whether the source is a device that may come back, not a file that has an end."""
        return bool(getattr(self.source, "reconnects", self.source.live))

    def _open(self) -> None:
        try:
            self.source.open()
        except Exception:
            self._close_source()
            raise
        self._is_open = self._fresh = True
        self._retry_at = None
        self._governor.forget()

    def _close(self) -> None:
        self._is_open, self._retry_at = False, None
        self._kept = None
        self._close_source()

    def _close_source(self) -> None:
        try:
            self.source.close()
        except Exception as error:  # it is given up anyway: what follows must not be lost with it
            self._stuck.on("%s could not be closed", self.source.name, exc_info=error)
        else:
            self._stuck.off("%s can be closed again", self.source.name)

    def _log_what_it_gives(self, frame: Frame) -> None:
        self._fresh = False
        height, width = frame.image.shape[:2]
        gives = f"{self.source.name} gives {width}x{height} at {self.source.fps:g} fps"
        if gives != self._gives:
            log.info("%s", gives)
        self._gives = gives

    def _give_up(self, error: AvatarError) -> None:
        self._close()
        self._emit(Event.of("error", error, ORIGIN))
        self._on_over(error)

    def _lose(self, error: SourceLost) -> None:
        if not self._reconnects:  # a broken file stays broken
            self._give_up(error)
            return
        self._close()
        if self._returning:  # it was not back after all, and that it is lost has been told
            self._not_back(error)
            return
        self._retry_at, self._retries = monotonic() + RETRY_S[0], 0
        again = SourceLost(f"{error.message} Waiting for it to come back.", hint=error.hint)
        again.__cause__ = error.__cause__
        self._emit(Event.of("warning", again, ORIGIN))

    def _retry(self) -> None:
        try:
            self._open()
        except Exception as error:  # drivers raise anything while a device comes back
            self._not_back(error)
        else:
            self._returning = True

    def _not_back(self, error: Exception) -> None:
        self._retries += 1
        wait_s = RETRY_S[min(self._retries, len(RETRY_S) - 1)]
        self._retry_at = monotonic() + wait_s
        what = "%s is not back (%r); it is tried again and again"
        name, kind = self.source.name, type(error)
        self._absent.on(what, name, error, key=kind, level=logging.INFO)

    def _switch(self, source: Source) -> None:
        old, was_used = self.source, self._is_open or self._retry_at is not None
        self._close()  # first, since both may be the same device with other settings
        self.source = source
        try:
            self._open()
        except Exception:
            self.source = old
            if was_used:
                self._retry_at, self._retries = monotonic(), 0
            raise
        self._returning = False
        self._emit(Event("info", f"Driven by {source.name}.", origin=ORIGIN))
