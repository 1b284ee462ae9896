"""Recorder: animated frames into an H.264 video of constant frame rate.

Frames come when they come; the file has one picture for every 1/fps of a second. A frame is held
until the next one is due, and of several within one slot the newest stays. What lies more than a
minute apart follows at once: the computer slept, the clock jumped, or nothing came for so long.
"""

import logging
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from avatar.errors import OutputError, SinkError, SinkLost
from avatar.frame import Frame, letterbox
from avatar.lamp import Lamp
from avatar.media import VideoWriter
from avatar.output import PartFile, check_output

if TYPE_CHECKING:
    import av

log = logging.getLogger(__name__)

LONGEST_S = 60
"""A longer pause is left out: filling it would take so long that new frames are lost."""


class Recorder:
    """Writes ``path`` (mp4, m4v, mov or mkv); an older file of that name is replaced by ``close``.

    The size is that of the first frame; frames of another size are fitted into it.

    Attributes:
        path: the file asked for.
        saved: where the recording is once closed; None before, and when no frame came.
        frames: pictures in the file so far, repeats included.
        repeated: pictures shown again because no new frame was due.
        dropped: frames that were replaced by a newer one of the same slot, or came too late.
    """

    def __init__(
        self, path: Path | str, *, fps: float = 30.0, queue: int = 64, make_folder: bool = False
    ) -> None:
        """Nothing is created yet.

        Args:
            path: the video file to be.
            fps: pictures per second in it.
            queue: how many frames may wait for it.
            make_folder: whether ``open`` makes the folder if there is none.
        """
        self.name = "recorder"
        self.queue = queue
        self.path = Path(path)
        self.saved: Path | None = None
        self.frames = self.repeated = self.dropped = 0
        self._make_folder = make_folder
        self._rate = Fraction(fps).limit_denominator(1001)
        self._part: PartFile | None = None
        self._writer: VideoWriter | None = None
        self._size = (0, 0)
        self._start_ns = 0
        self._slot = 0
        self._held: av.VideoFrame | None = None
        self._gap = Lamp(log)

    @property
    def growing(self) -> Path | None:
        """The temporary file while it is written; None before and after."""
        part = self._part
        return None if part is None else part.path

    def open(self) -> None:
        """Check the place and create the temporary file beside it.

        Raises:
            SinkError: the file cannot be written there.
        """
        if self._make_folder:
            with suppress(OSError):  # the check says why it is not there
                self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            check_output(self.path)
            self._part = PartFile(self.path)
        except OutputError as error:
            raise SinkError(
                f"The recording cannot start: {error.message}", hint=error.hint
            ) from error
        self.saved = None
        self.frames = self.repeated = self.dropped = 0
        log.info("recording to %s at %g fps", self.path, self._rate)

    def write(self, frame: Frame) -> None:
        """Take a frame; it is encoded once the next one shows how long it stays.

        Raises:
            SinkLost: the disk is full or gone; what was recorded is kept.
        """
        if self._part is None:
            raise SinkLost("The recorder is not open.", hint="Start the recording again.")
        if self._writer is None:
            self._begin(self._part, frame)
        writer = self._writer
        assert writer is not None
        slot = round((frame.t_ns - self._start_ns) * self._rate / 1_000_000_000)
        if abs(slot - self._slot) > LONGEST_S * self._rate:
            self._gap.on("%.0f s are left out", (slot - self._slot) / self._rate)
            slot = self._slot + 1
            self._start_ns = frame.t_ns - round(slot * 1_000_000_000 / self._rate)
        else:
            self._gap.off("frames follow each other again")
        if slot < self._slot:
            self.dropped += 1
            return
        if slot > self._slot:
            self._fill(writer, slot)
        elif self._held is not None:
            self.dropped += 1
        image = frame.image
        if (image.shape[1], image.shape[0]) != self._size:
            image = letterbox(image, *self._size)
        self._held = writer.picture(image)

    def close(self) -> None:
        """Complete the file and give it its name; idempotent.

        Raises:
            SinkLost: it could not be completed; what there is is kept and named.
        """
        part, self._part = self._part, None
        writer, self._writer = self._writer, None
        if writer is None:
            if part is not None:
                part.discard()
                log.info("nothing was recorded: no frame came")
            return
        try:
            self._fill(writer, self._slot + 1)
            self.saved = writer.finish()
        except (OSError, OutputError, MemoryError) as error:
            raise self._lost(writer, error) from error
        log.info("recorded %d pictures to %s", self.frames, self.saved)

    def _begin(self, part: PartFile, frame: Frame) -> None:
        height, width = frame.image.shape[:2]
        self._size = (width, height)
        try:
            self._writer = VideoWriter(self.path, self._size, rate=self._rate, live=True, part=part)
        except OutputError as error:
            self._part = None  # the writer has removed it
            raise SinkLost(error.message, hint=error.hint) from error
        self._start_ns, self._slot = frame.t_ns, 0

    def _fill(self, writer: VideoWriter, until: int) -> None:
        """Encode the held picture for every slot before ``until``."""
        if self._held is None:
            return
        try:
            for slot in range(self._slot, until):
                writer.write(self._held, slot, 1)
        except (OSError, MemoryError) as error:
            self._part = self._writer = None
            raise self._lost(writer, error) from error
        self.repeated += until - self._slot - 1
        self.frames = writer.frames
        self._slot, self._held = until, None

    def _lost(self, writer: VideoWriter, error: Exception) -> SinkLost:
        self.frames = writer.frames
        self.saved = writer.keep()
        if isinstance(error, MemoryError):
            error = MemoryError("out of memory")
        where = "nothing was saved"
        if self.saved is not None:
            where = f"the first {float(self.frames / self._rate):.1f} s are in {self.saved}"
        return SinkLost(
            f"The recording ended early: {getattr(error, 'strerror', None) or error}; {where}.",
            hint="Free some space or choose another disk, then record again.",
        )
