"""Soundtrack: the sound of one video into another, copied as it is where the container allows."""

import logging
from fractions import Fraction
from pathlib import Path
from typing import Any

from avatar.media import VideoWriter
from avatar.sources.container import open_local

log = logging.getLogger(__name__)

_MP4 = {"aac", "mp3", "ac3", "eac3", "alac", "opus"}
_COPIED = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".mov": _MP4 - {"opus"} | {"pcm_s16le", "pcm_s24le"},
    ".mkv": _MP4 | {"flac", "vorbis", "pcm_s16le", "pcm_s24le"},
}
"""Codecs that players expect in each container; anything else becomes AAC."""

_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
_AAC_BITS_PER_CHANNEL = 96_000
_AAC_FRAME = 1024  # samples


class Soundtrack:
    """Feeds the sound of ``path`` to a writer, in step with its pictures.

    Made before the first picture is written; used and closed by the writer's thread.

    Attributes:
        how: ``"copied"`` or ``"re-encoded"``, for a report.
        warning: a sentence when the sound is damaged and ends early; else empty.
    """

    def __init__(
        self,
        path: Path,
        writer: VideoWriter,
        origin: Fraction,
        *,
        cut: bool = False,
        end: Fraction | None = None,
    ) -> None:
        """Add a stream to the writer.

        Args:
            path: a video with sound.
            writer: gets the sound; its ending decides what can be copied.
            origin: seconds, the time in ``path`` that is 0 in the new file.
            cut: leave out the sound before ``origin``, to a packet (some 20 ms); what comes earlier
                otherwise is an encoder's priming.
            end: seconds in the new file from which on the sound is left out; None: keep all.
        """
        import av

        self.warning = ""
        self._path = path
        self._writer = writer
        self._origin = origin
        self._cut, self._cut_end = cut, end
        self._input: Any = open_local(path)
        source = self._input.streams.best("audio")
        if source is None:
            raise ValueError(f"{path} has no sound")
        self._source: Any = source
        codec: Any = source.codec_context
        known = codec.codec.canonical_name in _COPIED[writer.part.final.suffix.lower()]
        # AAC from a transport stream says what it is in every packet; mp4 wants it once, in front.
        copied = known and (codec.codec.canonical_name != "aac" or codec.extradata is not None)
        self.how = "copied" if copied else "re-encoded"
        if copied:
            self._stream: Any = writer.container.add_stream_from_template(self._source)
        else:
            rate = next((r for r in _AAC_RATES if r >= codec.sample_rate), _AAC_RATES[-1])
            channels = min(2, codec.channels)
            self._stream = writer.container.add_stream("aac", rate=rate)
            layout = "mono" if channels == 1 else "stereo"
            self._stream.codec_context.layout = layout
            self._resampler = av.AudioResampler("fltp", layout, rate, frame_size=_AAC_FRAME)
            self._stream.codec_context.bit_rate = _AAC_BITS_PER_CHANNEL * channels
        self._packets = self._input.demux(self._source)
        self._next: Any = None
        self._samples = 0  # of the new track so far, when re-encoding
        self._ended = False

    def feed(self, until: Fraction | None) -> None:
        """Write the sound before ``until`` seconds in the new file; None: all that is left.

        Raises:
            OSError: the file takes no more.
        """
        import av

        while not self._ended:
            try:
                packet = self._next or next(self._packets)
                self._next = None
                time = packet.dts if packet.pts is None else packet.pts
                if time is None or not packet.size:  # PyAV's flush packet at the end
                    self._end()
                    return
                at = time * packet.time_base - self._origin
                if self._cut_end is not None and at >= self._cut_end:
                    self._end()
                    return
                if until is not None and at >= until:
                    self._next = packet
                    return
                frames = [] if self.how == "copied" else packet.decode()
                if self._cut and at < 0:  # decoded all the same: the next packets build on it
                    continue
            except StopIteration:
                self._end()
                return
            except av.FFmpegError as error:
                self.warning = f"The sound of {self._path.name} is damaged and ends early."
                log.warning("%s (%s)", self.warning, error)
                self._end()
                return
            if self.how == "copied":
                self._copy(packet)
            for frame in frames:
                self._encode(frame)

    def close(self) -> None:
        """Close the input; idempotent."""
        self._ended = True
        self._input.close()

    def _copy(self, packet: Any) -> None:
        shift = round(self._origin / packet.time_base)
        if packet.pts is not None:
            packet.pts -= shift
        if packet.dts is not None:
            packet.dts -= shift
        packet.stream = self._stream
        self._writer.mux(packet)

    def _encode(self, frame: Any) -> None:
        """Encode a decoded frame; None: what is left in resampler and encoder."""
        if frame is not None and frame.pts is not None:
            at = round((frame.pts * frame.time_base - self._origin) * self._stream.rate)
            # The samples are counted, since many files' time stamps are rounded; a real gap stays.
            if self._samples == 0 or at > self._samples + self._stream.rate // 10:
                self._samples = max(0, at)
            frame.pts = None
        for chunk in self._resampler.resample(frame):
            chunk.pts, chunk.time_base = self._samples, Fraction(1, self._stream.rate)
            self._samples += chunk.samples
            for packet in self._stream.encode(chunk):
                self._writer.mux(packet)
        if frame is None:
            for packet in self._stream.encode(None):
                self._writer.mux(packet)

    def _end(self) -> None:
        self._ended = True
        if self.how == "re-encoded":
            for frame in self._source.decode(None):
                self._encode(frame)
            self._encode(None)
