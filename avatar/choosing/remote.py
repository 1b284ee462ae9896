"""RemoteEngine: an engine in a process of its own, for maps.

PyTorch takes a second to import and stops every thread of a process for tenths of it; its networks
need the interpreter between any two layers. In a process of its own, of low priority, it disturbs
neither the picture nor the window, gives all its memory back, and can be ended at any moment.

The process is ``python -m avatar.choosing.remote ENGINE WEIGHTS``. Requests and answers go over its
standard input and output, the only handles it inherits besides a file for complaints, as messages
of :mod:`avatar.choosing.wire`: no pickles, so that not even a process gone wrong could make the
other one run anything.
"""

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from time import process_time
from typing import IO, Any, ClassVar

import numpy as np

from avatar.choosing.wire import WireError, receive, send
from avatar.engine import Engine, Progress
from avatar.errors import AvatarError, EngineError
from avatar.frame import Floats, Image, Keypoints

log = logging.getLogger(__name__)

NICE = 10
"""How much its process stands back where others want the cores, once its engine is open."""

END_S = 1.0
"""Within this time a killed process is gone."""

ATTENTION = "attention"


class Rows:
    """The attention of the last frame, row by row: all of it may be 64 MB."""

    def __init__(self, engine: "RemoteEngine", count: int) -> None:
        self._engine = engine
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, query: int) -> Floats:
        """(n,) float32: the weights of one query."""
        row: Floats = self._engine.ask("row", query)
        return row


class RemoteEngine:
    """Encodes and inspects as an engine does; it does not render.

    Args:
        spec: the engine: "eager".
        weights: file of its weights; empty for a fake.

    Attributes:
        cpu_s: what the last maps took of a core, in seconds; it may have waited for one besides.
    """

    name: ClassVar[str] = "remote"
    rank: ClassVar[int] = -1
    precisions: ClassVar[tuple[str, ...]] = ("eager", "compiled")
    """Which engine it is; it makes the label "remote:eager"."""

    def __init__(self, spec: str, weights: str) -> None:
        self.precision = spec
        self.cpu_s = 0.0
        self._command = [sys.executable, "-m", "avatar.choosing.remote", spec, weights]
        self._process: subprocess.Popen[bytes] | None = None
        self._complaints: IO[bytes] | None = None
        self._aborted = False

    def open(self) -> None:
        """Start the process and wait until its engine is open.

        Raises:
            EngineError: it cannot run there, or :meth:`abort` was called.
        """
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise EngineError(f"The process that shows maps cannot start: {error}.") from error
        if self._aborted:
            self._process.kill()
        self._answer()

    def encode(self, portrait: Image) -> tuple[None, Keypoints]:
        """(256, 256, 3) uint8 RGB -> its keypoints; the code stays in the process, the last one."""
        value, jacobian = self.ask("encode", portrait)
        return None, Keypoints(value, jacobian)

    def inspect(
        self, code: None, driving: Image, motion: Keypoints, wanted: Sequence[str]
    ) -> dict[str, Any]:
        """Maps as the engine gives them, of the portrait encoded last; attention as :class:`Rows`.

        Raises:
            EngineError: the engine has no such map, or the process is gone.
        """
        asked = driving, motion.value, motion.jacobian, tuple(wanted)
        maps: dict[str, Any]
        maps, self.cpu_s = self.ask("inspect", *asked)
        if ATTENTION in maps:
            maps[ATTENTION] = Rows(self, maps[ATTENTION])
        return maps

    def ask(self, what: str, *args: Any) -> Any:
        """Have the process do something and wait for its answer.

        Raises:
            EngineError: it failed, or the process is gone.
        """
        process = self._process
        if process is None or process.stdin is None:
            raise EngineError(f"{what} was called on an engine that is not open.")
        try:
            send((what, *args), process.stdin)
        except OSError as error:
            raise self._gone() from error
        return self._answer()

    def abort(self) -> None:
        """End the process now; whoever waits for it gets an EngineError. From any thread."""
        self._aborted = True
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process; idempotent."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:  # what was written last is not wanted any more
                        log.debug("a pipe to a process that ended", exc_info=True)
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                log.warning("process %d does not end", process.pid)
        if self._complaints is not None:
            self._complaints.close()
            self._complaints = None

    def _answer(self) -> Any:
        process = self._process
        assert process is not None and process.stdout is not None
        try:
            good, answer = receive(process.stdout)
        except (EOFError, OSError, WireError) as error:
            raise self._gone() from error
        if good:
            return answer
        message, hint = answer
        raise EngineError(message, hint=hint)

    def _gone(self) -> EngineError:
        last = ""
        if self._complaints is not None and not self._aborted:
            self._complaints.seek(0)
            lines = self._complaints.read().decode(errors="replace").strip().splitlines()
            last = f": {lines[-1]}" if lines else ""
        return EngineError(
            f"The process that shows maps ended{last}.",
            hint="It is started again in a few seconds; if memory ran out, close other programs.",
        )

    # What an Engine has besides; nobody asks for it here.

    def missing(self) -> str:
        """Nothing."""
        return ""

    @classmethod
    def available(cls) -> str:
        """Always: the empty reason."""
        return ""

    def build(self, progress: Progress, cancelled: Any) -> None:
        """Nothing to make."""

    def detect(self, driving: Image) -> Keypoints:
        """Not here."""
        raise EngineError("The engine that shows maps does not animate.")

    def render(self, code: None, driving: Keypoints) -> Image:
        """Not here."""
        raise EngineError("The engine that shows maps does not animate.")


def serve(
    engine: Engine,
    requests: IO[bytes],
    answers: IO[bytes],
    opened: Callable[[], object] = lambda: None,
) -> None:
    """Open an engine, call ``opened``, and do what is asked until nobody asks any more."""
    code: Any = None
    attention: Floats = np.zeros((0, 0), np.float32)

    def tell(good: bool, answer: Any) -> None:
        try:
            send((good, answer), answers)
        except WireError as error:  # an engine gave what cannot be sent: nothing was written
            send((False, (f"{type(error).__name__}: {error}.", "")), answers)

    def tell_error(error: Exception) -> None:
        if isinstance(error, AvatarError):
            tell(False, (error.message, error.hint))
        else:
            tell(False, (f"{type(error).__name__}: {error}.", ""))

    try:
        engine.open()
    except Exception as error:
        tell_error(error)
        return
    opened()
    tell(True, None)
    try:
        while True:
            try:
                what, *args = receive(requests)
            except EOFError:
                return
            try:
                if what == "encode":
                    code, keypoints = engine.encode(args[0])
                    answer: Any = (keypoints.value, keypoints.jacobian)
                elif what == "inspect":
                    driving, value, jacobian, wanted = args
                    begun = process_time()
                    pose = Keypoints(value, jacobian)
                    maps: dict[str, Any] = dict(engine.inspect(code, driving, pose, wanted))
                    if ATTENTION in maps:
                        attention = maps[ATTENTION]
                        maps[ATTENTION] = len(attention)
                    answer = maps, process_time() - begun
                else:
                    answer = attention[args[0]].copy()
            except Exception as error:
                tell_error(error)
            else:
                tell(True, answer)
    finally:
        engine.close()


def main(spec: str, weights: str) -> None:
    """The process: an engine by its name, and the file of its weights."""
    from avatar.choosing.candidates import asked_for
    from avatar.engine import find_engines
    from avatar.weights import describe

    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    try:
        engine = asked_for(spec, find_engines(), lambda: describe(weights))
    except AvatarError as error:
        send((False, (error.message, error.hint)), answers)
        return
    serve(engine, sys.stdin.buffer, answers, _stand_back)


def _stand_back() -> None:
    if hasattr(os, "nice"):
        os.nice(NICE)


if __name__ == "__main__":
    main(*sys.argv[1:])
