"""The report as a table for the terminal, a metric a row and a method a column."""

from collections.abc import Callable, Iterable
from math import isfinite
from typing import TYPE_CHECKING

from tools.evaluation.bootstrap import Estimate
from tools.evaluation.metrics import METRICS, Metric
from tools.evaluation.report import Report
from tools.evaluation.turns import AXES, by_size, gains

if TYPE_CHECKING:
    from rich.table import Table

ARROWS = {"low": "↓", "high": "↑", "zero": "→ 0"}
CEILING = "ceiling"

HEADING, INTERVAL = 28, 19
"""Characters that a metric's heading, and a column with intervals, take."""


def rich_table(report: Report, width: int = 0, of: str = "") -> "Table":
    """Means, and their intervals where there is room; the best mean in bold, ceilings apart.

    Args:
        report: what was measured.
        width: of the terminal in characters; 0 for as wide as need be.
        of: what it is of, where it is not everything.
    """
    from rich.markup import escape
    from rich.table import Table

    figures = report.table()
    methods = report.setup.methods
    outcomes = report.result.outcomes
    people = {person for trial, _ in outcomes for person in trial.people}
    title = f"{len(outcomes)} trials, {len(people)} people{', ' if of else ''}{of}"
    if not report.result.complete:
        title += ": interrupted, not all that was asked for"
    intervals = width == 0 or width >= HEADING + INTERVAL * len(methods)
    table = Table(
        title=title,
        caption="95 % intervals by bootstrap over people"
        if intervals
        else "means; a wider terminal and --json show their 95 % intervals",
    )
    table.add_column("", overflow="fold")
    for method in methods:
        longest = max(len(word) for word in method.name.split())
        table.add_column(escape(method.name), justify="right", overflow="fold", min_width=longest)
    rivals = [m.name for m in methods if m.kind != CEILING]
    for name in report.setup.chosen:
        metric = METRICS[name]
        if not metric.main:
            continue
        best = best_of(metric, {k: figures[k][name] for k in rivals if name in figures[k]})
        cells = []
        for method in methods:
            cell = cell_text(metric, figures[method.name].get(name), intervals)
            cells.append(f"[bold]{cell}[/bold]" if method.name in best else cell)
        table.add_row(heading(metric), *cells)
    return table


def turn_table(report: Report) -> "Table":
    """The first method's head rotation error by how far the driver turned, and its gains."""
    from rich.table import Table

    method = report.setup.methods[0].name
    turns = report.turns(method)
    told = ", ".join(f"{axis} {gain:.2f}" for axis, gain in gains(turns).items() if isfinite(gain))
    table = Table(
        title=f"{method}: head rotation error by the driver's turn, degrees, medians over frames",
        caption=f"share of the driver's turn that is made: {told or 'too little is asked'}",
    )
    for name in ("turn", "frames", "error", "90 %", *AXES):
        table.add_column(name, justify="right")
    for row in by_size(turns):
        figures = [f"{row[name]:.1f}" for name in ("error", "error_90", *AXES)]
        last = row["to"] == 180
        label = f"from {row['from']:.0f}" if last else f"{row['from']:.0f} to {row['to']:.0f}"
        label = "all" if last and not row["from"] else label
        table.add_row(label, f"{row['frames']:.0f}", *figures)
    return table


def heading(metric: Metric) -> str:
    """The metric with its unit and the way that is better."""
    unit = f", {metric.unit}" if metric.unit else ""
    return f"{metric.title}{unit} {ARROWS[metric.better]}"


def cell_text(metric: Metric, figure: Estimate | None, interval: bool = True) -> str:
    """The mean, and its interval on a second line where there is one and it is wanted."""
    if figure is None:
        return "-"
    digits = metric.digits
    text = f"{figure.mean:.{digits}f}"
    if interval and isfinite(figure.low):
        text += f"\n{figure.low:.{digits}f} to {figure.high:.{digits}f}"
    return text


def best_of(metric: Metric, figures: dict[str, Estimate]) -> Iterable[str]:
    """The names of those with the best mean, as far as the digits shown tell."""
    if not figures:
        return ()
    worth: Callable[[float], float] = {"low": float, "high": lambda x: -x, "zero": abs}[
        metric.better
    ]
    shown = {name: worth(round(f.mean, metric.digits)) for name, f in figures.items()}
    return [name for name, value in shown.items() if value == min(shown.values())]
