"""The bench's side of a worker process: ask, wait, and make sure that it ends."""

import contextlib
import json
import logging
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from time import monotonic, monotonic_ns
from typing import Any

from avatar.errors import AvatarError, Cancelled, EngineError

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "avatar.bench.worker")

_POLL_S = 0.1
_GRACE_S = 1.0


class WorkerProcess:
    """A process that measures one subject.

    Args:
        cancelled: asked while waiting.
        tell: gets the sentences that the worker sends about what goes on.
        command: what to start.

    Attributes:
        started_ns: ``time.monotonic_ns()`` just before it was started.

    Raises:
        EngineError: it cannot be started.
    """

    def __init__(
        self,
        cancelled: Callable[[], bool],
        tell: Callable[[str], None],
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._cancelled = cancelled
        self._tell = tell
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115, closed by end()
        self.started_ns = monotonic_ns()
        # In a session of its own: Ctrl-C in the terminal is meant for the bench, which then ends
        # its workers itself.
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                text=True,
                encoding="utf-8",
            )
        except OSError as error:
            self._errors.close()
            raise EngineError(f"Its process cannot be started: {error.strerror}.") from error
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, name="bench-reader", daemon=True)
        self._reader.start()

    def ask(self, do: str, timeout_s: float, **values: Any) -> dict[str, Any]:
        """What the worker answers.

        Raises:
            EngineError: it failed, died, answered nonsense, or not in time (it is ended then).
            Cancelled: while waiting.
        """
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps({"do": do, **values}) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise self._died() from error
        deadline = monotonic() + timeout_s
        while True:
            if self._cancelled():
                raise Cancelled("The bench was stopped.")
            try:
                line = self._lines.get(timeout=_POLL_S)
            except queue.Empty:
                if monotonic() > deadline:
                    self.end()
                    raise EngineError(f"No answer to {do!r} within {timeout_s:.0f} s.") from None
                continue
            if line is None:
                raise self._died()
            message = _parsed(line)
            if "progress" in message:
                self._tell(str(message["progress"]))
            elif "answer" in message:
                answer: dict[str, Any] = message["answer"]
                return answer
            else:
                raise EngineError(
                    str(message.get("error", f"The worker answered {line!r:.80}.")),
                    hint=str(message.get("hint", "")),
                )

    def end(self) -> None:
        """End the process and wait for it; idempotent."""
        process = self._process
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()  # it ends by itself at the end of its stdin
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._reader.join(_GRACE_S)
        if process.stdout is not None:
            process.stdout.close()
        self._errors.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError):  # closed while it is read
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put(None)

    def _died(self) -> AvatarError:
        try:
            code = self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            code = 0
        return EngineError(f"Its process died: {_why(code)}{self._last_words()}")

    def _last_words(self) -> str:
        try:
            self._errors.seek(0)
            lines = self._errors.read().decode(errors="replace").strip().splitlines()
        except (OSError, ValueError):
            return ""
        return f" ({lines[-1].strip():.200})" if lines else ""


def _why(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"{name}, which is how a system without memory ends one" if name == "SIGKILL" else name


def _parsed(line: str) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError:
        message = None
    return message if isinstance(message, dict) else {}
