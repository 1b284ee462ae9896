"""Faults: a camera that vanishes and comes back, and an output that breaks. Both on command."""

import threading

from avatar.errors import SinkLost, SourceLost
from avatar.frame import Frame
from avatar.sinks.null import NullSink
from avatar.sources.base import Source


class Unplugged:
    """A source that can be unplugged and plugged in again from any thread.

    Args:
        inner: the source that is unplugged.
    """

    reconnects = True

    def __init__(self, inner: Source) -> None:
        self._inner = inner
        self._out = threading.Event()

    @property
    def name(self) -> str:
        """That of the inner source."""
        return self._inner.name

    @property
    def live(self) -> bool:
        """That of the inner source."""
        return self._inner.live

    @property
    def fps(self) -> float:
        """That of the inner source."""
        return self._inner.fps

    @property
    def size(self) -> tuple[int, int]:
        """That of the inner source."""
        return self._inner.size

    @property
    def unplugged(self) -> bool:
        """Whether it is out."""
        return self._out.is_set()

    def unplug(self, out: bool) -> None:
        """Pull it out, or put it back."""
        if out:
            self._out.set()
        else:
            self._out.clear()

    def open(self) -> None:
        """Open the inner source.

        Raises:
            SourceLost: it is unplugged.
        """
        self._check()
        self._inner.open()

    def read(self) -> Frame | None:
        """The inner source's frame.

        Raises:
            SourceLost: it is unplugged.
        """
        self._check()
        return self._inner.read()

    def close(self) -> None:
        """Close the inner source."""
        self._inner.close()

    def _check(self) -> None:
        if self._out.is_set():
            raise SourceLost(f"{self.name} was unplugged (by the soak).")


class Brittle(NullSink):
    """A sink that counts frames until it is broken, and then fails at every write."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._broken = threading.Event()

    def snap(self) -> None:
        """Fail from now on."""
        self._broken.set()

    def write(self, frame: Frame) -> None:
        """Count the frame.

        Raises:
            SinkLost: it was broken.
        """
        if self._broken.is_set():
            raise SinkLost(f"{self.name} broke (by the soak).")
        super().write(frame)
