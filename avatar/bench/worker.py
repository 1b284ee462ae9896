"""One subject's process: ``python -m avatar.bench.worker``.

Requests come as lines of JSON on stdin, answers go as lines of JSON to stdout. The end of stdin
ends the process at once, whatever it does, so that none outlives the bench.
"""

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from avatar.arenas import limit_arenas
from avatar.errors import AvatarError
from avatar.stats import peak_mb

Answer = dict[str, Any]


class Worker:
    """Carries out requests, one after the other, on the thread that calls it.

    Args:
        tell: sends a sentence about what goes on.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._measured: Any = None

    def answer(self, request: Answer) -> Answer:
        """Do what ``request["do"]`` names with the rest of it."""
        values = {key: value for key, value in request.items() if key != "do"}
        handler: Callable[..., Answer] = getattr(self, f"do_{request['do']}")
        return handler(**values)

    def do_record(self, folder: str, clip: str | None, crop: bool, models: list[Any]) -> Answer:
        """Make the material, and random weights that are missing."""
        from avatar.bench.material import record
        from avatar.bench.models import Model, make

        for model in models:
            self._tell(f"Weights of {model[0]}")
            make(Model(*model))
        return {"crops": record(Path(folder), clip, crop, self._tell)}

    def do_open(self, subject: Answer, folder: str, crop: bool, clip: str | None) -> Answer:
        """Hold a subject open."""
        from avatar.bench.subject import REFERENCE, Subject

        which = Subject.from_json(subject)
        if which.engine == REFERENCE:
            from avatar.bench.reference import ReferencePath

            self._measured = ReferencePath(which, Path(folder))
        else:
            from avatar.bench.measured import MeasuredEngine

            self._measured = MeasuredEngine(which, Path(folder), crop, clip)
        return self._measured.open(self._tell)

    def do_networks(self, seconds: float) -> Answer:
        """A block of the networks alone."""
        return {"ms": _rounded(self._measured.networks(seconds))}

    def do_pipeline(self, seconds: float) -> Answer:
        """A block of the whole pipeline."""
        return {"ms": _rounded(self._measured.pipeline(seconds))}

    def do_matmul(self, seconds: float) -> Answer:
        """A block of matrix products."""
        from avatar.bench.matmul import measure

        return measure(seconds)

    def do_pictures(self, file: str) -> Answer:
        """Write the compared pictures into a file."""
        np.save(file, self._measured.pictures())
        return {}

    def do_build(self, subject: Answer) -> Answer:
        """Make what the engine misses, so that a live run starts without it."""
        from avatar.bench.measured import build, make_engine
        from avatar.bench.subject import Subject

        build(make_engine(Subject.from_json(subject)), self._tell)
        return {}

    def do_live(self, subject: Answer, **options: Any) -> Answer:
        """Run a session."""
        from avatar.bench.live import live
        from avatar.bench.subject import Subject

        return live(Subject.from_json(subject), tell=self._tell, **options)

    def do_memory(self) -> Answer:
        """The most memory this process had so far."""
        return {"peak_mb": peak_mb()}

    def do_close(self) -> Answer:
        """Free the subject."""
        if self._measured is not None:
            self._measured.close()
        return {}


def main() -> int:
    """Serve until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the bench's to handle
    limit_arenas()  # as in the app itself
    # Libraries print to stdout; answers go elsewhere, their prints to stderr.
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    requests: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(requests,), name="requests", daemon=True).start()
    worker = Worker(lambda sentence: _send(answers, {"progress": sentence}))
    while True:
        request = json.loads(requests.get())
        answer: Answer
        try:
            answer = {"answer": worker.answer(request)}
        except AvatarError as error:
            answer = {"error": error.message, "hint": error.hint}
        except MemoryError:
            answer = {"error": "It ran out of memory.", "hint": ""}
        except Exception as error:  # whatever a runtime raises is that subject's result
            answer = {"error": f"{type(error).__name__}: {error}", "hint": ""}
        _send(answers, answer)


def _send(answers: TextIO, message: Answer) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _read(requests: "queue.Queue[str]") -> None:
    for line in sys.stdin:
        requests.put(line)
    os._exit(0)


def _rounded(block: dict[str, list[float]]) -> dict[str, list[float]]:
    return {stage: [round(ms, 4) for ms in values] for stage, values in block.items()}


if __name__ == "__main__":
    sys.exit(main())
