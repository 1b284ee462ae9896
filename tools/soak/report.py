"""Report: what a soak found, as a table and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from tools.soak.vitals import Sample


@dataclass
class Report:
    """What a soak found.

    Attributes:
        minutes: it ran.
        frames: that reached the counting sink, or the window.
        fps: of these.
        age_ms: p50, p95, p99 of their age at the end.
        ages: p95 of their age over time, in milliseconds: one for each sample.
        drops: frames lost, by where.
        acts: how often each was done.
        samples: the process over time.
        pauses_ms: p50, p95, p99 and "longest" of the window's event loop; empty without a window.
        still: when the event loop stood still for too long: seconds, milliseconds, since which act.
        engine: that ran at the end.
        troubles: what did not go as it should, a sentence each; empty = passed.
    """

    minutes: float = 0.0
    frames: int = 0
    fps: float = 0.0
    age_ms: dict[str, float] = field(default_factory=dict)
    ages: list[float] = field(default_factory=list)
    drops: dict[str, int] = field(default_factory=dict)
    acts: Mapping[str, int] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    pauses_ms: dict[str, float] = field(default_factory=dict)
    still: list[tuple[float, float, str]] = field(default_factory=list)
    engine: str = ""
    troubles: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Everything, for ``--json``."""
        return asdict(self) | {"acts": dict(self.acts), "passed": not self.troubles}

    def show(self, console: Console) -> None:
        """Print a table and the verdict."""
        table = Table(title=f"Soak of {self.minutes:.1f} minutes, engine {self.engine}")
        table.add_column("")
        table.add_column("", justify="right")
        table.add_row("frames", f"{self.frames} ({self.fps:.1f} a second)")
        if self.age_ms:
            ages = " / ".join(f"{self.age_ms[p]:.0f}" for p in ("p50", "p95", "p99"))
            table.add_row("frame age p50 / p95 / p99, ms", ages)
        if self.ages:
            table.add_row("its p95 over time, ms", f"{min(self.ages):.0f} to {max(self.ages):.0f}")
        table.add_row("dropped", ", ".join(f"{k} {v}" for k, v in self.drops.items()) or "none")
        for what in ("memory_mb", "children_mb", "threads", "handles"):
            values = [getattr(sample, what) for sample in self.samples]
            if values:
                name = what.replace("children", "memory of children").replace("_mb", ", MB")
                span = f"{values[0]:.0f} to {values[-1]:.0f} (most {max(values):.0f})"
                table.add_row(name, span)
        if self.pauses_ms:
            pauses = ", ".join(f"{k} {v:.0f}" for k, v in self.pauses_ms.items())
            table.add_row("pauses of the event loop, ms", pauses)
        acts = ", ".join(f"{k} {v}" for k, v in sorted(self.acts.items()))
        table.add_row("done to it", acts or "nothing")
        console.print(table)
        for at_s, pause_ms, act in self.still:
            console.print(f"stood still for {pause_ms:.0f} ms at {at_s:.1f} s, {act}", markup=False)
        for trouble in self.troubles:
            console.print(f"FAILED: {trouble}", markup=False)
        if not self.troubles:
            console.print("Nothing grew, nothing hung, nothing was lost.")
