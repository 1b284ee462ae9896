"""The Engine port: what runs the three graphs (encode, detect, render), and how one is chosen.

This module knows no engine. Engines announce themselves through the entry-point group
``avatar.engines``; each is constructed from :class:`~avatar.weights.Weights`.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from avatar.errors import EngineError, UsageError
from avatar.frame import Image, Keypoints

log = logging.getLogger(__name__)

GROUP = "avatar.engines"
AUTO = "auto"

Progress = Callable[[float, str], None]
"""Called with the share done in [0, 1] and a sentence for the user."""

Code = Any
"""What ``encode`` returns: opaque to everyone but the engine that made it."""


@runtime_checkable
class Engine(Protocol):
    """One way of running the networks. One thread opens, calls and closes it.

    Constructed from ``(weights, precision)``; ``None`` as precision is the first of ``precisions``.

    Class attributes:
        name: by which users ask for it.
        rank: automatic choice tries higher ranks first; negative ones only when asked for.
        precisions: in which it can run the networks, the one to be had always first.
    """

    name: ClassVar[str]
    rank: ClassVar[int]
    precisions: ClassVar[tuple[str, ...]]
    precision: str

    @classmethod
    def available(cls) -> str:
        """Empty when it can run on this machine, else the reason why not."""
        ...

    def missing(self) -> str:
        """What :meth:`build` has to make before :meth:`open` ("a TensorRT plan for this GPU"); else
        empty."""
        ...

    def build(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        """Make artefacts (plans, compiled models) in a cache folder. May take minutes.

        It may run on another thread, beside another engine that animates; what takes long runs in
        a process of its own. An artefact is written whole or not at all.

        Raises:
            Cancelled: ``cancelled()`` turned true.
            EngineError: the artefacts cannot be made.
        """
        ...

    def open(self) -> None:
        """Load artefacts and warm up; never compiles for minutes.

        Raises:
            EngineError: it cannot run here; the message says why.
        """
        ...

    def encode(self, portrait: Image) -> tuple[Code, Keypoints]:
        """Everything that depends on the portrait alone: (256, 256, 3) uint8 -> code, keypoints."""
        ...

    def detect(self, driving: Image) -> Keypoints:
        """Depth and keypoints of one driving crop: (256, 256, 3) uint8 -> keypoints."""
        ...

    def render(self, code: Code, driving: Keypoints) -> Image:
        """The portrait in the pose of ``driving`` (after Motion): -> (256, 256, 3) uint8, new
        array."""
        ...

    def inspect(
        self, code: Code, driving: Image, motion: Keypoints, wanted: Sequence[str]
    ) -> dict[str, np.ndarray]:
        """Named maps off the hot path: depth, flow, occlusion, mask (float32, see
        engines/eager.py)."""
        ...

    def close(self) -> None:
        """Free everything; idempotent."""
        ...


@dataclass(frozen=True)
class Choice:
    """The engine class taken, and why: ``reason`` names every rejected candidate too."""

    engine: type[Engine]
    reason: str


def engines() -> dict[str, type[Engine]]:
    """Every installed engine by name; one whose module fails to import is left out with a
    warning."""
    found: dict[str, type[Engine]] = {}
    for point in entry_points(group=GROUP):
        try:
            found[point.name] = point.load()
        except ImportError as error:
            log.warning("engine %s cannot be imported: %s", point.name, error)
    return found


def choose(wanted: str = AUTO, found: dict[str, type[Engine]] | None = None) -> Choice:
    """Pick an engine by name, or the highest-ranked one available.

    Raises:
        UsageError: there is no engine of that name.
        EngineError: the engine asked for, or every engine, cannot run here.
    """
    found = engines() if found is None else found
    if wanted != AUTO:
        if wanted not in found:
            raise UsageError(
                f"No engine is called {wanted!r}; there are: {', '.join(sorted(found)) or 'none'}.",
                hint="Pick one of these with --engine, or leave it out.",
            )
        if missing := found[wanted].available():
            raise EngineError(
                f"Engine {wanted} cannot run here: {missing}.",
                hint="Leave --engine out to let the app choose.",
            )
        return Choice(found[wanted], "asked for")
    rejected: list[str] = []
    for engine in sorted(found.values(), key=lambda e: -e.rank):
        if engine.rank < 0:  # fakes take part only when named
            continue
        if missing := engine.available():
            rejected.append(f"{engine.name}: {missing}")
            continue
        why = "fastest available"
        return Choice(engine, "; ".join([why, *(f"rejected {r}" for r in rejected)]))
    raise EngineError(
        f"No engine can run here ({'; '.join(rejected) or 'none is installed'}).",
        hint="Install the package with its dependencies: make setup.",
    )
