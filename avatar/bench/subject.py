"""What is measured: a model, run in one way; and how a user names it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from avatar.engine import Engine
from avatar.errors import UsageError

REFERENCE = "reference"
"""The network as the official demo evaluates it; no engine."""

MATMUL = "matmul"
"""This machine's rate of matrix multiplication; no model."""


@dataclass(frozen=True)
class Subject:
    """One row of the bench.

    Attributes:
        model: for people, such as "compact".
        weights: name or file of its weights; None for an engine that needs none.
        engine: name of an engine, or REFERENCE or MATMUL.
        precision: in which it runs; "" for MATMUL.
    """

    model: str
    weights: str | None
    engine: str
    precision: str

    @property
    def label(self) -> str:
        """``ov:int8``; a reference says nothing of its precision."""
        own = self.engine in (REFERENCE, MATMUL) or not self.precision
        return self.engine if own else f"{self.engine}:{self.precision}"

    def to_json(self) -> dict[str, Any]:
        """What :meth:`from_json` takes."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Subject":
        """The subject that :meth:`to_json` described."""
        return cls(**values)


def wanted_engines(
    asked: Sequence[str], found: Mapping[str, type[Engine]]
) -> list[tuple[str, str]]:
    """(engine, precision) of what is asked for; of nothing: every engine in every precision.

    Engines of negative rank (fakes) take part only when named. ``ov`` alone is its first precision.

    Raises:
        UsageError: no engine of that name, or not in that precision.
    """
    if not asked:
        ranked = sorted(found.values(), key=lambda engine: -engine.rank)
        return [(e.name, p) for e in ranked if e.rank >= 0 for p in e.precisions]
    wanted: dict[tuple[str, str], None] = {}
    for text in asked:
        name, colon, precision = text.partition(":")
        if name not in found:
            raise UsageError(
                f"No engine is called {name!r}; there are: {', '.join(sorted(found)) or 'none'}.",
                hint="avatar engines lists them.",
            )
        known = found[name].precisions
        if colon and precision not in known:
            raise UsageError(
                f"Engine {name} has no precision {precision!r}; it has: {', '.join(known)}.",
                hint=f"Use --engine {name}, or --engine {name}:{known[0]}.",
            )
        wanted[name, precision or known[0]] = None
    return list(wanted)
