"""Contest: engines are opened one after another and measured against each other.

Only what is measured together can be compared: the machine may be busier at another time.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from avatar.choosing.candidates import Candidate, State
from avatar.choosing.offer import said
from avatar.choosing.speeds import Speed
from avatar.choosing.trial import measure
from avatar.engine import Engine, Progress
from avatar.errors import Cancelled

if TYPE_CHECKING:
    from avatar.weights import Weights

log = logging.getLogger(__name__)

BUDGET_S = 2.0
"""How long measuring may take at a start; an engine once opened is measured even beyond it."""

OPENING_S = 1.2
"""The part of it after which no third engine is opened: one alone can be compared with nothing."""

BUILD_LIMIT_S = 60.0
"""A build that takes longer is given up when all engines are measured."""

Cancel = Callable[[], bool]


class Contest:
    """One contest, on the thread that opens it; what is left in it is closed with it.

    Args:
        weights: reads what engines run.
        remember: told the milliseconds a frame that were found, by label.
        cancelled: asked between engines and frames.
        clock: seconds.

    Attributes:
        opened: engines that work, by label; who takes one out closes it.
        failed: why others do not, by label.
    """

    def __init__(
        self,
        weights: "Callable[[], Weights]",
        remember: Callable[[Mapping[str, float]], None],
        cancelled: Cancel,
        clock: Callable[[], float],
    ) -> None:
        self.opened: dict[str, Engine] = {}
        self.failed: dict[str, str] = {}
        self._weights = weights
        self._remember = remember
        self._cancelled = cancelled
        self._clock = clock

    def __enter__(self) -> "Contest":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for engine in self.opened.values():
            engine.close()

    def hold(
        self, candidates: Sequence[Candidate], known: Mapping[str, Speed], progress: Progress
    ) -> None:
        """Open and measure what there is time for.

        Args:
            candidates: all of them ready.
            known: earlier measurements, by label; the fastest is measured again, and those that
                are not are rescaled by it.
            progress: told what is measured.

        Raises:
            Cancelled: ``cancelled()`` turned true.
        """
        # What was never measured, so that each gets its turn at some start, against the fastest.
        unknown = [c for c in candidates if c.label not in known]
        timed = sorted((c for c in candidates if c.label in known), key=lambda c: known[c.label].ms)
        order = [*unknown[:1], *timed[:1], *unknown[1:], *timed[1:]]
        begun = self._clock()
        for index, candidate in enumerate(order):
            if len(self.opened) > 1 and self._clock() - begun >= OPENING_S:
                log.info("%s is measured at another start: time ran out", candidate.label)
                break
            progress(index / (len(order) + 1), f"Measuring {candidate.label}")
            self._open(candidate)
        self.measure(max(0.0, BUDGET_S - (self._clock() - begun)), known)
        if self._cancelled():
            raise Cancelled("Choosing an engine was cancelled.")

    def enter(self, candidate: Candidate, progress: Progress) -> None:
        """Open an engine, after a build where that is needed and quick.

        Raises:
            Cancelled: ``cancelled()`` turned true.
        """
        if candidate.state is State.UNBUILT:
            begun = self._clock()
            try:
                candidate.make(self._weights()).build(
                    progress, lambda: self._cancelled() or self._clock() - begun > BUILD_LIMIT_S
                )
            except Cancelled:
                if self._cancelled():
                    raise
                why = f"building takes more than {BUILD_LIMIT_S:.0f} s; avatar run builds it"
                self.failed[candidate.label] = why
                return
            except Exception as error:
                log.warning("engine %s cannot be built", candidate.label, exc_info=error)
                self.failed[candidate.label] = f"cannot be built: {said(error)}"
                return
        self._open(candidate)

    def measure(self, budget_s: float, before: Mapping[str, Speed] | None = None) -> None:
        """Measure what is open and remember it; what fails is closed.

        Args:
            budget_s: seconds in all; the fewest rounds are done whatever they take.
            before: earlier measurements, to be rescaled.
        """
        found, failed = measure(self.opened, budget_s, self._cancelled, self._clock)
        for label, error in failed.items():
            log.warning("engine %s failed", label, exc_info=error)
            self.opened.pop(label).close()
            self.failed[label] = f"failed: {said(error)}"
        if found:
            self._remember(_rescaled(before or {}, found) | found)

    def _open(self, candidate: Candidate) -> None:
        if self._cancelled():
            raise Cancelled("Choosing an engine was cancelled.")
        engine = candidate.make(self._weights())
        try:
            engine.open()
        except Exception as error:
            log.warning("engine %s cannot start", candidate.label, exc_info=error)
            engine.close()
            self.failed[candidate.label] = f"cannot start: {said(error)}"
        else:
            self.opened[candidate.label] = engine


def _rescaled(before: Mapping[str, Speed], found: Mapping[str, float]) -> dict[str, float]:
    """Earlier measurements as they would be now, in ms, by the fastest that was measured again."""
    again = [label for label in before if label in found]
    if not again:
        return {}
    anchor = min(again, key=lambda label: before[label].ms)
    factor = found[anchor] / before[anchor].ms
    return {label: speed.ms * factor for label, speed in before.items() if label not in found}
