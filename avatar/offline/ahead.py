"""Crops made ahead: the next frames are read and cropped while earlier ones are animated."""

import queue
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Protocol

from avatar.cropper import FaceCropper
from avatar.errors import SourceLost
from avatar.frame import Crop, Frame
from avatar.worker import Worker

DEPTH = 4
"""Crops that wait at most: enough to bridge a frame that takes longer, and little memory."""

POLL_S = 0.1
"""How often a waiting side looks whether the other is still there."""

STOP_S = 10.0
"""How long the frame that is being read and cropped may take to end, in seconds."""


class Frames(Protocol):
    """Where frames come from."""

    def read(self) -> Frame | None:
        """The next frame; None at the end."""
        ...


class Ahead:
    """Every frame of an open source with its crop, in order; none is dropped.

    Between ``__enter__`` and ``__exit__`` source and cropper belong to the thread that reads ahead;
    before and after, to whoever opens and closes them.

    Args:
        source: open.
        cropper: that nobody else uses.
    """

    def __init__(self, source: Frames, cropper: FaceCropper) -> None:
        self._source = source
        self._cropper = cropper
        self._made: queue.Queue[tuple[Frame, Crop] | Exception | None] = queue.Queue(DEPTH)
        self._worker = Worker("read-ahead", self._run)

    def __enter__(self) -> "Ahead":
        self._worker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._worker.stop(STOP_S) and error is None:
            raise SourceLost(
                f"Reading the next frame took longer than {STOP_S:.0f} s.",
                hint="Copy the file to a disk of this machine.",
            )

    def __iter__(self) -> Iterator[tuple[Frame, Crop]]:
        """Frames with their crops.

        Raises:
            SourceLost: the source broke off; everything before was given. So is any other error of
                source or cropper.
        """
        while True:
            try:
                made = self._made.get(timeout=POLL_S)
            except queue.Empty:
                if self._worker.alive:
                    continue
                # It may have ended between the two looks, having left its last words.
                made = None if self._made.empty() else self._made.get_nowait()
            if made is None:
                return
            if isinstance(made, Exception):
                raise made
            yield made

    def _run(self, stop: threading.Event) -> None:
        try:
            while not stop.is_set() and (frame := self._source.read()) is not None:
                self._give((frame, self._cropper.crop(frame)), stop)
        except Exception as error:  # raised again where the crops are taken
            self._give(error, stop)
        else:
            self._give(None, stop)

    def _give(self, made: tuple[Frame, Crop] | Exception | None, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                return self._made.put(made, timeout=POLL_S)
            except queue.Full:
                continue
