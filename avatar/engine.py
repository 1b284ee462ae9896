"""The Engine port: what runs the three graphs (encode, detect, render), and how one is chosen.

This module knows no engine. Engines announce themselves through the entry-point group
``avatar.engines``; each is constructed from :class:`~avatar.weights.Weights`.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from avatar.frame import Image, Keypoints

log = logging.getLogger(__name__)

GROUP = "avatar.engines"
AUTO = "auto"

QUICK_RANK = 20
"""From this rank on engines open in well under a second, without PyTorch, once their graphs are
there: they can be measured when the app starts."""

GPU_RANK = 60
"""From this rank on engines need an NVIDIA GPU, and outrun every other where there is one."""

Progress = Callable[[float, str], None]
"""Called with the share done in [0, 1] and a sentence for the user."""

Code = Any
"""What ``encode`` returns: opaque to everyone but the engine that made it."""


@runtime_checkable
class Engine(Protocol):
    """One way of running the networks. One thread opens, calls and closes it; one that does without
    PyTorch may be handed on, to be used by one thread at a time.

    Constructed from ``(weights, precision)``; ``None`` as precision is the first of ``precisions``.

    Class attributes:
        name: by which users ask for it.
        rank: automatic choice tries higher ranks first; negative ones only when asked for.
        precisions: in which it can run the networks, the one to be had always first.

    An engine may also have, once it is open:
        note: more for the user than its name tells ("CPU provider on 1 thread"); it becomes part of
            the reason.
        device: where it runs, if it can be another device than its rank tells ("cuda:0").

    And from the start:
        shows: names of the maps that :meth:`inspect` can give; without it, none is known. A model
            without the part in question has fewer.
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
        """Named maps off the hot path: depth, flow, occlusion, mask, attention (float32, see
        engines/eager.py). The arrays belong to the caller.

        Raises:
            EngineError: a map that this engine or this model does not have.
        """
        ...

    def close(self) -> None:
        """Free everything; idempotent."""
        ...


@dataclass(frozen=True)
class Installed:
    """The engines of this installation.

    Attributes:
        engines: by name.
        broken: why those cannot be imported that are installed and missing in ``engines``.
    """

    engines: dict[str, type[Engine]]
    broken: dict[str, str] = field(default_factory=dict)


def find_engines() -> Installed:
    """Every engine announced by a package; one whose module fails is kept with its reason."""
    engines: dict[str, type[Engine]] = {}
    broken: dict[str, str] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            engines[point.name] = point.load()
        except Exception as error:  # a foreign module may raise anything; its reason is shown
            log.warning("engine %s cannot be imported", point.name, exc_info=error)
            broken[point.name] = f"its module cannot be imported: {type(error).__name__}: {error}"
    return Installed(engines, broken)


def engines() -> dict[str, type[Engine]]:
    """The engines that can be imported, by name."""
    return find_engines().engines


def label(name: str, precision: str, precisions: Sequence[str]) -> str:
    """How an engine with its precision is written: "ov:int8", or "eager" where it has only one."""
    return f"{name}:{precision}" if len(precisions) > 1 else name


def label_of(engine: Engine) -> str:
    """The label of an engine that was made."""
    return label(engine.name, engine.precision, engine.precisions)
