"""Uncaught: errors that nobody caught go to the log with their traceback; the user gets a sentence.

Python and Qt (for slots) hand them to hooks. A hook that somebody else has set is still called.
"""

import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

log = logging.getLogger(__name__)

Say = Callable[[str], None]


class Uncaught:
    """The hooks. An error that comes again from the same place, as from a slot that paints, is
    told once and counted.

    Args:
        say: tells the user a sentence.
    """

    def __init__(self, say: Say) -> None:
        self._say = say
        self._seen: Counter[tuple[type[BaseException], str, int]] = Counter()

    def tell(
        self, error: BaseException, trace: TracebackType | None, where: str, level: int
    ) -> None:
        """Log an error and say it, the first time that it comes from there."""
        place = _place(error, trace)
        self._seen[place] += 1
        if self._seen[place] > 1:
            return
        log.log(level, "unexpected error %s", where, exc_info=(type(error), error, trace))
        if level >= logging.ERROR:
            self._say(f"unexpected {type(error).__name__} {where}: {error}")

    def sum_up(self) -> None:
        """Log how often each error came that came more than once."""
        for (kind, file, line), count in self._seen.items():
            if count > 1:
                log.info("unexpected %s at %s:%d came %d times", kind.__name__, file, line, count)


@contextmanager
def caught(say: Say) -> Iterator[None]:
    """Within it, what nobody caught is logged; the hooks of before are put back afterwards."""
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    uncaught = Uncaught(say)

    def of_main(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            uncaught.tell(error, trace, "in the main thread", logging.ERROR)
        if before[0] is not sys.__excepthook__ or not isinstance(error, Exception):
            before[0](kind, error, trace)

    def of_thread(args: Any) -> None:
        if isinstance(args.exc_value, Exception):
            name = args.thread.name if args.thread is not None else "that is gone"
            uncaught.tell(
                args.exc_value, args.exc_traceback, f"in the thread {name}", logging.ERROR
            )
        if before[1] is not threading.__excepthook__ or not isinstance(args.exc_value, Exception):
            before[1](args)

    def of_nobody(args: Any) -> None:
        if isinstance(args.exc_value, Exception):
            what = args.err_msg or "while something was cleared away"
            uncaught.tell(
                args.exc_value, args.exc_traceback, f"({what}: {args.object!r})", logging.WARNING
            )
        if before[2] is not sys.__unraisablehook__:
            before[2](args)

    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook = of_main, of_thread, of_nobody
    try:
        yield
    finally:
        uncaught.sum_up()
        # Somebody may have put a hook over ours meanwhile; that one stays.
        if sys.excepthook is hooks[0]:
            sys.excepthook = before[0]
        if threading.excepthook is hooks[1]:
            threading.excepthook = before[1]
        if sys.unraisablehook is hooks[2]:
            sys.unraisablehook = before[2]


def _place(
    error: BaseException, trace: TracebackType | None
) -> tuple[type[BaseException], str, int]:
    """Where an error was raised."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error), "", 0
    return type(error), trace.tb_frame.f_code.co_filename, trace.tb_lineno
