"""VideoWriter: H.264 pictures, and a soundtrack if there is one, into a file that survives a crash.

mp4 and mov are written in fragments of a second, so that a process that dies leaves a playable
file, and turned into an ordinary file at the end (FFmpeg's hybrid_fragmented). It knows nothing of
faces, cameras or time: every picture comes with its time stamp.
"""

import logging
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from avatar.errors import OutputError
from avatar.frame import Image
from avatar.output import PartFile

if TYPE_CHECKING:
    import av

log = logging.getLogger(__name__)

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
"""FFmpeg's name of the container by file ending."""

_BT601 = 6  # AVCOL_SPC_SMPTE170M: what players assume at this size when a tag is lost
_BT709 = 1  # AVCOL_PRI_BT709 and AVCOL_TRC_BT709, what sRGB is nearest to
_LIMITED = 1  # AVCOL_RANGE_MPEG


class VideoWriter:
    """One video file being written. One thread makes, uses and closes it.

    Attributes:
        frames: pictures written.
        part: the file on disk under its temporary name.
        container: the PyAV container, for a soundtrack to add itself to before the first picture.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        *,
        rate: Fraction,
        time_base: Fraction | None = None,
        live: bool = False,
        crf: int = 18,
        part: PartFile | None = None,
    ) -> None:
        """Create the temporary file beside ``path``.

        Args:
            path: the final name; its ending decides the container.
            size: (width, height) in pixels. Odd sizes are padded by repeating the last row and
                column, since yuv420p has a colour for every two pixels.
            rate: pictures per second; a nominal one where the time stamps decide.
            time_base: seconds per unit of the time stamps; None: 1 / ``rate``.
            live: encode fast, with one thread and without looking ahead.
            crf: x264's quality, lower is better; 18 looks like the original.
            part: the file to write to; None: a new one beside ``path``.

        Raises:
            OutputError: the file cannot be created, or this FFmpeg cannot write it.
        """
        import av

        self.frames = 0
        self.part = part or PartFile(path)
        self._time_base = time_base or 1 / rate
        self._closed = False
        self._durations: dict[int, int] = {}
        self._width, self._height = size
        even_w, even_h = (size[0] + 1) // 2 * 2, (size[1] + 1) // 2 * 2
        self._padded: Image | None = None
        if (even_w, even_h) != size:
            self._padded = np.zeros((even_h, even_w, 3), np.uint8)
        container_format = CONTAINERS[path.suffix.lower()]
        options = {"flush_packets": "1"}
        if container_format != "matroska":
            # delay_moov: the header waits for the first fragment, and can then hold the edit list
            # that cuts the encoder's priming off the sound.
            options["movflags"] = "hybrid_fragmented+delay_moov"
        try:
            self.container: Any = av.open(
                self.part, "w", format=container_format, container_options=options
            )
            codec_options = {"preset": "veryfast" if live else "fast", "crf": str(crf)}
            # What it looks ahead is lost in a crash, so that is never much.
            codec_options |= {"tune": "zerolatency"} if live else {"rc-lookahead": "10"}
            self._stream = self.container.add_stream("libx264", rate=rate, options=codec_options)
            context = self._stream.codec_context
            context.width, context.height, context.pix_fmt = even_w, even_h, "yuv420p"
            context.time_base = self._time_base
            # A fragment ends at a key frame; without B frames every packet's time is its picture's.
            context.gop_size = max(1, round(rate))
            context.max_b_frames = 0
            if live:
                context.thread_count = 1
            context.colorspace, context.color_range = _BT601, _LIMITED
            context.color_primaries = context.color_trc = _BT709
        except (av.FFmpegError, ValueError) as error:
            self.part.discard()
            raise OutputError(
                f"{path} cannot be written: FFmpeg refuses ({error}).",
                hint="Install the app's own PyAV again: pip install --force-reinstall av.",
            ) from error

    def picture(self, image: Image) -> "av.VideoFrame":
        """Turn (H, W, 3) uint8 RGB into the encoder's frame; it can be written more than once."""
        import av

        if image.shape != (self._height, self._width, 3):
            raise ValueError(
                f"expected a picture of shape {(self._height, self._width, 3)}, got {image.shape}"
            )
        if self._padded is not None:
            h, w = image.shape[:2]
            self._padded[:h, :w] = image
            self._padded[h:, :w] = image[-1:]
            self._padded[:, w:] = self._padded[:, w - 1 : w]
            image = self._padded
        rgb = av.VideoFrame.from_ndarray(image, format="rgb24")
        return rgb.reformat(
            format="yuv420p",
            src_colorspace="ITU601",
            dst_colorspace="ITU601",
            dst_color_range="MPEG",
        )

    def write(self, picture: "av.VideoFrame", pts: int, duration: int) -> None:
        """Encode one picture.

        Args:
            picture: from :meth:`picture`.
            pts: when it is shown, in units of the time base; larger than the one before.
            duration: how long, in the same unit.

        Raises:
            OSError: the file takes no more; what was written stays.
        """
        from av.video.frame import PictureType

        picture.pts, picture.time_base = pts, self._time_base
        picture.pict_type = PictureType.NONE
        self._durations[pts] = duration
        self._encode(picture)
        self.frames += 1

    def close(self) -> None:
        """Complete the container; the file keeps its temporary name. Idempotent.

        Raises:
            OSError: the file takes no more; what was written stays.
        """
        if self._closed:
            return
        self._closed = True
        if self.frames:
            self._encode(None)
        self._call(self.container.close)

    def finish(self, *, replace: bool = True) -> Path:
        """Complete the file and give it its final name; where it is now.

        Raises:
            OSError: the file takes no more; it keeps its temporary name.
            OutputError: it cannot be renamed.
        """
        self.close()
        return self.part.finish(replace=replace)

    def keep(self) -> Path | None:
        """Save what there is, whatever went wrong; where it is, None if there was nothing to keep.

        An older file of the final name stays: then the temporary name is kept.
        """
        if not self.frames:
            self.discard()
            return None
        try:
            self.close()
        except (OSError, MemoryError) as error:
            log.warning("%s ends early: %r", self.part.path, error)
        try:
            return self.part.finish(replace=False)
        except OutputError as error:
            log.warning("%s", error)
            return self.part.path

    def discard(self) -> None:
        """Remove the file."""
        self._closed = True
        self.part.discard()

    def mux(self, packet: "av.Packet") -> None:
        """Write a packet of another stream of ``container``.

        Raises:
            OSError: the file takes no more; what was written stays.
        """
        self._call(self.container.mux, packet)

    def _encode(self, picture: "av.VideoFrame | None") -> None:
        for packet in self._call(self._stream.encode, picture):
            # x264 does not pass durations on; without one the last picture would be cut short.
            packet.duration = self._durations.pop(packet.pts, 0)
            self.mux(packet)

    def _call(self, action: Callable[..., Any], *args: Any) -> Any:
        """``action(*args)``; FFmpeg's errors and those of the disk become OSError."""
        import av

        try:
            result = action(*args)
        except av.FFmpegError as error:
            raise self.part.error or OSError(error.errno, error.strerror) from error
        if self.part.error is not None:
            raise self.part.error
        return result
