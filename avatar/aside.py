"""Work in a process of its own: it can be ended at once, and its crash takes nobody with it."""

import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from avatar.errors import Cancelled

POLL_S = 0.1


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (negative: the signal) and the lines it complained in."""

    code: int
    complaints: tuple[str, ...]

    def why(self) -> str:
        """The reason of a failure: its last complaint, unless a signal or a crash ended it."""
        if self.code < 0:
            return f"its process was ended by signal {-self.code}"
        if self.code == 1 and self.complaints:
            return self.complaints[-1]
        return f"exit code {self.code}"


def run_aside(
    command: Sequence[str],
    heard: Callable[[str], None],
    cancelled: Callable[[], bool],
    what: str,
    ended: Callable[[int], None] = lambda process: None,
) -> Ended:
    """Run a command to its end.

    Args:
        command: program and arguments; its standard input closes when this process is gone.
        heard: called with each line of its standard output, on another thread.
        cancelled: asked ten times a second.
        what: what is done, for the message: "The export".
        ended: called with the number of the process once it is gone, however it ended.

    Raises:
        Cancelled: ``cancelled()`` turned true; the process is gone.
    """
    with tempfile.TemporaryFile("w+", errors="replace") as complaints:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,  # a file: nobody has to read it for the process to go on
            text=True,
            errors="replace",
        )
        assert process.stdin is not None and process.stdout is not None
        listener = threading.Thread(
            target=_listen, args=(process.stdout, heard), name="aside", daemon=True
        )
        listener.start()
        try:
            while process.poll() is None:
                if cancelled():
                    raise Cancelled(f"{what} was cancelled.")
                listener.join(POLL_S)
        finally:
            process.kill()  # nothing, if it has ended
            process.wait()
            listener.join(1.0)
            process.stdin.close()
            process.stdout.close()
            ended(process.pid)
        complaints.seek(0)
        return Ended(process.returncode, tuple(complaints.read().strip().splitlines()))


def _listen(stream: IO[str], heard: Callable[[str], None]) -> None:
    for line in stream:
        heard(line.strip())
