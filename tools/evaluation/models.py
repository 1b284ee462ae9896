"""The models that are compared: weights by name, their switches, and the engine that runs them."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from avatar import weights
from avatar.choosing.candidates import asked_for
from avatar.engine import Engine, find_engines
from avatar.errors import EngineError, UsageError
from tools.evaluation.methods import Animated
from tools.evaluation.puppet import Puppet
from tools.evaluation.switches import switched

CHOICES = {"on": (True,), "off": (False,), "both": (True, False)}
"""What an option of a switch means: which ways it is measured."""


def models(
    names: Sequence[str], engine: str, depth: Sequence[bool], attention: Sequence[bool]
) -> Iterator[Animated]:
    """One method for every model and every way of its switches; no engine is open yet.

    Args:
        names: of weights, or their paths.
        engine: "eager", "ov:int8".
        depth, attention: the ways to measure, True for on.

    Raises:
        UsageError: no such engine; a model has no such part; or two would have one name.
        WeightsError: no such weights.
        EngineError: the engine cannot run here.
    """
    taken: set[str] = set()
    for name in names:
        loaded = weights.describe(name)
        for with_depth, with_attention in product(depth, attention):
            used = switched(loaded, depth=with_depth, attention=with_attention)
            off = [
                part
                for part, on in (("depth", with_depth), ("attention", with_attention))
                if not on
            ]
            label = ", ".join([loaded.name, *(f"no {part}" for part in off)])
            if label in taken and loaded.path is not None:
                label = ", ".join([loaded.path.stem, *(f"no {part}" for part in off)])
            if label in taken:
                raise UsageError(f"Two models are called {label}.", hint="Rename one of the files.")
            taken.add(label)
            made = asked_for(engine, find_engines(), _giving(used))
            if off:
                _check(made, off)
            about = f"{loaded.path.name if loaded.path else loaded.name}, SHA-256 {loaded.sha256}"
            if off:
                about += f"; {' and '.join(off)} switched off at test time, not trained without"
            yield Animated(label, Puppet(made, used.params), about)


def _check(engine: Engine, off: Sequence[str]) -> None:
    """Refuse an engine that runs graphs made before: nothing can be switched off in them."""
    try:
        engine.missing()
    except EngineError as error:
        raise UsageError(
            f"The engine {engine.name} cannot run a model without its {' and '.join(off)}: it "
            f"runs graphs from a weights file. ({error.message})",
            hint="Use --engine eager.",
        ) from error


def _giving(used: weights.Weights) -> Callable[[], weights.Weights]:
    return lambda: used
