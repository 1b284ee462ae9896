"""Gate: the bus between inference and the sinks, and what may pass it.

Three kinds of pictures come to it: animated ones, raw ones of the driver, and the slate. Animated
ones pass unless the gate is hidden or raw ones were chosen; raw ones pass only while they are
chosen; the slate always may. Every change is made under the one lock that also every hand-over
takes, so it is complete when the call returns, whatever inference is doing.
"""

import threading
from collections.abc import Callable
from time import monotonic, monotonic_ns

from avatar.frame import Frame, Image
from avatar.outlet import Outlet
from avatar.rest import Rest
from avatar.slate import card

PATIENCE_S = 0.025
"""How long a change waits at most for sinks that have just been handed a frame."""

STALE_S = 1.0
"""No frame for so long, beyond the delay of the rest state: nobody drives."""


class Gate:
    """Fan-out: hands frames to the outlets of all sinks, and decides which.

    It outlives the runs of its session: hidden stays hidden; raw does not stay.

    All methods may be called from any thread. None waits for a sink or an engine for longer than
    ``patience_s``.

    Args:
        slate: (H, W, 3) uint8 RGB; None = the plain card.
        clock: nanoseconds, the one that times frames.
        patience_s: how long :meth:`hide` and :meth:`pass_raw` wait for writes that had just begun;
            a sink that hangs in one is not waited for.
    """

    def __init__(
        self,
        slate: Image | None = None,
        *,
        clock: Callable[[], int] = monotonic_ns,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.rest = Rest()
        self._clock = clock
        self._patience_s = patience_s
        self._lock = threading.RLock()
        self._settled = threading.Condition(self._lock)
        self._outlets: list[Outlet] = []  # of every sink that may still write, leaving ones too
        self._closed = False
        self._hidden = self._raw = False
        self._since_ns = 0  # what was grabbed before is not shown any more
        self._slate = Frame(card() if slate is None else slate, 0, 0)
        self._last: Frame | None = None  # that passed
        self._animated: Frame | None = None  # the last animated one that passed, or would have
        self._published_ns: int | None = None

    # -- what passes ------------------------------------------------------------------------------

    @property
    def hidden(self) -> bool:
        """Whether only the slate passes."""
        return self._hidden

    @property
    def raw(self) -> bool:
        """Whether raw pictures pass instead of animated ones."""
        return self._raw

    @property
    def slate(self) -> Image:
        """The slate: (H, W, 3) uint8 RGB."""
        return self._slate.image

    @property
    def shown(self) -> Frame | None:
        """What the outputs show now; None before the first frame."""
        with self._lock:
            self._stand_in()
            return self._last

    def hide(self, on: bool) -> None:
        """Show the slate in every output, or no longer.

        Once it returns, no sink is handed anything but slates until it is called with False, and
        nothing that was grabbed meanwhile is shown later. It also ends raw pictures.
        """
        with self._lock:
            if on != self._hidden:
                self._hidden, self._raw = on, False
                self._change(self._slate)  # also until the first frame after it
            self._settle()

    def pass_raw(self, on: bool) -> bool:
        """Let raw pictures of the driver pass instead of animated ones, or no longer.

        Returns:
            Whether they pass now: never while hidden.
        """
        with self._lock:
            on = on and not self._hidden
            if on != self._raw:
                self._raw = on
                self._change(None if on else self._animated or self._slate)
            self._settle()
            return self._raw

    def set_slate(self, slate: Image) -> None:
        """Take another slate, (H, W, 3) uint8 RGB; where it is shown, at once."""
        with self._lock:
            self._slate = Frame(slate, 0, 0)
            if self._hidden:
                self._change(self._slate)

    # -- frames -----------------------------------------------------------------------------------

    def publish(self, frame: Frame, *, raw: bool = False) -> bool:
        """Hand a frame to every sink, if it may pass; never blocks.

        Returns:
            Whether it passed.
        """
        with self._lock:
            self._published_ns = self._clock()
            if self._hidden or frame.t_ns < self._since_ns:
                return False
            if not raw:
                self._animated = frame
            if raw != self._raw:
                return False
            self._last = frame
            for box in self._outlets:
                box.put(frame)  # a closed one ignores it
            return True

    def publish_slate(self, index: int, t_ns: int) -> None:
        """Hand the slate to every sink in the place of a frame; raw pictures go before it."""
        with self._lock:
            if not self._raw:
                self.publish(Frame(self._slate.image, index, t_ns))

    def stand_in(self) -> Frame | None:
        """What a sink that waits for a frame gets now: a slate if it is due, with the time now."""
        with self._lock:
            return self._now(self._slate) if self._stand_in() else None

    # -- sinks ------------------------------------------------------------------------------------

    def subscribe(self, capacity: int = 1, name: str = "") -> Outlet:
        """An outlet that is handed everything that passes from now on; closed if the gate is."""
        with self._lock:
            box = Outlet(capacity, name, self._lock, self._settled)
            if self._closed:
                box.close()
            self._outlets.append(box)
            if self._hidden:
                box.refill(self._now(self._slate))
            return box

    def leave(self, box: Outlet) -> None:
        """The consumer of an outlet ends: it takes no more frames, not even those that wait."""
        with self._lock:
            box.close()
            box.give_back()
            self._outlets = [b for b in self._outlets if b is not box]

    def close(self) -> None:
        """Close every outlet; what already lies in them can still be taken, unless it is hidden."""
        with self._lock:
            self._closed = True
            for box in self._outlets:
                box.close()

    def reopen(self) -> None:
        """Begin another run: without its old sinks and without raw pictures."""
        with self._lock:
            self._closed = self._raw = False
            self._last = self._animated = self._published_ns = None
            if self._hidden:
                self._last = self._now(self._slate)

    # -- inside, under the lock -------------------------------------------------------------------

    def _change(self, before: Frame | None = None) -> None:
        """What waits was meant for another state: replace it.

        Args:
            before: what is shown until a frame of the new state comes; None = what is shown now.
        """
        self._since_ns = self._clock()
        if before is not None:
            before = self._last = self._now(before)
        for box in self._outlets:
            box.refill(before)

    def _settle(self) -> None:
        """See off the frames that were handed out before the last change."""
        end = monotonic() + self._patience_s
        while any(box.outdated for box in self._outlets):
            left_s = end - monotonic()
            if left_s <= 0 or not self._settled.wait(left_s):
                return  # such a write began before this call, and is still going on

    def _stand_in(self) -> bool:
        """Whether the slate is due without anybody publishing it; if so, it is what is shown."""
        if self._hidden:
            return True
        if self._published_ns is None:
            return False
        idle_ms = (self._clock() - self._published_ns) / 1e6 - STALE_S * 1e3
        if idle_ms < 0 or not self.rest.covers(idle_ms):
            return False
        if self._last is None or self._last.image is not self._slate.image:
            self._last = self._now(self._slate)
        return True

    def _now(self, frame: Frame) -> Frame:
        return Frame(frame.image, frame.index, self._clock())
