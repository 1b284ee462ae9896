"""Governor: which pictures of the camera are worth working on while the engine is busy.

Cropping takes milliseconds of a core, most of them for the face. A crop that a newer one replaces
before the engine comes back was work for nothing, and took the core from the engine. So while an
engine is slower than the camera, capture keeps a picture as it came, and cuts it only if

- the engine comes back before the next picture is due: then at once, or
- the next picture would be ready too late for it: then so early that the engine need not wait.

Else the next picture takes its place, and it is counted as skipped. Whatever the guesses, the
engine gets the newest picture that can be ready, and waits at most for one more of the camera. An
engine that is faster than the camera is let alone: every picture is cut when it comes.
"""

import threading
from collections import deque
from time import monotonic_ns
from typing import NamedTuple

ENOUGH = 4
"""Nothing is guessed from fewer measurements."""

WATCHED_S = 3.0
"""So many seconds of the camera are judged together before anything is told of them."""

MANY, FEW = 0.2, 0.05
"""Parts of the pictures skipped from which on, and below which, the engine counts as too slow, as
keeping up."""

_IDLE = 0.05  # part of its time for a picture that the engine may wait for a newer one
_EARLY = 0.75  # of an interval; then capture goes for the next picture, in case it comes early
_LONGEST_NS = 250_000_000  # capture looks after its commands at least so often
_ALIKE = 1.25  # a longer gap than that after a picture was kept is no measure of the camera


class Advice(NamedTuple):
    """What to do with a picture that has just come.

    Attributes:
        keep: leave it as it is for now, and ask again when something changes; else cut it.
        until_ns: ask again then at the latest.
        withdraw: take back the older crop that waits, as it must not be used any more.
        over: a picture that is kept has waited long enough: go for the next.
        seen: how often the engine had changed by then.
    """

    keep: bool
    until_ns: int = 0
    withdraw: bool = False
    over: bool = False
    seen: int = 0


CUT = Advice(False)


class Governor:
    """Between the thread that captures and the one that animates; all methods are thread-safe.

    Times are nanoseconds of one monotonic clock. Nothing is known at first: then, and as long as
    no engine has run, every picture is worth it.

    Attributes:
        skipped: pictures that newer ones replaced before any work was spent on them.
    """

    def __init__(self) -> None:
        self.skipped = 0
        self._changed = threading.Condition()
        self._changes = 0  # of what the engine does
        self._busy_since: int | None = None  # None: the engine waits for a picture
        self._calls_ns: deque[int] = deque(maxlen=16)  # how long the engine was away
        self._crops_ns: deque[int] = deque(maxlen=8)
        self._gaps_ns: deque[int] = deque(maxlen=9)  # between pictures of the camera
        self._came_ns: int | None = None  # the newest picture
        self._missed = False  # a crop was too early for this call of the engine: not once more
        self._kept = False  # it was kept for a while, so capture came late for the next
        self._slow = False
        self._told = False  # what was told last: the same as slow
        self._watched_ns: int | None = None  # since when pictures are counted ...
        self._watched = self._watched_skips = 0  # ... and how many there were

    # -- the engine's thread ----------------------------------------------------------------------

    def free(self, now_ns: int) -> None:
        """The engine waits for a picture; whoever keeps one for it is woken."""
        with self._changed:
            if self._busy_since is not None:
                self._calls_ns.append(now_ns - self._busy_since)
                self._busy_since = None
                self._changes += 1
                self._changed.notify_all()

    def busy(self, now_ns: int) -> None:
        """The engine took a picture."""
        with self._changed:
            self._busy_since, self._missed = now_ns, False
            self._changes += 1
            self._changed.notify_all()

    # -- capture's thread -------------------------------------------------------------------------

    def came(self, now_ns: int) -> None:
        """The camera gave a picture."""
        with self._changed:
            if self._came_ns is not None:
                gap = now_ns - self._came_ns
                usual = _upper(self._gaps_ns, 2) if self._kept else None
                # A source that begins to wait only when it is asked seems slower after a pause.
                if usual is None or gap <= usual * _ALIKE:
                    self._gaps_ns.append(gap)
            self._came_ns, self._kept = now_ns, False
            self._judge(now_ns)

    def cropped(self, took_ns: int) -> None:
        """A picture was cut, which took so long."""
        with self._changed:
            self._crops_ns.append(took_ns)

    def forget(self) -> None:
        """Another camera follows."""
        with self._changed:
            self._gaps_ns.clear()
            self._came_ns = self._watched_ns = None

    def advise(self, now_ns: int, *, waiting: bool) -> Advice:
        """What to do with the newest picture, which has not been cut yet.

        Args:
            now_ns: now.
            waiting: a crop of an older picture lies ready for the engine.
        """
        with self._changed:
            since, came = self._busy_since, self._came_ns
            gap, usual = _upper(self._gaps_ns, 2), _upper(self._calls_ns, 2)
            if since is None or came is None or gap is None or usual is None:
                return CUT
            if usual < gap and now_ns - since < 2 * gap:
                return CUT  # faster than the camera, and not stuck just now
            call, crop = _upper(self._calls_ns, 4) or usual, _upper(self._crops_ns, 4) or 0
            back, rest = since + call, int(call * _IDLE)
            overdue = back + max(crop, rest)
            end = came + min(int(gap * _EARLY), _LONGEST_NS)
            self._missed = self._missed or (waiting and now_ns >= overdue)
            if self._missed:
                advice = Advice(True, end, withdraw=waiting)
            elif waiting:  # it is for this call of the engine, unless the newer one is ready too
                advice = CUT if now_ns + crop <= back else Advice(True, min(end, overdue))
            elif came + gap + crop <= max(back, now_ns) + rest:
                advice = Advice(True, end)
            else:  # the next one would be too late
                advice = CUT
            self._kept = self._kept or advice.keep
            over = not came <= now_ns < end  # also when the clock was set back
            return advice._replace(over=over, seen=self._changes)

    def wait(self, advice: Advice) -> None:
        """Return when the engine has taken a picture or waits for one since that was advised, or
        when it is time to ask again."""
        with self._changed:
            left_ns = min(max(0, advice.until_ns - monotonic_ns()), _LONGEST_NS)
            self._changed.wait_for(lambda: self._changes != advice.seen, left_ns / 1e9)

    def skip(self) -> None:
        """The picture that was kept is replaced by a newer one."""
        with self._changed:
            self.skipped += 1
            self._watched_skips += 1

    def news(self) -> bool | None:
        """Once after each change: True = too slow for the camera from now on, False = it keeps up
        again; None where nothing has changed."""
        if self._slow == self._told:
            return None
        self._told = self._slow
        return self._slow

    # -- inside, under the lock -------------------------------------------------------------------

    def _judge(self, now_ns: int) -> None:
        if self._watched_ns is None:
            self._watched_ns, self._watched, self._watched_skips = now_ns, 0, 0
        self._watched += 1
        if now_ns - self._watched_ns >= WATCHED_S * 1e9:
            share = self._watched_skips / self._watched
            self._slow = share >= (FEW if self._slow else MANY)
            self._watched_ns, self._watched, self._watched_skips = now_ns, 0, 0


def _upper(values: "deque[int]", parts: int) -> int | None:
    """The value at the end of the last but one of equal parts: 2 = median, 4 = upper quartile;
    None where too few are known."""
    if len(values) < ENOUGH:
        return None
    return sorted(values)[len(values) * (parts - 1) // parts]
