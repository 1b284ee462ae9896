"""The report as one HTML file that needs nothing else: no script, no link, every picture inside.

It shows the people in the footage. Whoever writes it decides where it may lie; inside the
repository it is refused.
"""

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import isfinite
from pathlib import Path
from typing import Any

from avatar.errors import OutputError, UsageError
from avatar.frame import Image
from tools.evaluation.bootstrap import Estimate
from tools.evaluation.exhibit import Exhibit
from tools.evaluation.metrics import METRICS, Metric
from tools.evaluation.report import Report, write_text
from tools.evaluation.table import heading

ROOT = Path(__file__).resolve().parents[2]

STYLE = """
:root { color-scheme: light dark; --line: #8885; --soft: #8881; --dim: #777; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1500px;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
h3 { font-size: 1rem; margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .8rem; text-align: right;
  vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
th { white-space: nowrap; }
tbody th { position: sticky; left: 0; background: Canvas; font-weight: 500; }
small, .dim { color: var(--dim); }
td small { display: block; white-space: nowrap; }
dt { font-weight: 600; margin-top: .6rem; } dd { margin: 0; }
.notice { border: 1px solid #c60; border-left-width: 6px; padding: .6rem 1rem; }
article { background: var(--soft); border: 1px solid var(--line); border-radius: 6px;
  margin: 1.2rem 0; padding: 1rem; }
.row { display: flex; flex-wrap: wrap; gap: .6rem; margin: .3rem 0 .9rem; }
figure { margin: 0; } figcaption { color: var(--dim); font-size: .8rem; max-width: 192px; }
img { display: block; height: 192px; border-radius: 3px; }
"""


def check_folder(folder: Path) -> None:
    """Refuse a folder inside the repository: the page shows people.

    Raises:
        UsageError: it lies there.
    """
    if folder.resolve().is_relative_to(ROOT):
        raise UsageError(
            f"{folder} lies inside the repository, and the page shows frames of real people.",
            hint="Give a folder elsewhere.",
        )


def write(folder: Path, report: Report, exhibits: Iterable[Exhibit], order: str | None) -> Path:
    """Write ``index.html`` into a folder, which is made; where it is.

    Args:
        folder: outside the repository.
        report: what to show.
        exhibits: in this order.
        order: the metric that they were picked by.

    Raises:
        UsageError: the folder lies inside the repository.
        OutputError: it cannot be written.
    """
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be made: {error.strerror}.", hint="Give another folder."
        ) from error
    path = folder / "index.html"
    write_text(path, html(report, exhibits, order))
    return path


def html(report: Report, exhibits: Iterable[Exhibit], order: str | None) -> str:
    """The whole page."""
    setup, result = report.setup, report.result
    people = {person for trial, _ in result.outcomes for person in trial.people}
    parts = [
        "<!DOCTYPE html><html lang=en><head><meta charset=utf-8>",
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src data:; style-src 'unsafe-inline'\">",
        f"<title>Evaluation</title><style>{STYLE}</style></head><body>",
        "<h1>Evaluation</h1>",
        f"<p>{len(result.outcomes)} trials, {len(people)} people. Means over trials; below them "
        "95 % intervals by bootstrap over people.</p>",
    ]
    if not result.complete:
        parts.append(
            "<p class=notice role=note>Interrupted: the figures are of fewer trials than were "
            "asked for.</p>"
        )
    parts += [_table(report), _frames(exhibits, order)]
    parts.append("<h2>What was compared</h2>")
    parts.append(_terms((m.name, m.about) for m in setup.methods))
    parts.append("<h2>What the figures mean</h2>")
    parts.append(_terms((METRICS[n].title, METRICS[n].definition) for n in setup.chosen))
    if setup.absent:
        parts.append("<h2>Not measured</h2>")
        parts.append(_terms((METRICS[n].title, why) for n, why in setup.absent.items()))
    if result.left_out:
        parts.append("<h2>Left out</h2>")
        parts.append(_terms((one.what, one.why) for one in result.left_out))
    parts.append("<h2>Scorers</h2>")
    parts.append(_terms((s.name, f"{s.file}, SHA-256 {s.sha256}") for s in setup.scorers))
    parts.append("<h2>Settings</h2>")
    parts.append(_settings(setup.settings))
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _table(report: Report) -> str:
    figures = report.table()
    methods = [method.name for method in report.setup.methods]
    head = "".join(f"<th scope=col>{escape(name)}</th>" for name in methods)
    lines = []
    for name in report.setup.chosen:
        metric = METRICS[name]
        cells = "".join(f"<td>{_cell(metric, figures[m].get(name))}</td>" for m in methods)
        lines.append(f"<tr><th scope=row>{escape(heading(metric))}</th>{cells}</tr>")
    body = "\n".join(lines)
    return f"<div class=wide><table><thead><tr><th></th>{head}</tr></thead>\n{body}</table></div>"


def _cell(metric: Metric, figure: Estimate | None) -> str:
    if figure is None:
        return "-"
    digits = metric.digits
    text = f"{figure.mean:.{digits}f}"
    if isfinite(figure.low):
        text += f"<small>{figure.low:.{digits}f} to {figure.high:.{digits}f}</small>"
    return text


def _frames(exhibits: Iterable[Exhibit], order: str | None) -> str:
    if order is None:
        return ""
    metric = METRICS[order]
    parts = [f"<h2>Frames, by {escape(metric.title)} of the first model</h2>"]
    for exhibit in exhibits:
        pick = exhibit.pick
        shot = pick.trial.driving[pick.step]
        kind = "Among the worst" if pick.worst else "Among the best"
        parts.append(
            f"<article><h3>{kind}: {escape(pick.trial.name)}, frame {shot.index}</h3>"
            f"<p class=dim>{escape(metric.title)} {pick.value:.{metric.digits}f} "
            f"{escape(metric.unit)}</p>"
        )
        if exhibit.note:
            parts.append(f"<p class=notice>{escape(exhibit.note)}</p>")
        for title, panels in exhibit.rows:
            figures = "".join(_figure(label, image) for label, image in panels)
            parts.append(f"<small>{escape(title)}</small><div class=row>{figures}</div>")
        parts.append("</article>")
    return "\n".join(parts)


def _figure(label: str, image: Image) -> str:
    text = escape(label)
    picture = f'<img alt="{text}" src="{data_url(image)}">'
    return f"<figure>{picture}<figcaption>{text}</figcaption></figure>"


def data_url(image: Image) -> str:
    """A (H, W, 3) uint8 picture as a JPEG inside a URL."""
    from PIL import Image as PillowImage

    stream = io.BytesIO()
    PillowImage.fromarray(image).save(stream, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def _terms(pairs: Iterable[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in pairs) + "</dl>"


def _settings(settings: Mapping[str, Any]) -> str:
    return _terms((name, _shown(value)) for name, value in settings.items())


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_shown(each)}" for name, each in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_shown(each) for each in value) or "none"
    return "not given" if value is None else str(value)
