"""A video or picture file as a source, through PyAV.

Times come from the file's time stamps, so that variable frame rates play rightly. Paced, it behaves
like a camera: frames come in real time, and what is late is left out rather than queued.
"""

import logging
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from avatar import picture
from avatar.errors import InputError, SourceError, SourceLost
from avatar.frame import Frame, Image
from avatar.lamp import Lamp
from avatar.sources.container import is_still, open_video, quarter_turns

if TYPE_CHECKING:
    import av

log = logging.getLogger(__name__)

_READ_NS = 400_000_000  # read() waits at most so long
_CATCH_UP_NS = 250_000_000  # ... and leaves out late frames at most so long
_GIVE_UP_NS = 2_000_000_000  # later than this the clock is set anew: after standby, or a slow disk
_LIVE_LONG_SIDE = 1920  # paced frames are scaled down to it; a head square needs far less
_USUAL = Fraction(25)  # frames per second where a file does not say, or cannot mean it
_SLOWEST, _FASTEST = Fraction(1, 100), Fraction(2000)
_BAD_PACKETS = 100  # in a row; more is not a scratch but the end


class FileSource:
    """Frames of a video, or one picture again and again; see :class:`~avatar.sources.base.Source`.

    Args:
        path: video or picture.
        loop: begin again at the end.
        paced: True gives frames in real time and leaves out late ones (live); False gives every
            frame as it is asked for, its ``t_ns`` taken from the file's time stamps.
        fps: frames per second at which a picture is repeated; a video has its own.
        clock: nanoseconds, monotonic.
        sleep: waits for seconds.

    Attributes:
        path: the file.
        rate: frames per second as a fraction, for example 30000/1001; known after ``open``.
        frames: number of frames as the file says, 0 where it does not say.
        length_s: how long the video is, as the file says; 0 where it does not say, and for a
            picture.
        position_s: how far into it the frame given last is.
        loop: begin again at the end; may be changed while it plays.
        dropped: frames left out because they were late.

    A picture is given once when unpaced, and without end when paced or looped.
    """

    reconnects = False  # a file that broke off does not come back, though it may be live

    def __init__(
        self,
        path: str | Path,
        *,
        loop: bool = False,
        paced: bool = True,
        fps: float | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.path = Path(path)
        picture.check_file(self.path, "video")
        self.name = self.path.name
        self.live = paced
        self.reconnects = False  # a broken file stays broken
        self.rate = Fraction(fps or 30).limit_denominator(1001)
        self.size = (0, 0)
        self.frames = 0
        self.dropped = 0
        self.loop = loop
        self.length_s = 0.0
        self.position_s = 0.0
        self._paced = paced
        self._clock, self._sleep = clock, sleep
        self._items: Iterator[tuple[Any, int]] | None = None
        self._ahead: tuple[Any, int] | None = None  # taken from the file, not given yet
        self._container: av.container.InputContainer | None = None
        self._start_ns: int | None = None
        self._index = -1  # of the frame given or left out last
        self._last: Image | None = None
        self._late = Lamp(log)  # told once for each time that it is opened

    @property
    def fps(self) -> float:
        """Frames per second on average."""
        return float(self.rate)

    def open(self) -> None:
        """See :meth:`Source.open`.

        Raises:
            SourceError: not a video or picture, damaged, cut off, or without pictures (sound only).
        """
        if self._items is not None:
            return
        self._start_ns, self._index, self._last, self._ahead = None, -1, None, None
        self._late.off()
        self.dropped = 0
        self.length_s = self.position_s = 0.0
        if is_still(self.path):
            try:
                still = picture.read(self.path).image
            except InputError as error:
                raise SourceError(error.message, hint=error.hint) from error
            self.size, self.frames = (still.shape[1], still.shape[0]), 1
            self._items = self._repeat(still)
            return
        self._items = self._video()
        self._ahead = self._next()  # a file that cannot be decoded shows it now
        if self._ahead is None:
            self.close()
            raise SourceError(
                f"{self.path} has no picture that can be decoded.",
                hint="It is damaged, or cut off; copy or download it again.",
            )
        self.size = self._target(self._ahead[0])[:2]
        if quarter_turns(self._ahead[0]) % 2:
            self.size = self.size[::-1]

    def read(self) -> Frame | None:
        """See :meth:`Source.read`.

        Raises:
            SourceLost: the file broke off in the middle.
        """
        if self._items is None:
            raise SourceError(f"{self.name} is not open.", hint="Call open() first.")
        if self._start_ns is None:
            self._start_ns = self._clock()
        if self._paced:
            return self._read_paced(self._start_ns)
        item = self._take()
        if item is None:
            return None
        return Frame(self._image(item[0]), self._index, self._start_ns + item[1])

    def skip_to(self, t_ns: int) -> int | None:
        """Leave out the frames before ``t_ns``, without turning them into pictures.

        Args:
            t_ns: nanoseconds since the first frame of the file.

        Returns:
            The time of the next frame in the same unit; None where the file ends before.

        Raises:
            SourceLost: the file broke off in the middle.
        """
        while (item := self._peek()) is not None and item[1] < t_ns:
            self._take()
        return None if item is None else item[1]

    def close(self) -> None:
        """See :meth:`Source.close`."""
        self._items = None
        self._ahead = None
        if self._container is not None:
            self._container.close()
            self._container = None

    def _read_paced(self, start_ns: int) -> Frame | None:
        began = now = self._clock()
        while True:
            item = self._take()
            if item is None:
                return None
            due = start_ns + item[1]
            if due > now:
                return self._wait_for(item, due, now)
            if now - due > _GIVE_UP_NS:
                what, late_s = "%s is %.1f s late; its clock is set anew", (now - due) / 1e9
                self._late.on(what, self.name, late_s, level=logging.INFO)
                self._start_ns = now - item[1]
                break
            following = self._peek()
            now = self._clock()
            if following is None or start_ns + following[1] > now or now - began > _CATCH_UP_NS:
                break
            self.dropped += 1
        return self._give(item)

    def _wait_for(self, item: tuple[Any, int], due: int, now: int) -> Frame:
        if due - now > _READ_NS and self._last is not None:
            # a long gap between two time stamps: the last picture is still the one to be seen
            self._ahead = item
            self._index -= 1
            self._sleep(_READ_NS / 1e9)
            return Frame(self._last, self._index, self._clock())
        self._sleep((due - now) / 1e9)
        return self._give(item)

    def _give(self, item: tuple[Any, int]) -> Frame:
        self._last = self._image(item[0])
        return Frame(self._last, self._index, self._clock())

    def _take(self) -> tuple[Any, int] | None:
        item, self._ahead = self._peek(), None
        if item is not None:
            self._index += 1
            self.position_s = item[1] / 1e9 % self.length_s if self.length_s else 0.0
        return item

    def _peek(self) -> tuple[Any, int] | None:
        if self._ahead is None:
            self._ahead = self._next()
        return self._ahead

    def _next(self) -> tuple[Any, int] | None:
        return next(self._items, None) if self._items is not None else None

    def _repeat(self, still: Image) -> Iterator[tuple[Any, int]]:
        count = 0
        while count == 0 or self.loop or self._paced:
            yield still, round(count * 1e9 / self.rate)
            count += 1

    def _video(self) -> Iterator[tuple[Any, int]]:
        """Decoded frames with their time in nanoseconds since the first, over all loops."""
        offset = 0
        while True:
            last = -1
            first: int | None = None
            for frame, pts_ns in self._decode():
                first = pts_ns if first is None else first
                # broken files step back in time; time here never does
                last = max(last + 1, pts_ns - first)
                yield frame, offset + last
            if not self.loop or first is None:
                return
            offset += last + round(1e9 / self.rate)

    def _decode(self) -> Iterator[tuple[Any, int]]:
        import av

        if self._container is not None:
            self._container.close()
        container, stream = open_video(self.path)
        self._container = container
        rate = stream.average_rate or stream.guessed_rate or _USUAL
        self.rate = rate if _SLOWEST <= rate <= _FASTEST else _USUAL
        self.frames = stream.frames
        if stream.duration and stream.time_base:
            self.length_s = float(stream.duration * stream.time_base)
        elif container.duration:
            self.length_s = container.duration / 1e6
        stream.thread_type = "AUTO" if stream.width * stream.height > 1280 * 720 else "SLICE"
        count = bad = 0
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.FFmpegError, OSError) as error:
                raise self._broke_off(count) from error
            if packet is None:
                return
            try:
                frames = packet.decode()
            except av.FFmpegError as error:
                bad += 1
                log.debug("%s: packet skipped: %s", self.name, error)
                if bad > _BAD_PACKETS:
                    raise self._broke_off(count) from error
                continue
            for frame in frames:
                bad = 0
                seconds = frame.time
                pts_ns = round(count * 1e9 / self.rate) if seconds is None else round(seconds * 1e9)
                yield frame, pts_ns
                count += 1

    def _broke_off(self, count: int) -> SourceLost:
        of = f" of {self.frames}" if self.frames else ""
        return SourceLost(
            f"{self.path} is damaged: it breaks off after {count}{of} frames.",
            hint="Copy or download it again.",
        )

    def _image(self, item: Any) -> Image:
        """(H, W, 3) uint8 RGB, upright, of a decoded frame or a still picture."""
        if isinstance(item, np.ndarray):
            return item
        width, height, same = self._target(item)
        frame = item if same else item.reformat(width=width, height=height, format="rgb24")
        image = frame.to_ndarray(format="rgb24")
        turns = quarter_turns(item)
        return np.ascontiguousarray(np.rot90(image, turns) if turns else image)

    def _target(self, frame: Any) -> tuple[int, int, bool]:
        """Size to bring a decoded frame to before it is turned, and whether it has it already."""
        width, height = frame.width, frame.height
        stream = self._container.streams.video[0] if self._container is not None else None
        shape = stream.sample_aspect_ratio if stream is not None else None
        wide = width * float(shape) if shape else float(width)  # pixels that are not square
        scale = min(1.0, _LIVE_LONG_SIDE / max(wide, height)) if self._paced else 1.0
        size = max(1, round(wide * scale)), max(1, round(height * scale))
        return (*size, size == (width, height))
