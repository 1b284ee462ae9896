"""The Source port: where driving frames come from.

Adding a source is one new file beside this one and one line in ``open_source``.
"""

from typing import Protocol, runtime_checkable

from avatar.frame import Frame


@runtime_checkable
class Source(Protocol):
    """Gives frames one after the other. One thread opens, reads and closes it.

    Attributes:
        name: what to call it in a message, for example ``"Integrated Camera (/dev/video0)"``.
        live: True when it goes on without us (a camera, a paced file); False when every frame waits
            to be read (a file being rendered).
        fps: frames per second it aims at; known for certain only after ``open``.
        size: (width, height) in pixels; known for certain only after ``open``.

    A source that may come back after SourceLost has ``reconnects = True``, others False. One whose
    ``open`` may wait for seconds has ``abort()``: any thread may call it to end the waiting.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def live(self) -> bool: ...  # noqa: D102
    @property
    def fps(self) -> float: ...  # noqa: D102
    @property
    def size(self) -> tuple[int, int]: ...  # noqa: D102

    def open(self) -> None:
        """Start giving frames.

        Raises:
            SourceError: it cannot be opened; the message says why, the hint what to do.
        """
        ...

    def read(self) -> Frame | None:
        """The next frame, RGB; None at the end. Returns or raises within about half a second.

        Raises:
            SourceLost: it was open and stopped giving frames. One that reconnects may be closed
                and opened again, or simply read again: it raises SourceLost until it is back.
        """
        ...

    def close(self) -> None:
        """Free the device or file; idempotent."""
        ...
