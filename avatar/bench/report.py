"""The report for people: the machine, then three tables a model, at 80 columns or more."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from avatar.bench.row import STAGES
from avatar.bench.subject import REFERENCE

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Result = Mapping[str, Any]


def show(report: Mapping[str, Any], console: "Console") -> None:
    """Print a report that :func:`avatar.bench.run.bench` made."""
    from rich.text import Text

    for line in machine_lines(report["machine"]):
        console.print(Text(line))
    for model, group in groupby(report["results"], key=lambda r: r["model"]):
        rows = list(group)
        random = ", random weights" if any(r["random_weights"] for r in rows) else ""
        console.print(Text(f"\n{model}, {rows[0]['size']} x {rows[0]['size']}{random}"))
        for table in (networks(rows), stages(rows), live(rows)):
            if table.row_count:
                console.print(table)
        for row in rows:
            if row["reason"]:
                console.print(Text(f"{label(row)}: {row['reason']}"))
    for note in report["notes"]:
        console.print(Text(f"note: {note}"))
    if not report["complete"]:
        console.print(Text("Stopped before the end: these are the figures so far."))


def machine_lines(machine: Mapping[str, Any]) -> list[str]:
    """The machine in sentences."""
    busy = "" if machine["busy"] is None else f", {machine['busy']:.0%} in use before the start"
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores{busy}; {number(machine['memory_gb'], 0)} GB; "
        f"{machine['os']}; GPU: {machine['gpu'] or 'none'}",
        f"avatar {machine['avatar']}, Python {machine['python']}, {versions}",
    ]
    matmul = machine.get("matmul")
    if matmul:
        rates = "; ".join(
            f"{device} " + ", ".join(f"{p} {rate:.0f}" for p, rate in rates.items())
            for device, rates in matmul.items()
            if isinstance(rates, dict)
        )
        lines.append(f"Matrix multiplication, GMAC/s: {rates} (measured with {matmul['by']})")
    return lines


def networks(rows: Sequence[Result]) -> "Table":
    """The networks alone."""
    table = _table("Networks alone: detect and render back to back, ms a frame")
    for name in ("engine", "fps", "p50", "p95", "p99", "x ref.", "95 %", "PSNR", "peak"):
        _column(table, name)
    for row in rows:
        if row["fps"] is None:
            continue
        times, interval = row["frame_ms"], row["ratio_interval"]
        table.add_row(
            label(row),
            number(row["fps"], 1),
            *(number(times[p], 1) for p in ("p50", "p95", "p99")),
            number(row["ratio_to_reference"], 2),
            "-" if interval is None else f"{interval[0]:.2f}-{interval[1]:.2f}",
            number(row["psnr_db"], 1),
            "-" if row["fraction_of_peak"] is None else f"{row['fraction_of_peak']:.0%}",
        )
    costs = {row["gmac"] for row in rows if row["gmac"] and row["engine"] != REFERENCE}
    own = {row["gmac"] for row in rows if row["gmac"] and row["engine"] == REFERENCE}
    caption = []
    if costs:
        caption.append(f"{min(costs):.1f} GMAC a frame")
    if own:
        caption.append(f"{min(own):.1f} by the reference path (ref.: as the official demo does)")
    if any(row["psnr_db"] is not None for row in rows):
        against = sorted({row["psnr_against"] for row in rows if row["psnr_against"]})
        caption.append(f"PSNR in dB against {' or '.join(against)}, 100 = equal")
    if any(row["fraction_of_peak"] for row in rows):
        caption.append("peak: share of the rate of matrix multiplication")
    table.caption = "; ".join(caption) + "." if caption else None
    return table


def stages(rows: Sequence[Result]) -> "Table":
    """The stages of a frame: one after the other, or of the live session where only that ran."""
    alone = any(row["pipeline_fps"] for row in rows)
    how = "the whole pipeline on one thread" if alone else "the live session, paced"
    table = _table(f"Stages in ms: {how}")
    for name in ("engine", "", *STAGES, "fps"):
        _column(table, name)
    for row in rows:
        found = row["stages_ms"]
        if not found:
            continue
        for place, percentile in enumerate(("p50", "p95", "p99")):
            table.add_row(
                "" if place else label(row),
                percentile,
                *(number(found.get(stage, {}).get(percentile), 1) for stage in STAGES),
                "" if place else number(row["pipeline_fps"], 1),
            )
    return table


def live(rows: Sequence[Result]) -> "Table":
    """The live sessions."""
    table = _table("Live session, age of frames at the sink in ms")
    names = ("engine", "fps", "p50", "p95", "p99", "free fps", "p50", "p95", "start s", "MB")
    for name in names:
        _column(table, name)
    for row in rows:
        found = row["live"]
        if not found:
            continue
        free = found["free_run"]
        age, free_age = found["frame_age_ms"] or {}, free["frame_age_ms"] or {}
        table.add_row(
            label(row),
            number(found["fps"], 1),
            *(number(age.get(p), 0) for p in ("p50", "p95", "p99")),
            number(free["fps"], 1),
            *(number(free_age.get(p), 0) for p in ("p50", "p95")),
            number(row["startup_s"], 1),
            number(found["peak_rss_mb"], 0),
        )
    table.caption = (
        "Driven at 30 fps, then as fast as frames come out (free). Age: from the grab of the "
        "driving frame, before it is decoded, to the converted picture. Start: from the start of "
        "the process to its first frame. MB: most memory."
    )
    return table


def comparison(rows: Sequence[Mapping[str, Any]]) -> "Table":
    """What :func:`avatar.bench.compare.compare` found."""
    table = _table("Compared: old, new, new / old")
    for name in ("model", "engine", "figure", "old", "new", "ratio"):
        _column(table, name, left=name in ("model", "figure"))
    for row in rows:
        table.add_row(
            row["model"],
            row["engine"],
            row["figure"],
            number(row["old"], 2),
            number(row["new"], 2),
            number(row["ratio"], 2),
        )
    return table


def label(row: Result) -> str:
    """``ov:int8``."""
    plain = row["engine"] == REFERENCE or not row["precision"]
    return str(row["engine"]) if plain else f"{row['engine']}:{row['precision']}"


def number(value: float | None, digits: int) -> str:
    """A number, or "-" where there is none; small ones keep a digit that says something."""
    if value is None:
        return "-"
    if digits == 1 and 0 < value < 0.05:
        return f"{value:.2f}"
    return f"{value:.{digits}f}"


def _table(title: str) -> "Table":
    from rich import box
    from rich.table import Table

    return Table(
        title=title, title_justify="left", caption_justify="left", box=box.SIMPLE_HEAD,
        pad_edge=False, padding=(0, 1, 0, 0),
    )  # fmt: skip


def _column(table: "Table", name: str, left: bool = False) -> None:
    justify: Any = "left" if left or name in ("engine", "") else "right"
    table.add_column(name, justify=justify, no_wrap=True)
