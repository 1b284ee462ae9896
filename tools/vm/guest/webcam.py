"""Webcam: a loopback device fed by FFmpeg, picture by picture as it is told."""

import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from avatar.frame import Image
from avatar.sinks.loopback import give_back
from tools.vm.guest.drivers import until
from tools.vm.guest.program import Program
from tools.vm.guest.reader import ReadError, format_of

FPS = 10
"""Pictures per second of the device; emulated processors have other things to do, too."""


class Webcam:
    """Feeds a device from its making to :meth:`stop`.

    Args:
        device: its path.
        frames: pictures of one size, (H, W, 3) uint8 RGB.
        folder: where FFmpeg's messages go.

    Attributes:
        place: which of ``frames`` is shown; may be set from another thread.
    """

    def __init__(self, device: str, frames: Sequence[Image], folder: Path) -> None:
        self.place = 0
        self._frames = frames
        height, width = frames[0].shape[:2]
        self._device = device
        self._ffmpeg = Program(
            [
                *("ffmpeg", "-hide_banner", "-loglevel", "error", "-f", "rawvideo"),
                *("-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(FPS), "-i", "pipe:0"),
                *("-f", "v4l2", "-pix_fmt", "yuyv422", device),
            ],
            folder,
            "webcam",
            stdin=subprocess.PIPE,
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()
        if not until(self._given, 60):
            self.stop()
            raise RuntimeError(f"the webcam was not fed: {self._ffmpeg.said}")

    def stop(self) -> None:
        """End the feed; the device stays."""
        self._stop.set()
        self._thread.join(30)
        if self._ffmpeg.process.stdin is not None:
            self._ffmpeg.process.stdin.close()
        self._ffmpeg.stop()
        give_back(self._device)  # FFmpeg writes: the driver would take no other feed

    def _given(self) -> bool:
        try:
            return format_of(self._device).width > 0
        except ReadError:
            return False

    def _feed(self) -> None:
        pipe = self._ffmpeg.process.stdin
        assert pipe is not None
        try:
            while not self._stop.wait(1 / FPS):
                pipe.write(self._frames[self.place].tobytes())
                pipe.flush()
        except OSError:  # FFmpeg has ended; its message is in its file
            return


def decoded(path: Path) -> list[Image]:
    """All pictures of a video."""
    import av

    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in frames]
