"""Ladder: which form of every graph is used, by what comparing its plans with eager has shown."""

from avatar.errors import EngineError
from avatar.graphs import NAMES
from engines.plans import Plan, Plans
from engines.trt_forms import LADDER, Form


class Ladder:
    """The forms of the graphs, stepped down where a plan differs from eager.

    Args:
        plans: with the verdicts.
    """

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    def form(self, graph: str) -> Form | None:
        """The first form that is not known to differ from eager; None where all do."""
        for form in LADDER[graph]:
            plan, _ = self._plans.find(graph, form.name)
            if plan is None or plan.verdict is None or plan.verdict.passed:
                return form
        return None

    def forms(self) -> dict[str, Form]:
        """The form to use of every graph.

        Raises:
            EngineError: every form of a graph differs.
        """
        found = {}
        for graph in NAMES:
            form = self.form(graph)
            if form is None:
                failed = "; ".join(
                    f"{form.sentence}: {self._verdict(graph, form)}" for form in LADDER[graph]
                )
                raise EngineError(
                    f"TensorRT does not give what eager gives for {graph}, in any form ({failed}).",
                    hint="Run with another engine: --engine compiled",
                )
            found[graph] = form
        return found

    def missing(self) -> str:
        """Why a plan has to be compiled; empty where none has to be, or none could be."""
        for graph in NAMES:
            form = self.form(graph)
            if form is None:
                return ""  # nothing that a build could make: opening says it
            plan, why = self._plans.find(graph, form.name)
            if plan is None:
                return why
        return ""

    def plan(self, graph: str, form: Form) -> Plan:
        """The stored plan of a form.

        Raises:
            EngineError: there is none.
        """
        plan, why = self._plans.find(graph, form.name)
        if plan is None:
            raise EngineError(
                f"There is no TensorRT plan to open: {why}.",
                hint="It is compiled in the background when the app chooses this engine.",
            )
        return plan

    def passed_over(self, graph: str, form: Form) -> list[str]:
        """The faster forms that are not used, each with the reason."""
        return [
            f"{graph} not in {tried.sentence}: {self._verdict(graph, tried)}"
            for tried in LADDER[graph][: LADDER[graph].index(form)]
        ]

    def _verdict(self, graph: str, form: Form) -> str:
        plan, _ = self._plans.find(graph, form.name)
        return (
            plan.verdict.note if plan is not None and plan.verdict is not None else "not compared"
        )
