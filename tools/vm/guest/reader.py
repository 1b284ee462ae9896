"""Readers: other programs that read a device, v4l2-ctl and FFmpeg."""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.vm.guest.yuv import Planes

_STAMP = re.compile(r"\bts: (\d+\.\d+)")


@dataclass(frozen=True)
class Format:
    """What a device says of its pictures: size in pixels, four letters, pictures per second."""

    width: int
    height: int
    pixels: str
    fps: float


class ReadError(RuntimeError):
    """A program that could not read; the message is its own."""


def format_of(device: str) -> Format:
    """Ask the device, by v4l2-ctl.

    Raises:
        ReadError: it has no format.
    """
    said = _ask("v4l2-ctl", "-d", device, "--get-fmt-video", "--get-parm")
    return parse_format(said)


def parse_format(said: str) -> Format:
    """What v4l2-ctl prints of a format.

    Raises:
        ReadError: a part is missing.
    """
    size = re.search(r"Width/Height\s*:\s*(\d+)/(\d+)", said)
    pixels = re.search(r"Pixel Format\s*:\s*'(....)'", said)
    fps = re.search(r"Frames per second:\s*([\d.]+)", said)
    if size is None or pixels is None or fps is None:
        raise ReadError(f"got no whole format: {' '.join(said.split())}")
    return Format(int(size[1]), int(size[2]), pixels[1], float(fps[1]))


def stamps(device: str, count: int, limit_s: float) -> list[float]:
    """When each of ``count`` pictures was handed over by the kernel, in seconds, by v4l2-ctl."""
    said = _ask(
        *("v4l2-ctl", "-d", device, "--stream-mmap=4", f"--stream-count={count}", "--verbose"),
        limit_s=limit_s,
        both=True,
    )
    return parse_stamps(said)


def parse_stamps(said: str) -> list[float]:
    """The times in what ``v4l2-ctl --verbose`` prints for every picture."""
    return [float(found[1]) for found in _STAMP.finditer(said)]


def rate(times: list[float]) -> tuple[float, float, float]:
    """Pictures per second over the whole, and the 5th and 95th percentile of the gaps in ms.

    Raises:
        ReadError: fewer than three pictures.
    """
    if len(times) < 3:
        raise ReadError(f"got {len(times)} pictures, expected three at least")
    gaps = np.diff(np.array(times))
    low, high = np.percentile(gaps, (5, 95)) * 1e3
    return round(float(1 / gaps.mean()), 2), round(float(low), 1), round(float(high), 1)


def pictures(device: str, count: int, limit_s: float = 60.0) -> list[Planes]:
    """Read pictures by v4l2-ctl, as they are in the device.

    It starts in a fraction of a second even when emulated, FFmpeg in several.

    Raises:
        ReadError: it could not, gave too few in time, or no planar YUV 4:2:0.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pictures"
        stream = ("--stream-mmap=4", f"--stream-count={count}", f"--stream-to={file}")
        said = _ask(
            *("v4l2-ctl", "-d", device, "--get-fmt-video", "--get-parm", *stream), limit_s=limit_s
        )
        return split(file.read_bytes() if file.exists() else b"", parse_format(said), count)


def split(data: bytes, form: Format, count: int) -> list[Planes]:
    """The pictures that were read one after the other.

    Raises:
        ReadError: other pictures, or fewer.
    """
    size = form.width * form.height * 3 // 2
    if form.pixels != "YU12" or len(data) != count * size:
        raise ReadError(f"got {len(data)} bytes of {form}, expected {count} pictures in YU12")
    return [
        Planes.of(data[at : at + size], form.width, form.height)
        for at in range(0, size * count, size)
    ]


def by_ffmpeg(device: str, limit_s: float = 120.0) -> Planes:
    """One picture by FFmpeg, unconverted.

    Raises:
        ReadError: it could not.
    """
    form = format_of(device)
    command = [
        *("ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-f", "v4l2", "-i", device),
        *("-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, timeout=limit_s)
    except subprocess.TimeoutExpired:
        raise ReadError(f"{device} gave no picture within {limit_s:g} s") from None
    if done.returncode:
        raise ReadError(done.stderr.decode(errors="replace").strip() or "FFmpeg gave nothing")
    return split(done.stdout, form, 1)[0]


def _ask(*command: str, limit_s: float = 30.0, both: bool = False) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s)
    except subprocess.TimeoutExpired:
        raise ReadError(f"{' '.join(command)}: no end within {limit_s:g} s") from None
    if done.returncode:
        raise ReadError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout + (done.stderr if both else "")
