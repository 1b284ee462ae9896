"""The Sink port: something that takes animated frames. It knows no particular sink."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar, runtime_checkable

from avatar.frame import Frame


@runtime_checkable
class Sink(Protocol):
    """Takes frames. One thread opens, writes and closes it.

    Attributes:
        name: short and unique within a session: it names the thread and the counters.
        queue: how many frames may wait for it; 1 means that only the newest counts. A full queue
            drops its oldest frame.
    """

    name: str
    queue: int

    def open(self) -> None:
        """Get ready for frames.

        Raises:
            SinkError: it cannot be opened; the message says why and the hint what to do.
        """
        ...

    def write(self, frame: Frame) -> None:
        """Take one frame, (H, W, 3) uint8 RGB, read-only. Frames come in the order of their time.

        Raises:
            SinkLost: it takes no more frames; the caller closes it.
        """
        ...

    def close(self) -> None:
        """Free everything; idempotent, also after a failed ``open``.

        Raises:
            SinkLost: what was written could not be completed.
        """
        ...


S = TypeVar("S", bound=Sink)


@contextmanager
def opened(sink: S) -> Iterator[S]:
    """``with opened(Recorder(path)) as recorder``: opens it, and closes it whatever happens."""
    try:
        sink.open()
        yield sink
    finally:
        sink.close()
