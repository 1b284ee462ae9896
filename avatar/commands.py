"""Commands to a thread: asked for anywhere, carried out by the thread that owns the resource."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Commands:
    """A queue of calls, each with a Future for its result.

    Whoever waits for a Future always gets an answer: when the owner closes, what was not carried
    out is cancelled, and so is what is asked later.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._lock = threading.Lock()
        self._open = True

    def ask(self, work: Callable[[], T]) -> "Future[T]":
        """Have the owner call ``work``; its result or error is in the Future. Never blocks."""
        future: Future[T] = Future()
        with self._lock:
            if self._open:
                self._waiting.append((future, work))
                return future
        future.cancel()
        return future

    def run(self) -> None:
        """Carry out what waits; called by the owner."""
        while True:
            with self._lock:
                if not self._waiting:
                    return
                future, work = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = work()
            except Exception as error:
                future.set_exception(error)
            else:
                future.set_result(result)

    def close(self) -> None:
        """Cancel what waits and what comes; idempotent."""
        with self._lock:
            self._open = False
            waiting, self._waiting = self._waiting, deque()
        for future, _ in waiting:
            future.cancel()
