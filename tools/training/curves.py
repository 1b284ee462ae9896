"""Curves of one or several runs as one picture: ``python -m tools.train curves RUN...``

They are read from ``log.jsonl``, which every run writes with TensorBoard or without it. A panel
holds one figure, the runs side by side; what is measured on people that are not trained on has
panels of its own, with a mark at every value.
"""

import argparse
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from avatar.errors import InputError, OutputError, UsageError
from tools.training.journal import LINES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

VALIDATION = "validation/"
FORMATS = (".png", ".svg")
COLUMNS = 4
PANEL = 3.2, 2.1
"""Inches across and down."""

Points = tuple[list[int], list[float]]
"""Steps and values."""


@dataclass(frozen=True)
class Run:
    """A run's name, and its points by figure: "generator/pixels", "validation/l1"."""

    name: str
    figures: Mapping[str, Points]


def curves(argv: Sequence[str]) -> int:
    """Draw what the options say; the exit code.

    Raises:
        AvatarError: a run has no log, or the picture cannot be drawn or written.
    """
    args = _parser().parse_args(argv)
    if args.out.suffix.lower() not in FORMATS:
        raise UsageError(f"Got {args.out} for --out; expected a name with {' or '.join(FORMATS)}.")
    runs = [read(spec) for spec in args.runs]
    names = [run.name for run in runs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(
            f"Two runs are called {', '.join(twice)}.", hint="Name them: NAME=RUN instead of RUN."
        )
    shown = chosen(runs, args.only)
    save(draw(runs, shown), args.out)
    print(f"{args.out}: {len(shown)} figures of {len(runs)} runs")
    return 0


def read(spec: str) -> Run:
    """A run by ``RUN`` or ``NAME=RUN``, RUN being its folder.

    Lines that are no whole entry (a process killed while it wrote) and values that are no finite
    numbers are left out.

    Raises:
        InputError: it has no log, or nothing in it.
    """
    name, equals, folder = spec.partition("=")
    path = Path(folder if equals else spec) / LINES
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.",
            hint="Give the folder that tools.train was given as --out.",
        ) from error
    found: dict[str, Points] = {}
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        step = entry.get("step") if isinstance(entry, dict) else None
        if not isinstance(step, int):
            continue
        figures = dict(entry.get("terms") or {})
        figures |= {f"{VALIDATION}{k}": v for k, v in (entry.get("validation") or {}).items()}
        for key, value in figures.items():
            if isinstance(value, int | float) and isfinite(value):
                steps, values = found.setdefault(key, ([], []))
                steps.append(step)
                values.append(float(value))
    if not found:
        raise InputError(f"{path} holds no figures.", hint="The run has not reported any yet.")
    return Run(name if equals else path.parent.name, found)


def chosen(runs: Sequence[Run], only: Sequence[str] = ()) -> list[str]:
    """The figures to draw, those of the training first.

    Args:
        runs: any that one of them has is drawn.
        only: patterns with ``*``; without any, all but the norms of gradients.

    Raises:
        UsageError: nothing fits.
    """
    every = list(dict.fromkeys(key for run in runs for key in run.figures))
    every.sort(key=lambda key: key.startswith(VALIDATION))  # stable: else in the order of the log
    if only:
        found = [key for key in every if any(fnmatchcase(key, pattern) for pattern in only)]
    else:
        found = [key for key in every if not key.startswith("norm/")]
    if not found:
        raise UsageError(
            f"No figure fits {' '.join(only)}; there are {', '.join(every)}.",
            hint="Put patterns into quotation marks, such as 'validation/*'.",
        )
    return found


def draw(runs: Sequence[Run], shown: Sequence[str]) -> "Figure":
    """A matplotlib figure, a panel for each name in ``shown``.

    Raises:
        InputError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError(
            "Curves need matplotlib, which is not installed.", hint='pip install -e ".[train]"'
        ) from error
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    made = Figure(figsize=(PANEL[0] * columns, PANEL[1] * rows + 0.5), layout="constrained")
    lines = {}
    for place, key in enumerate(shown, start=1):
        axes = made.add_subplot(rows, columns, place)
        for number, run in enumerate(runs):
            if key in run.figures:
                lines[run.name] = _line(axes, run.figures[key], f"C{number}", key)
        axes.set_title(key, fontsize=8, loc="left")
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.25, linewidth=0.5)
        axes.set_axisbelow(True)
    named = [run.name for run in runs if run.name in lines]
    handles = [lines[name] for name in named]
    made.legend(handles, named, loc="outside upper left", ncols=4, fontsize=8, frameon=False)
    made.supxlabel("step", fontsize=8)
    return made


def save(made: "Figure", path: Path) -> None:
    """Write it in the format of the name; a .png in 64 colours, a quarter of its full size.

    Raises:
        OutputError: it cannot be written.
    """
    from PIL import Image

    kind = path.suffix[1:].lower()
    drawn = io.BytesIO()
    made.savefig(drawn, dpi=100, format=kind)
    if kind == "png":
        method, dither = Image.Quantize.MAXCOVERAGE, Image.Dither.NONE  # no line loses its colour
        few = Image.open(drawn).convert("RGB").quantize(64, method, dither=dither)
        drawn = io.BytesIO()
        few.save(drawn, "PNG", optimize=True)
    try:
        path.write_bytes(drawn.getvalue())
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint="Check that the folder exists, is writable and has space.",
        ) from error


def _line(axes: "Axes", points: Points, colour: str, key: str) -> "Line2D":
    few = key.startswith(VALIDATION) or len(points[0]) < 2
    (line,) = axes.plot(*points, color=colour, linewidth=1.1, marker="o" if few else "", ms=3)
    return line


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", hint=f"See {self.prog} --help.")


def _parser() -> argparse.ArgumentParser:
    made = _Parser(prog="python -m tools.train curves", description=(__doc__ or "").splitlines()[0])
    made.add_argument("runs", nargs="+", metavar="[NAME=]RUN", help="folders of runs")
    made.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the picture, .png or .svg"
    )
    made.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="FIGURE",
        help="only these, * for anything: 'validation/*' (default: all but norms)",
    )
    return made
