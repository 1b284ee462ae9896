"""Writer: takes records on any thread without ever waiting, and writes them on a thread of its own.

The hand-over is the standard library's QueueHandler; its QueueListener is not used, since that can
neither be stopped within a bounded time nor put its last item into a queue that is full.
"""

import logging
import threading
from collections.abc import Callable, Hashable, Iterable
from logging.handlers import QueueHandler
from queue import Empty, SimpleQueue
from time import monotonic, time

from avatar.worker import Worker

THREAD = "log"

MOST = 1000
"""Lines that wait for the disk; further ones are left out and counted."""

LONGEST = 8000
"""Characters of a message and its traceback; of a longer one the middle is left out."""

AGAIN_S = 60.0
"""A line that is repeated is written once, and so often it is said how many times it came."""

_LOOK_S = 1.0


class Writer(QueueHandler):
    """A handler that hands everything to ``target``, on the thread "log".

    Args:
        target: writes; used on the thread only, and closed there.
        facts: gives what is written first; called on the thread, since looking takes a moment.
            Each line is a message of its own.
        most: how many records may wait.

    Attributes:
        dropped: records left out since that was last written.
    """

    queue: "SimpleQueue[logging.LogRecord | None]"

    def __init__(
        self,
        target: logging.Handler,
        facts: Callable[[], Iterable[str]] = tuple,
        most: int = MOST,
    ) -> None:
        super().__init__(SimpleQueue())  # type: ignore[arg-type]  # has put_nowait; reentrant
        self.dropped = 0
        self._target = target
        self._facts = facts
        self._most = most
        self._last: Hashable = None
        self._repeats = 0
        self._repeats_since = 0.0
        self._began = time()
        self._worker = Worker(THREAD, self._body)

    def start(self) -> None:
        """Begin to write."""
        self._worker.start()

    def stop(self, timeout_s: float) -> bool:
        """Write what waits and end; False if the disk does not let it within ``timeout_s``."""
        self._worker.request_stop()
        self.queue.put(None)
        return self._worker.stop(timeout_s)

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """A copy with message and traceback as text, of bounded length."""
        copy: logging.LogRecord = super().prepare(record)
        if len(copy.msg) > LONGEST:
            half = LONGEST // 2
            copy.msg = copy.message = f"{copy.msg[:half]}\n[...]\n{copy.msg[-half:]}"
        return copy

    def enqueue(self, record: logging.LogRecord) -> None:
        """Never waits; called with the handler's lock held, so that the count is right."""
        if self.queue.qsize() >= self._most:
            self.dropped += 1
        else:
            self.queue.put(record)

    def _body(self, stop: threading.Event) -> None:
        try:
            for fact in self._facts():
                record = _record(logging.INFO, fact)
                record.created = self._began  # what came meanwhile is written after it
                self._write(record)
            while True:
                try:
                    waiting = self.queue.get(timeout=_LOOK_S)
                except Empty:
                    self._tell_repeats(AGAIN_S)
                    continue
                if waiting is None:
                    return
                self._take(waiting)
        finally:
            self._tell_repeats(0.0)
            self._tell_dropped()
            self._target.close()

    def _take(self, record: logging.LogRecord) -> None:
        key = (record.name, record.levelno, record.msg)
        if key == self._last:
            if not self._repeats:
                self._repeats_since = monotonic()
            self._repeats += 1
            self._tell_repeats(AGAIN_S)
            return
        self._tell_repeats(0.0)
        self._last = key
        self._write(record)
        self._tell_dropped()

    def _tell_repeats(self, after_s: float) -> None:
        if self._repeats and monotonic() - self._repeats_since >= after_s:
            count, self._repeats = self._repeats, 0
            self._write(_record(logging.INFO, f"the same line came {count} times more"))

    def _tell_dropped(self) -> None:
        if self.dropped:
            with self.lock:  # type: ignore[union-attr]  # made by the handler's constructor
                count, self.dropped = self.dropped, 0
            self._write(
                _record(logging.WARNING, f"{count} lines are left out: the disk was too slow")
            )

    def _write(self, record: logging.LogRecord) -> None:
        self._target.handle(record)


def _record(level: int, message: str) -> logging.LogRecord:
    return logging.LogRecord("avatar.logs", level, __file__, 0, message, None, None)
