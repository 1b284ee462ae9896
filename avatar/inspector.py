"""Inspector: maps of the newest frame (depth, flow, occlusion, attention), off the hot path.

It has an engine of its own on a thread of its own, which exists only while somebody wants maps; the
engine stays open a little longer (avatar/lending.py). It looks at the newest result, never at a
queue, and then rests, so that the cores are left to the engine that animates (avatar/pace.py).
Nobody ever waits for it; what goes wrong is kept in :attr:`Inspector.error`.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import numpy as np

from avatar.attention import centre_of, grid_side, heat_on_portrait, query_at
from avatar.engine import Code, Engine, label_of
from avatar.errors import REPORT, AvatarError, EngineError
from avatar.frame import Animated, Floats, Image, Keypoints, Portrait
from avatar.lamp import Lamp
from avatar.maps import Maps, Paint, Point, depth_range, eased
from avatar.pace import Pace
from avatar.worker import Worker, stop_all

log = logging.getLogger(__name__)

RETRY_S = 5.0
"""How long after a failure it tries again, unless something else is asked before."""

LOOK_S = 0.05
"""How often it looks for a new frame while none comes."""

DEPTH, ATTENTION, FLOW = "depth", "attention", "flow"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is wanted; replaced as a whole, so that the thread reads it without a lock."""

    wanted: frozenset[str]
    point: Point | None
    paint: Paint | None = None


@dataclass(slots=True)
class _Bench:
    """The thread's own: the open engine, the portrait on it, and the last result looked at."""

    pace: Pace
    engine: Engine | None = None
    left: bool = False  # nobody wants it any more
    wanted: frozenset[str] = frozenset()
    portrait: Portrait | None = None
    code: Code = None
    source: Keypoints | None = None
    portrait_depth: Floats | None = None
    range: tuple[float, float] | None = None
    weights: Any = None  # (n, n) or its rows on demand: the newest, for another point of it
    seen: Animated | None = None
    asked: _Asked | None = None
    cost_s: float = 0.0

    def close(self) -> None:
        engine, self.engine, self.portrait, self.weights = self.engine, None, None, None
        self.code = self.source = self.portrait_depth = self.seen = None
        self.wanted = frozenset()
        self.pace.forget()
        if engine is not None:
            engine.close()


class Inspector:
    """Shows maps of the newest result while they are wanted. Its methods never wait, but ``stop``.

    Args:
        showing: gives an engine that has maps of these names, not yet open; raises AvatarError
            with the reason where there is none. Called on the thread, as is all of the engine.
        newest: the newest result, or None; must not wait.
        portrait: the portrait animated; must not wait.
        pace: how often it looks.

    Attributes:
        latest: the newest maps; None before the first, and after a failure.
        error: why there are none; None while all is well.
    """

    def __init__(
        self,
        showing: Callable[[Sequence[str]], Engine],
        newest: Callable[[], Animated | None],
        portrait: Callable[[], Portrait],
        pace: Pace,
    ) -> None:
        self.latest: Maps | None = None
        self.error: AvatarError | None = None
        self._showing = showing
        self._newest = newest
        self._portrait = portrait
        self._pace = pace
        self._lock = threading.Lock()
        self._asked = _Asked(frozenset(), None)
        self._wake = threading.Event()
        self._worker: Worker | None = None
        self._bench = _Bench(self._pace)  # of that thread; touched here to abort its engine
        self._leaving: list[Worker] = []
        self._ended = False
        self._trouble = Lamp(log)

    def want(
        self, wanted: Sequence[str], point: Point | None = None, paint: Paint | None = None
    ) -> None:
        """Show these maps from now on; none ends the thread and closes its engine.

        Args:
            wanted: names of maps: depth, flow, occlusion, mask, attention.
            point: of the result, x and y in [0, 1], whose attention is wanted.
            paint: makes :attr:`Maps.pictures`, on this thread.
        """
        names = frozenset(wanted)
        with self._lock:
            if self._ended:
                return
            self._asked = _Asked(names | {FLOW} if ATTENTION in names else names, point, paint)
            if not names:
                self._leave()
            elif self._worker is None:
                bench = _Bench(self._pace)
                worker = Worker("inspector", lambda stop: self._body(stop, bench))
                self._worker, self._bench, self.error = worker, bench, None
                worker.start()
            self._wake.set()

    def stop(self, timeout_s: float, *, for_good: bool = True) -> list[str]:
        """End, for good or until maps are wanted; the names of threads that still run after
        ``timeout_s``."""
        with self._lock:
            self._ended = self._ended or for_good
            self._asked = _Asked(frozenset(), None)
            self._leave()
            self._wake.set()
            leaving = list(self._leaving)
        return stop_all(leaving, timeout_s)

    @property
    def running(self) -> bool:
        """Whether a thread of it runs, be it one that is about to end."""
        with self._lock:
            workers = [*self._leaving, *([self._worker] if self._worker else [])]
        return any(worker.alive for worker in workers)

    # -- inside -----------------------------------------------------------------------------------

    def _leave(self) -> None:
        worker, self._worker = self._worker, None
        self.latest = self.error = None
        if worker is not None:
            worker.request_stop()
            self._bench.left = True
            # An engine in a process of its own need not be waited for.
            abort = getattr(self._bench.engine, "abort", None)
            if abort is not None:
                abort()
            self._leaving = [w for w in self._leaving if w.alive] + [worker]

    def _body(self, stop: threading.Event, bench: _Bench) -> None:
        ready_at = 0.0  # when the engine may be called again
        try:
            while not stop.is_set():
                self._wake.clear()
                asked, animated = self._asked, self._newest()
                if stop.is_set() or not asked.wanted:
                    return
                fresh = animated is not None and animated is not bench.seen
                now = monotonic()
                if animated is not None and now >= ready_at and (fresh or asked != bench.asked):
                    try:
                        maps = self._look(bench, animated, asked)
                    except Exception as error:
                        self._fail(error, stop)
                        bench.close()
                        bench.asked = asked
                        self._pause(stop, asked)
                        continue
                    self._show(maps, None, stop)
                    self._trouble.off("there are maps again")
                    bench.seen, bench.asked = animated, asked
                    ready_at = monotonic() + bench.pace.rest_s(bench.cost_s)
                elif asked != bench.asked and asked.wanted == bench.wanted and self.latest:
                    self._show(self._at_point(bench, self.latest, asked), None, stop)
                    bench.asked = asked
                wait_s = ready_at - monotonic()
                self._wake.wait(wait_s if wait_s > 0 else LOOK_S)
        finally:
            bench.close()

    def _look(self, bench: _Bench, animated: Animated, asked: _Asked) -> Maps:
        portrait = self._portrait()
        if asked.wanted != bench.wanted:
            self._open(bench, asked.wanted)
        engine = bench.engine
        assert engine is not None
        if bench.portrait is not portrait:
            bench.code, bench.source = engine.encode(portrait.image)
            bench.portrait, bench.portrait_depth, bench.range = portrait, None, None
        assert bench.source is not None
        if DEPTH in asked.wanted and bench.portrait_depth is None:
            own = engine.inspect(bench.code, portrait.image, bench.source, (DEPTH,))
            bench.portrait_depth = own[DEPTH]
        pose = animated.shown
        if pose is None or pose.value.shape != bench.source.value.shape:
            pose = bench.source
        begun = monotonic()
        wanted = tuple(sorted(asked.wanted))
        found = dict(engine.inspect(bench.code, _seen(animated), pose, wanted))
        took_s = monotonic() - begun
        # An engine that stands back for others may have waited for them; that costs nobody
        # anything.
        bench.cost_s = min(took_s, getattr(engine, "cpu_s", took_s))
        bench.weights = found.pop(ATTENTION, None)
        if DEPTH in found:
            bench.range = eased(bench.range, depth_range(found[DEPTH], bench.portrait_depth))
            if animated.mirrored:
                found[DEPTH] = np.ascontiguousarray(found[DEPTH][:, ::-1])
        maps = Maps(
            animated,
            portrait,
            found,
            bench.portrait_depth,
            bench.range or (0.0, 1.0),
            took_ms=took_s * 1e3,
            engine=label_of(engine),
        )
        begun = monotonic()
        maps = self._at_point(bench, maps, asked)
        bench.cost_s += monotonic() - begun
        return maps

    def _open(self, bench: _Bench, wanted: frozenset[str]) -> None:
        """Have the engine for other maps; the one that is open stays if it is the best for them."""
        engine = self._showing(tuple(sorted(wanted)))
        if bench.engine is None or label_of(engine) != label_of(bench.engine):
            bench.close()
            bench.engine = engine  # before it opens: whoever leaves meanwhile may abort it
            if bench.left:
                raise EngineError("The maps are not wanted any more.")
            engine.open()
            log.info("maps come from %s", label_of(engine))
        bench.wanted = wanted

    def _at_point(self, bench: _Bench, maps: Maps, asked: _Asked) -> Maps:
        """The same maps with the attention of the point that is asked for, painted."""
        maps = self._attending(bench, maps, asked.point)
        return maps if asked.paint is None else replace(maps, pictures=asked.paint(maps))

    def _attending(self, bench: _Bench, maps: Maps, point: Point | None) -> Maps:
        if point is None or bench.weights is None or FLOW not in maps.maps:
            return maps
        query = query_at(point, len(bench.weights))
        row = np.array(bench.weights[query], np.float32)  # a copy: the matrix may go
        return replace(
            maps,
            heat=heat_on_portrait(row, maps.maps[FLOW]),
            point=centre_of(query, row.size),
            cells=grid_side(row.size),
        )

    def _show(self, maps: Maps | None, error: AvatarError | None, stop: threading.Event) -> None:
        with self._lock:
            if not stop.is_set():
                self.latest, self.error = maps, error

    def _fail(self, error: Exception, stop: threading.Event) -> None:
        if stop.is_set():
            log.debug("the maps ended with", exc_info=error)
            return
        if not isinstance(error, AvatarError):
            what, kind = "the inspector failed", type(error)
            self._trouble.on(what, key=kind, level=logging.ERROR, exc_info=error)
            error = EngineError(
                f"The maps cannot be shown: {type(error).__name__}: {error}.",
                hint=REPORT,
            )
        else:
            self._trouble.on("no maps: %s", error, key=error.message)
        self._show(None, error, stop)

    def _pause(self, stop: threading.Event, asked: _Asked) -> None:
        """Wait after a failure, until something else is asked."""
        end = monotonic() + RETRY_S
        while not stop.is_set() and self._asked.wanted == asked.wanted:
            if (left := end - monotonic()) <= 0:
                return
            self._wake.wait(left)
            self._wake.clear()


def _seen(animated: Animated) -> Image:
    """The driving crop as the networks saw it."""
    image = animated.driving.image
    return np.ascontiguousarray(image[:, ::-1]) if animated.mirrored else image
