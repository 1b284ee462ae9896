"""Lending: engines for maps stay open for a minute after somebody leaves them.

People leaf through views. Opening an engine takes a second or two, starting its process or freeing
its graphs stops every thread of this process for some 10 ms, tens on a busy machine (tools/LOG.md).
So whoever closes a lent engine gives it back, and the next one who opens one of that label has it
at once.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, cast

from avatar.engine import Code, Engine, label_of
from avatar.errors import EngineError
from avatar.frame import Image, Keypoints
from avatar.worker import Worker, stop_all

log = logging.getLogger(__name__)

KEPT_S = 60.0
"""How long an engine stays open that nobody has."""

PATIENCE_S = 0.5
"""An engine that took no longer for its last maps is not ended in the middle of its next ones."""


@dataclass(frozen=True)
class _Kept:
    """An open engine, until when, and what its last maps took, in seconds."""

    engine: Engine
    until: float
    took_s: float


class Lender:
    """Has the open engines that nobody uses now. Methods may be called on any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}  # by label
        self._lent: set[Lent] = set()
        self._worker: Worker | None = None
        self._ended = False

    def lend(self, engine: Engine) -> Engine:
        """The engine, which is not open, or when it is opened one of its label that is."""
        return cast(Engine, Lent(engine, self))

    def end(self, timeout_s: float) -> list[str]:
        """Close what is kept, abort what is lent, keep nothing any more; idempotent.

        Returns:
            Names of threads that still run after ``timeout_s``.
        """
        with self._lock:
            self._ended = True
            kept, self._kept = self._kept, {}
            lent, worker = list(self._lent), self._worker
        for each in lent:
            each.abort(patience_s=0.0)
        for one in kept.values():
            one.engine.close()
        return stop_all([worker] if worker else [], timeout_s)

    # -- of its engines ---------------------------------------------------------------------------

    def take(self, lent: "Lent", label: str) -> tuple[Engine, float] | None:
        """An open engine of that label, which is not kept any more, and what its last maps took;
        None if there is none."""
        with self._lock:
            self._lent.add(lent)
            kept = self._kept.pop(label, None)
            return None if kept is None else (kept.engine, kept.took_s)

    def give_back(self, lent: "Lent", engine: Engine, took_s: float, *, sound: bool) -> None:
        """Keep an engine, or close it: one that is not sound, the second of its label, any after
        the end."""
        label = label_of(engine)
        with self._lock:
            self._lent.discard(lent)
            keep = sound and not self._ended and label not in self._kept
            if keep:
                self._kept[label] = _Kept(engine, monotonic() + KEPT_S, took_s)
                if self._worker is None:
                    self._worker = Worker("maps-kept", self._close_in_time)
                    self._worker.start()
        if not keep:
            engine.close()

    def _close_in_time(self, stop: threading.Event) -> None:
        while True:
            with self._lock:
                soonest = min(self._kept.values(), key=lambda kept: kept.until, default=None)
                if soonest is None:
                    self._worker = None
                    return
                wait_s = soonest.until - monotonic()
                if wait_s <= 0:
                    del self._kept[label_of(soonest.engine)]
            if wait_s > 0:
                stop.wait(wait_s)  # the end, which keeps nothing, sets it
            else:
                log.info("%s, which showed maps, is not wanted again", label_of(soonest.engine))
                soonest.engine.close()


class Lent:
    """An engine on loan: what it has besides is the engine's own."""

    def __init__(self, engine: Engine, lender: Lender) -> None:
        self._engine = engine
        self._lender = lender
        self._lock = threading.Lock()
        self._open = self._busy = self._left = False
        self._sound = True
        self._took_s = float("inf")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def open(self) -> None:
        """Have an open one of its label, or open this one.

        Raises:
            EngineError: it cannot run, or nobody wants it any more.
        """
        with self._working():
            self._open = True
            kept = self._lender.take(self, label_of(self._engine))
            if kept is not None:
                self._engine, self._took_s = kept
            else:
                self._engine.open()

    def encode(self, portrait: Image) -> tuple[Code, Keypoints]:
        """As the engine."""
        with self._working():
            return self._engine.encode(portrait)

    def inspect(
        self, code: Code, driving: Image, motion: Keypoints, wanted: Sequence[str]
    ) -> dict[str, Any]:
        """As the engine."""
        with self._working():
            begun = monotonic()
            maps = self._engine.inspect(code, driving, motion, wanted)
            self._took_s = monotonic() - begun
            return dict(maps)

    def abort(self, patience_s: float = PATIENCE_S) -> None:
        """Nobody wants it any more: it does nothing else, and what it does now is ended unless it
        will not take long."""
        with self._lock:
            self._left = True
            end = getattr(self._engine, "abort", None)
            if end is None or not self._busy or not self._sound or self._took_s <= patience_s:
                return
            self._sound = False  # before it can be given back
        end()

    def close(self) -> None:
        """Give it back; idempotent."""
        if self._open:
            self._open = False
            self._lender.give_back(self, self._engine, self._took_s, sound=self._sound)

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._lock:
            if self._left:
                raise EngineError("The maps are not wanted any more.")
            self._busy = True
        try:
            yield
        except BaseException:
            self._sound = False
            raise
        finally:
            with self._lock:
                self._busy = False
