"""Choice: which engine runs the networks, and why this one.

With an NVIDIA GPU that is the GPU engine of the highest rank. On a CPU the engines that open
quickly are measured once, in the same session that then runs the fastest of them, and remembered
(avatar/choosing/speeds.py). What is faster but has to be built first is named too, so that it can
be built while another runs. Every candidate that was not taken is in the reason.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING

from avatar.choosing.candidates import Candidate, State, asked_for, survey
from avatar.choosing.plan import REJECTED, UNMEASURED, Plan
from avatar.choosing.remote import RemoteEngine
from avatar.choosing.speeds import Speed, Speeds, this_machine
from avatar.choosing.trial import measure
from avatar.engine import GPU_RANK, Engine, Installed, Progress, find_engines, label_of
from avatar.errors import AvatarError, Cancelled, EngineError
from avatar.gpu import Gpu, cure, find_gpu

if TYPE_CHECKING:
    from avatar.weights import Weights

log = logging.getLogger(__name__)

BUDGET_S = 2.0
"""How long measuring may take at a start; an engine once opened is measured even beyond it."""

OPENING_S = 1.2
"""The part of it after which no third engine is opened: one alone can be compared with nothing."""

BUILD_LIMIT_S = 60.0
"""A build that takes longer is given up when all engines are measured."""

ASKED = "asked for"
"""The reason for an engine that the user named."""

Cancel = Callable[[], bool]


def no_progress(share: float, sentence: str) -> None:
    """Tell nobody."""


def never() -> bool:
    """Nobody cancels."""
    return False


@dataclass(frozen=True)
class Offer:
    """An engine to run.

    Attributes:
        engine: it needs a build first only where nothing is ready.
        reason: why this one, and why none of the others.
        opened: it is open already, since it was measured.
        better: one that is preferred, and has to be built first; not open.
        better_reason: for ``better``, once it runs.
        failed: why engines could not be opened or measured, by label.
    """

    engine: Engine
    reason: str
    opened: bool = False
    better: Engine | None = None
    better_reason: str = ""
    failed: Mapping[str, str] = field(default_factory=dict)


class Chooser:
    """Chooses among the engines of this machine. The thread that calls it opens and closes them.

    Args:
        weights: reads what engines run; called at most once, and not for fakes.
        installed: the engines; None = those installed.
        speeds: the memory of measurements; None = this machine's.
        gpu: finds the GPU, called at most once; None = this machine's.
        offline: quality and speed count, not the time until the first frame: nothing quantised
            unless asked for, and what has to be built is built first.
        clock: seconds.
    """

    def __init__(
        self,
        weights: "Callable[[], Weights]",
        *,
        installed: Installed | None = None,
        speeds: Speeds | None = None,
        gpu: Callable[[], Gpu | None] | None = None,
        offline: bool = False,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._read_weights = weights
        self._installed = installed
        self._speeds = speeds
        self._find_gpu = gpu
        self._offline = offline
        self._clock = clock
        self._lock = threading.Lock()  # the window asks for candidates while another thread chooses
        self._weights: Weights | None = None
        self._measured: dict[str, Speed] = {}  # stays known where the file cannot be written

    @cached_property
    def gpu(self) -> Gpu | None:
        """The NVIDIA GPU of this machine."""
        return find_gpu() if self._find_gpu is None else self._find_gpu()

    @cached_property
    def installed(self) -> Installed:
        """The engines of this installation."""
        return find_engines() if self._installed is None else self._installed

    def asked(self, spec: str) -> Engine:
        """The engine that a user asked for ("ov:int8"), not yet open; it may need a build.

        Raises:
            UsageError: there is none of that name or precision.
            EngineError: it cannot run on this machine.
            WeightsError: the weights are missing or damaged.
        """
        return asked_for(spec, self.installed, self._the_weights)

    def candidates(self) -> list[Candidate]:
        """Every engine in each of its precisions, the preferred ones first.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        return survey(self.installed, self._the_weights, self.gpu)

    def speeds(self) -> dict[str, Speed]:
        """What is known for these weights, by label: remembered, or measured by this chooser."""
        return self._memory.of(self._the_weights().sha256) | self._measured

    def plan(self, failed: Mapping[str, str] | None = None, *, settle: bool = False) -> Plan:
        """What would be taken.

        Args:
            failed: labels that must not be taken, and why.
            settle: do with the measurements there are; without any, go by rank.

        Raises:
            EngineError: no engine can run here.
            WeightsError: the weights are missing or damaged.
        """
        return Plan.of(
            self.candidates(),
            self.speeds(),
            {} if failed is None else failed,
            self.gpu,
            offline=self._offline,
            settle=settle,
        )

    def auto(
        self,
        failed: Mapping[str, str] | None = None,
        progress: Progress = no_progress,
        cancelled: Cancel = never,
        *,
        measuring: bool = True,
    ) -> Offer:
        """The fastest engine that works here, open if it was measured for that.

        Args:
            failed: labels that must not be taken, and why.
            progress: told what is measured.
            cancelled: asked between engines and frames.
            measuring: False: go by what is known, and else by rank, so that nobody waits.

        Raises:
            EngineError: no engine can run here.
            WeightsError: the weights are missing or damaged.
            Cancelled: ``cancelled()`` turned true; nothing is left open.
        """
        given = dict(failed or {})
        plan = self.plan(given, settle=not measuring)
        opened: dict[str, Engine] = {}
        broken: dict[str, str] = {}
        try:
            while plan.taken is None:
                newly = self._contest(plan.contest, opened, progress, cancelled)
                broken |= newly
                plan = self.plan({**given, **broken}, settle=bool(opened))
            engine = opened.pop(plan.taken.label, None)
        finally:
            for loser in opened.values():
                loser.close()
        weights = self._the_weights()
        return Offer(
            plan.taken.make(weights) if engine is None else engine,
            plan.full_reason,
            engine is not None,
            None if plan.better is None else plan.better.make(weights),
            plan.better_reason,
            broken,
        )

    def showing(self, maps: Sequence[str]) -> Engine:
        """The engine to show maps by: one that is ready, least in the way of the one that animates.

        One that needs PyTorch runs in a process of its own (avatar/choosing/remote.py).

        Args:
            maps: their names, such as depth and flow.

        Raises:
            EngineError: there is none; the message says why.
            WeightsError: the weights are missing or damaged.
        """
        candidates = self.candidates()
        ready = [
            c
            for c in candidates
            if c.state is State.READY and not c.quantised and set(maps) <= set(_shows(c))
        ]
        if ready:
            # CPU engines without PyTorch open at once; a fake is taken where there is only that.
            best = min(
                ready, key=lambda c: (c.rank < 0, not c.quick, c.on_gpu, -c.rank, not c.default)
            )
            if best.rank < 0:
                return best.make(None)
            weights = self._the_weights()
            if best.quick or weights.path is None:
                return best.make(weights)
            return RemoteEngine(best.label, str(weights.path))
        able = [c for c in candidates if set(maps) <= set(_shows(c))]
        why = "; ".join(dict.fromkeys(f"{c.name}: {c.why}" for c in able if c.rank >= 0 and c.why))
        raise EngineError(
            f"No engine that can run here shows {', '.join(maps)}" + (f" ({why})." if why else "."),
            hint="pip install 'dagan-avatar[torch]'",
        )

    def measure_all(
        self, progress: Progress = no_progress, cancelled: Cancel = never
    ) -> dict[str, str]:
        """Measure every engine, building what takes less than a minute; why others were not.

        Raises:
            WeightsError: the weights are missing or damaged.
            Cancelled: ``cancelled()`` turned true; what was measured by then is remembered.
        """
        wanted = [
            c
            for c in self.candidates()
            if c.rank >= 0
            and (c.state is State.READY or (c.state is State.UNBUILT and not c.quantised))
        ]
        failed: dict[str, str] = {}
        groups = [[c for c in wanted if c.quick], *([c] for c in wanted if not c.quick)]
        for group in filter(None, groups):
            opened: dict[str, Engine] = {}
            try:
                for candidate in group:
                    progress(wanted.index(candidate) / len(wanted), f"Starting {candidate.label}")
                    failed |= self._open_built(candidate, opened, progress, cancelled)
                failed |= self._measure(opened, BUDGET_S * len(opened), cancelled)
            finally:
                for engine in opened.values():
                    engine.close()
        return failed

    def unused_gpu(self, engine: Engine, failed: Mapping[str, str]) -> EngineError | None:
        """The warning that the GPU is there and an open engine does not use it; None if it does."""
        if self.gpu is None or uses_gpu(engine):
            return None
        why = next(
            (failed.get(c.label) or c.why or UNMEASURED for c in self.candidates() if c.on_gpu),
            "no GPU engine is installed",
        )
        return EngineError(
            f"{self.gpu} is not used: {label_of(engine)} runs on the CPU.", hint=cure(self.gpu, why)
        )

    @cached_property
    def _memory(self) -> Speeds:
        return Speeds(this_machine(self.gpu)) if self._speeds is None else self._speeds

    def _the_weights(self) -> "Weights":
        with self._lock:
            if self._weights is None:
                self._weights = self._read_weights()
            return self._weights

    def _contest(
        self,
        contest: Sequence[Candidate],
        opened: dict[str, Engine],
        progress: Progress,
        cancelled: Cancel,
    ) -> dict[str, str]:
        """Open and measure; leaves open what works, returns why others do not."""
        known = self.speeds()
        # What was never measured, so that each gets its turn at some start, against the fastest.
        unknown = [c for c in contest if c.label not in known]
        timed = sorted((c for c in contest if c.label in known), key=lambda c: known[c.label].ms)
        order = [*unknown[:1], *timed[:1], *unknown[1:], *timed[1:]]
        failed: dict[str, str] = {}
        begun = self._clock()
        for index, candidate in enumerate(order):
            if len(opened) > 1 and self._clock() - begun >= OPENING_S:
                log.info("%s is measured at another start: time ran out", candidate.label)
                break
            progress(index / (len(order) + 1), f"Measuring {candidate.label}")
            failed |= self._open(candidate, opened, cancelled)
        left_s = max(0.0, BUDGET_S - (self._clock() - begun))
        failed |= self._measure(opened, left_s, cancelled, known)
        if cancelled():
            raise Cancelled("Choosing an engine was cancelled.")
        return failed

    def _open_built(
        self,
        candidate: Candidate,
        opened: dict[str, Engine],
        progress: Progress,
        cancelled: Cancel,
    ) -> dict[str, str]:
        """As :meth:`_open`, after a build where that is needed and quick."""
        if candidate.state is State.UNBUILT:
            begun = self._clock()
            try:
                candidate.make(self._the_weights()).build(
                    progress, lambda: cancelled() or self._clock() - begun > BUILD_LIMIT_S
                )
            except Cancelled:
                if cancelled():
                    raise
                limit = f"{BUILD_LIMIT_S:.0f} s"
                return {candidate.label: f"building takes more than {limit}; avatar run builds it"}
            except Exception as error:
                log.warning("engine %s cannot be built", candidate.label, exc_info=error)
                return {candidate.label: f"cannot be built: {said(error)}"}
        return self._open(candidate, opened, cancelled)

    def _open(
        self, candidate: Candidate, opened: dict[str, Engine], cancelled: Cancel
    ) -> dict[str, str]:
        """Open an engine into ``opened``; why it cannot be, by its label."""
        if cancelled():
            raise Cancelled("Choosing an engine was cancelled.")
        engine = candidate.make(self._the_weights())
        try:
            engine.open()
        except Exception as error:
            log.warning("engine %s cannot start", candidate.label, exc_info=error)
            engine.close()
            return {candidate.label: f"cannot start: {said(error)}"}
        opened[candidate.label] = engine
        return {}

    def _measure(
        self,
        opened: dict[str, Engine],
        budget_s: float,
        cancelled: Cancel,
        before: Mapping[str, Speed] | None = None,
    ) -> dict[str, str]:
        """Measure and remember; engines that fail leave ``opened``, those of ``before`` are
        rescaled."""
        found, failed = measure(opened, budget_s, cancelled, self._clock)
        for name, error in failed.items():
            log.warning("engine %s failed", name, exc_info=error)
            opened.pop(name).close()
        if found:
            found = _rescaled(before or {}, found) | found
            known = self._memory.remember(self._the_weights().sha256, found)
            self._measured |= {name: known[name] for name in found}
        return {name: f"failed: {said(error)}" for name, error in failed.items()}


def _shows(candidate: Candidate) -> tuple[str, ...]:
    """The maps of a candidate."""
    return tuple(getattr(candidate.engine, "shows", ()))


def uses_gpu(engine: Engine) -> bool:
    """Whether an open engine runs on an NVIDIA GPU: by its rank, its ``device``, its ``note``."""
    first = str(getattr(engine, "note", "")).partition(";")[0]  # the rest says what was rejected
    device = str(getattr(engine, "device", ""))
    return engine.rank >= GPU_RANK or device.startswith("cuda") or "CUDA" in first


def noted(reason: str, engine: Engine) -> str:
    """A reason with what an open engine has to say of itself, before what was rejected."""
    note = str(getattr(engine, "note", ""))
    if not note or note in reason:
        return reason
    why, rejected, others = reason.partition(REJECTED)
    return f"{why}; {note}{rejected}{others}"


def said(error: Exception) -> str:
    """An error in a list of reasons."""
    if isinstance(error, AvatarError):
        return error.message.rstrip(".")
    return f"{type(error).__name__}: {error}"


def _rescaled(before: Mapping[str, Speed], found: Mapping[str, float]) -> dict[str, float]:
    """Earlier measurements as they would be now, in ms, by the fastest that was measured again.

    The machine may have been busier then: only what is measured together can be compared.
    """
    again = [name for name in before if name in found]
    if not again:
        return {}
    anchor = min(again, key=lambda name: before[name].ms)
    factor = found[anchor] / before[anchor].ms
    return {name: speed.ms * factor for name, speed in before.items() if name not in found}
