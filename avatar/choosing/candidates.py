"""Candidates: every installed engine in each of its precisions, and whether it can run here.

Nothing is opened and nothing measured, and an engine that needs a GPU is not even asked where there
is none: the table is there in milliseconds, without PyTorch.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from avatar.engine import GPU_RANK, QUICK_RANK, Engine, Installed, label
from avatar.errors import AvatarError, EngineError, UsageError
from avatar.gpu import Gpu
from avatar.graphs import INT8

if TYPE_CHECKING:
    from avatar.weights import Weights

log = logging.getLogger(__name__)

QUANTISED = (INT8,)
"""Precisions that cost quality; all others stay within rounding of the reference."""

NO_GPU = "no NVIDIA GPU was found"


class State(Enum):
    """Whether an engine can run here; the values are for people and for ``--json``."""

    READY = "ready"
    UNBUILT = "needs a build"
    UNAVAILABLE = "cannot run here"


@dataclass(frozen=True)
class Candidate:
    """An engine in one precision.

    Attributes:
        name: of the engine.
        precision: one of its precisions.
        label: how both are written: "ov:int8", "eager".
        rank: of the engine.
        state: whether it can run here.
        why: what has to be built first, or why it cannot run; empty when it is ready.
        default: whether ``precision`` is the one taken for the bare name.
        engine: its class; None when its module cannot be imported.
    """

    name: str
    precision: str
    label: str
    rank: int
    state: State
    why: str = ""
    default: bool = True
    engine: type[Engine] | None = None

    @property
    def quantised(self) -> bool:
        """Whether it gives up quality for speed."""
        return self.precision in QUANTISED

    @property
    def on_gpu(self) -> bool:
        """Whether it is there for NVIDIA GPUs only."""
        return self.rank >= GPU_RANK

    @property
    def quick(self) -> bool:
        """Whether it opens fast enough to be measured at a start."""
        return QUICK_RANK <= self.rank < GPU_RANK

    def make(self, weights: "Weights | None") -> Engine:
        """The engine, not yet open."""
        if self.engine is None:
            raise EngineError(f"Engine {self.name} cannot run here: {self.why}.")
        return construct(self.engine, weights, self.precision)


def construct(engine: type[Engine], weights: "Weights | None", precision: str) -> Engine:
    """An engine of a class; those of a negative rank are fakes and get no weights."""
    constructor: Callable[[Any, str], Engine] = engine
    return constructor(weights if engine.rank >= 0 else None, precision)


def survey(
    installed: Installed, weights: "Callable[[], Weights | None]", gpu: Gpu | None
) -> list[Candidate]:
    """All candidates, the preferred ones first; fakes last.

    Args:
        installed: the engines.
        weights: called once an engine needs them to know what it lacks.
        gpu: of this machine.

    Raises:
        WeightsError: the weights are missing or damaged.
    """
    found: list[Candidate] = []
    for name, engine in installed.engines.items():
        why = _why_not(engine, gpu)
        for precision in engine.precisions:
            found.append(_candidate(name, engine, precision, why, weights))
    for name, why in installed.broken.items():
        found.append(Candidate(name, "", name, 0, State.UNAVAILABLE, why))
    # Among the precisions of an engine the quantised ones are the faster ones.
    return sorted(found, key=lambda c: (c.rank < 0, -c.rank, not c.quantised, not c.default))


def parse(spec: str, installed: Installed) -> tuple[type[Engine], str]:
    """The engine and precision that a user wrote: "ov", "ov:int8".

    Raises:
        UsageError: there is no such engine, or it has no such precision.
        EngineError: its module cannot be imported.
    """
    name, colon, precision = spec.strip().partition(":")
    if name in installed.broken:
        raise EngineError(
            f"Engine {name} cannot run here: {installed.broken[name]}.",
            hint="Install the package again, or leave --engine out to let the app choose.",
        )
    engine = installed.engines.get(name)
    if engine is None:
        known = ", ".join(sorted({*installed.engines, *installed.broken}))
        raise UsageError(
            f"No engine is called {name!r}; there are: {known or 'none'}.",
            hint="Pick one of these with --engine, or leave it out. avatar engines lists them.",
        )
    if not colon:
        return engine, engine.precisions[0]
    if precision not in engine.precisions:
        raise UsageError(
            f"Engine {name} has no precision {precision!r}; it has: "
            f"{', '.join(engine.precisions)}.",
            hint=f"Write --engine {label(name, engine.precisions[0], engine.precisions)}",
        )
    return engine, precision


def asked_for(spec: str, installed: Installed, weights: "Callable[[], Weights]") -> Engine:
    """The engine that a user asked for, not yet open; it may need a build.

    Raises:
        UsageError: there is none of that name or precision.
        EngineError: it cannot run on this machine.
        WeightsError: the weights are missing or damaged.
    """
    engine, precision = parse(spec, installed)
    if why := _available(engine):
        raise EngineError(
            f"Engine {engine.name} cannot run here: {why}.",
            hint="Leave --engine out to let the app choose; avatar engines lists what can run.",
        )
    return construct(engine, weights() if engine.rank >= 0 else None, precision)


def _candidate(
    name: str,
    engine: type[Engine],
    precision: str,
    why: str,
    weights: "Callable[[], Weights | None]",
) -> Candidate:
    state = State.UNAVAILABLE if why else State.READY
    if not why:
        given = weights() if engine.rank >= 0 else None
        try:
            why = construct(engine, given, precision).missing()
            state = State.UNBUILT if why else State.READY
        except AvatarError as error:
            why, state = error.message.rstrip("."), State.UNAVAILABLE
        except Exception as error:  # an engine's bug costs that engine, and its reason is shown
            log.warning("engine %s cannot say what it lacks", name, exc_info=error)
            why, state = f"{type(error).__name__}: {error}", State.UNAVAILABLE
    written = label(name, precision, engine.precisions)
    default = precision == engine.precisions[0]
    return Candidate(name, precision, written, engine.rank, state, why, default, engine)


def _why_not(engine: type[Engine], gpu: Gpu | None) -> str:
    if engine.rank >= GPU_RANK and gpu is None:
        return NO_GPU
    return _available(engine)


def _available(engine: type[Engine]) -> str:
    try:
        return engine.available()
    except Exception as error:  # as above
        log.warning("engine %s cannot say whether it runs here", engine.name, exc_info=error)
        return f"{type(error).__name__}: {error}"
