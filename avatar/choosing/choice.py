"""Chooser: which engine runs the networks, and why this one.

With an NVIDIA GPU that is the GPU engine of the highest rank. On a CPU the engines that open
quickly are measured once (avatar/choosing/contest.py), in the same session that then runs the
fastest of them, and remembered (avatar/choosing/speeds.py). What is faster but has to be built
first is named too, so that it can be built while another runs. Every candidate that was not taken
is in the reason.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING

from avatar.choosing.candidates import Candidate, State, asked_for, survey
from avatar.choosing.contest import BUDGET_S, Cancel, Contest
from avatar.choosing.offer import Offer
from avatar.choosing.plan import UNMEASURED, Plan
from avatar.choosing.remote import RemoteEngine
from avatar.choosing.speeds import Speed, Speeds, this_machine
from avatar.engine import GPU_RANK, Engine, Installed, Progress, find_engines, label_of
from avatar.errors import EngineError
from avatar.gpu import Gpu, cure, find_gpu

if TYPE_CHECKING:
    from avatar.weights import Weights


def no_progress(share: float, sentence: str) -> None:
    """Tell nobody."""


def never() -> bool:
    """Nobody cancels."""
    return False


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
        with self._contest(cancelled) as contest:
            while plan.taken is None:
                contest.hold(plan.contest, self.speeds(), progress)
                plan = self.plan({**given, **contest.failed}, settle=bool(contest.opened))
            engine = contest.opened.pop(plan.taken.label, None)
        weights = self._the_weights()
        return Offer(
            plan.taken.make(weights) if engine is None else engine,
            plan.full_reason,
            engine is not None,
            None if plan.better is None else plan.better.make(weights),
            plan.better_reason,
            contest.failed,
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
            with self._contest(cancelled) as contest:
                for candidate in group:
                    progress(wanted.index(candidate) / len(wanted), f"Starting {candidate.label}")
                    contest.enter(candidate, progress)
                contest.measure(BUDGET_S * len(contest.opened))
            failed |= contest.failed
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

    def _contest(self, cancelled: Cancel) -> Contest:
        return Contest(self._the_weights, self._remember, cancelled, self._clock)

    def _remember(self, found: Mapping[str, float]) -> None:
        known = self._memory.remember(self._the_weights().sha256, found)
        self._measured |= {label: known[label] for label in found}


def _shows(candidate: Candidate) -> tuple[str, ...]:
    """The maps of a candidate."""
    return tuple(getattr(candidate.engine, "shows", ()))


def uses_gpu(engine: Engine) -> bool:
    """Whether an open engine runs on an NVIDIA GPU: by its rank, its ``device``, its ``note``."""
    first = str(getattr(engine, "note", "")).partition(";")[0]  # the rest says what was rejected
    device = str(getattr(engine, "device", ""))
    return engine.rank >= GPU_RANK or device.startswith("cuda") or "CUDA" in first
