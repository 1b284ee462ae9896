"""Building plans in a process of its own: ``python -m engines.trt_build WEIGHTS``.

Compiling takes minutes and gigabytes and may crash in foreign code; a process can be ended at once
and takes nobody with it. It compiles what is missing, compares, and goes on to the next form where
a plan differs from eager. Standard output has one line for each step; when standard input closes,
because the app is gone, it ends. Started by :mod:`engines.trt_aside`.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from avatar.errors import AvatarError
from avatar.graphs import NAMES
from engines.trt import CheckFailed, TrtEngine
from engines.trt_forms import LADDER, Form
from engines.trt_ladder import Ladder

if TYPE_CHECKING:
    from avatar.model.graphs import Graph
    from avatar.weights import Weights
    from engines.trt_compile import Compiler

log = logging.getLogger(__name__)

Tell = Callable[[str, str], None]
"""Called with a step and the form's sentence, or with "differs" and why."""


def make(
    weights: "Weights",
    compiler: "Compiler",
    engine: Callable[[], TrtEngine],
    tell: Tell,
) -> None:
    """Compile every missing plan and compare, form after form, until all graphs agree with eager.

    Raises:
        EngineError: a graph cannot be compiled, or no form of it agrees.
    """
    plans = engine().plans
    source = _Graphs(weights)
    # Every round that fails rules out a form.
    for _ in range(sum(map(len, LADDER.values()))):
        forms = Ladder(plans).forms()
        for graph in NAMES:
            form = forms[graph]
            if plans.find(graph, form.name)[0] is None:
                tell(graph, form.sentence)
                made = compiler.compile(source.graph(graph, form), form)
                plans.store(graph, form.name, *made)
        tell("check", "")
        opened = engine()
        try:
            opened.open()
        except CheckFailed as error:
            tell("differs", error.message)
            continue
        finally:
            opened.close()
        return
    Ladder(plans).forms()  # raises


class _Graphs:
    """The graphs of a model in any form; networks are made once, when first needed."""

    def __init__(self, weights: "Weights") -> None:
        from avatar.model.graphs import graphs
        from engines.trt_forms import network

        self._make = lambda half: network(weights, half)
        self._plain = {graph.name: graph for graph in graphs(network(weights, half=False))}
        self._half: dict[str, Graph] = {}

    def graph(self, name: str, form: Form) -> "Graph":
        plain = self._plain[name]
        if not form.half:
            return plain
        if not self._half:
            half = self._make(True)
            self._half = {
                graph.name: graph._replace(module=type(graph.module)(half).eval())
                for graph in self._plain.values()
            }
        return self._half[name]


def _end_with_parent() -> None:
    """End this process once standard input closes.

    Read without Python's buffer: its lock, held by a thread that waits, aborts a process that ends.
    """
    while os.read(0, 1):
        pass
    os._exit(1)


def main(argv: list[str]) -> int:
    """Make the plans of the weights file ``argv[0]``."""
    from avatar.weights import load
    from engines.trt_machine import TensorRtMachine

    # Compilers print what they like: our lines go where the standard output was, all else to the
    # complaints.
    lines = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def tell(step: str, what: str) -> None:
        lines.write(json.dumps([step, what]) + "\n")

    try:
        weights = load(argv[0])
        machine = TensorRtMachine()
        make(weights, machine.compiler(), lambda: TrtEngine(weights, machine=machine), tell)
    except AvatarError as error:
        log.debug("the build failed", exc_info=error)
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
