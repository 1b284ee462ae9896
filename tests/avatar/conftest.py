"""Videos made on the fly, for tests of everything that reads or writes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

SOUND_RATE = 48_000


def shade(index: int) -> int:
    """The grey level of picture ``index`` of a made video."""
    return 40 + 20 * (index % 10)


@dataclass(frozen=True)
class Played:
    """What a player would get from a file."""

    pictures: list[np.ndarray]
    times_s: list[float]
    rate: Fraction | None
    seconds: float
    sound_s: float
    sound_start_s: float
    sound_codec: str | None
    pitch_hz: float


def _make(
    path: Path,
    *,
    frames: int = 10,
    rate: Fraction | int = 25,
    size: tuple[int, int] = (64, 64),
    times_ms: Sequence[int] | None = None,
    sound_s: float = 0.0,
    sound: str = "aac",
    codec: str = "libx264",
    first_ms: int = 0,
    pictures: Callable[[int], np.ndarray] | None = None,
) -> Path:
    """A video of ``shade``s; ``sound_s`` adds a 440 Hz tone, ``times_ms`` makes its rate vary."""
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=rate) if frames else None
        if video is not None:
            video.width, video.height, video.pix_fmt = *size, "yuv420p"
            video.codec_context.thread_count = 1
            if times_ms is not None or first_ms:
                video.codec_context.time_base = Fraction(1, 1000)
        audio = out.add_stream(sound, rate=SOUND_RATE, layout="mono") if sound_s else None
        for index in range(frames):
            if pictures is not None:
                image = pictures(index)
            else:
                image = np.full((size[1], size[0], 3), shade(index), np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = index, 1 / Fraction(rate)
            if times_ms is not None or first_ms:
                ms = times_ms[index] if times_ms else round(index * 1000 / rate)
                frame.pts, frame.time_base = first_ms + ms, Fraction(1, 1000)
            out.mux(video.encode(frame))
        if video is not None:
            out.mux(video.encode(None))
        if audio is not None:
            t = np.arange(round(sound_s * SOUND_RATE)) / SOUND_RATE
            tone = (np.sin(2 * np.pi * 440 * t) * 12_000).astype(np.int16)
            for start in range(0, len(tone), 1024):
                chunk = av.AudioFrame.from_ndarray(
                    tone[None, start : start + 1024], format="s16", layout="mono"
                )
                chunk.sample_rate, chunk.pts = SOUND_RATE, start
                chunk.time_base = Fraction(1, SOUND_RATE)
                out.mux(audio.encode(chunk))
            out.mux(audio.encode(None))
    return path


def _play(path: Path) -> Played:
    """Decode all of a file."""
    pictures: list[np.ndarray] = []
    times: list[float] = []
    tones: list[np.ndarray] = []
    with av.open(str(path)) as file:
        seconds = (file.duration or 0) / 1e6
        video = file.streams.best("video")
        audio = file.streams.best("audio")
        for frame in file.decode(video) if video else []:
            pictures.append(frame.to_ndarray(format="rgb24"))
            times.append(frame.time)
        rate = video.average_rate if video else None
        codec = audio.codec_context.name if audio else None
    start = 0.0
    if codec:
        with av.open(str(path)) as file:
            resampler = av.AudioResampler("flt", "mono", SOUND_RATE)
            for frame in file.decode(audio=0):
                start = frame.time if not tones else start
                tones += [r.to_ndarray()[0] for r in resampler.resample(frame)]
    tone = np.concatenate(tones) if tones else np.zeros(0)
    pitch = 0.0
    if len(tone) > 1000:
        spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone))))
        pitch = float(np.fft.rfftfreq(len(tone), 1 / SOUND_RATE)[spectrum.argmax()])
    return Played(pictures, times, rate, seconds, len(tone) / SOUND_RATE, start, codec, pitch)


@pytest.fixture
def make_video(tmp_path: Path) -> Callable[..., Path]:
    """``make_video("a.mp4", frames=10, rate=25, sound_s=0.4)`` in a folder of its own."""
    folder = tmp_path / "videos"
    folder.mkdir()
    return lambda name="in.mp4", **options: _make(folder / name, **options)


@pytest.fixture
def play() -> Callable[[Path], Played]:
    """Decode all of a file: pictures, times, rate, sound."""
    return _play


@pytest.fixture(scope="session")
def still_tracker():
    """MediaPipe for single pictures, loaded once."""
    from avatar.tracker import MediaPipeTracker

    with MediaPipeTracker(static=True) as tracker:
        yield tracker
