"""AgeGraph: where the time between camera and screen goes, stage by stage, lately."""

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QPolygonF
from PyQt6.QtWidgets import QWidget

from avatar.stats import STAGES
from ui.theme import caption

SECONDS = 20.0
"""How far it looks back."""

BINS = 64
"""Columns of the graph, each the mean of its frames."""

COLOURS = {
    "capture": "#5b8cff",
    "crop": "#41c7b9",
    "wait": "#7c8798",
    "detect": "#f5b83d",
    "motion": "#c58af9",
    "render": "#ff7a6b",
    "display": "#8bd450",
}
"""Of the stages; the graph lies on pictures and looks the same in light and dark windows."""

_PAPER, _INK, _MUTED, _GRID = (
    QColor(14, 16, 20, 222),
    QColor("#f2f4f8"),
    QColor("#aab2c0"),
    QColor(255, 255, 255, 38),
)
_SCALES = (20, 50, 100, 200, 500, 1000, 2000, 5000)
_PAD = 12
_GRAPH, _TABLE, _WORDS = 222, 210, 108
"""Widths of the graph, of the table, and of the words in it, in pixels."""


class AgeGraph(QWidget):
    """Stacked stages over time, and their p50 and p95 in a table. Painted once per new figures.

    It lies over the result and lets clicks through.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(caption(self))
        self.setAccessibleName(self.tr("Frame age by stage"))
        self._labels = {
            "capture": self.tr("capture"),
            "crop": self.tr("crop"),
            "wait": self.tr("wait"),
            "detect": self.tr("detect"),
            "motion": self.tr("motion"),
            "render": self.tr("render"),
            "display": self.tr("display"),
        }
        self._ago_s = np.zeros(0, np.float32)
        self._ms = np.zeros((0, len(STAGES)), np.float32)
        self._fps = 0.0
        self._sinks: list[tuple[str, float, float]] = []
        self._painted: QPixmap | None = None
        self._paper: QPixmap | None = None
        self._found: tuple[np.ndarray, np.ndarray] | None = None  # p50 and p95
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:
        rows = len(STAGES) + 2 + len(self._sinks)
        return QSize(_PAD + 34 + _GRAPH + _PAD + _TABLE + _PAD, rows * self._row() + 2 * _PAD)

    def show_times(
        self,
        times: tuple[np.ndarray, np.ndarray],
        fps: float,
        sinks: dict[str, dict[str, float]] | None = None,
    ) -> None:
        """Show new figures.

        Args:
            times: as :meth:`avatar.stats.StageTimes.recent` gives them.
            fps: of the result.
            sinks: percentiles of the age at arrival, by sink.
        """
        self._ago_s, self._ms = times
        self._fps = fps
        found = (sinks or {}).items()
        self._sinks = [(n.removeprefix("sink-"), a["p50"], a["p95"]) for n, a in found if a][:3]
        self._painted = self._found = None
        if self.size() != self.sizeHint():
            self.resize(self.sizeHint())
        if self.isVisible():
            self.setAccessibleDescription(self.summary())
            self.update()

    def summary(self) -> str:
        """The figures in words."""
        p50, p95 = self._percentiles()
        if not len(p50):
            return self.tr("No pictures yet")
        return self.tr("{fps} fps, age {p50} / {p95} ms").format(
            fps=f"{self._fps:.1f}", p50=f"{p50[-1]:.0f}", p95=f"{p95[-1]:.0f}"
        )

    def paintEvent(self, event: QPaintEvent | None) -> None:
        ratio = self.devicePixelRatioF()
        held = self._painted
        if held is None or held.devicePixelRatio() != ratio:
            held = self._drawn(ratio)
            self._painted = held
        painter = QPainter(self)
        painter.drawPixmap(0, 0, held)
        painter.end()

    # -- inside -----------------------------------------------------------------------------------

    def _drawn(self, ratio: float) -> QPixmap:
        pixmap = QPixmap(self._background(ratio))
        painter = QPainter(pixmap)
        painter.setFont(self.font())
        self._draw_table(
            painter, QRectF(self.width() - _PAD - _TABLE, _PAD, _TABLE, self.height() - 2 * _PAD)
        )
        top = _PAD + self._row() + 4
        self._draw_areas(
            painter, QRectF(_PAD + 34, top, _GRAPH, self.height() - top - _PAD - self._row())
        )
        painter.setPen(_INK)
        head = QRectF(_PAD, _PAD - 2, _GRAPH + 34, self._row())
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft, self.summary())
        painter.end()
        return pixmap

    def _background(self, ratio: float) -> QPixmap:
        held = self._paper
        if held is None or held.size() != self.size() * ratio:
            held = QPixmap(self.size() * ratio)
            held.setDevicePixelRatio(ratio)
            held.fill(Qt.GlobalColor.transparent)
            painter = QPainter(held)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_PAPER)
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
            painter.end()
            self._paper = held
        return held

    def _draw_areas(self, painter: QPainter, box: QRectF) -> None:
        means = binned(self._ago_s, self._ms)
        totals = means.sum(axis=1)
        there = totals[np.isfinite(totals)]
        # A single hiccup is cut off rather than flattening all the rest.
        most = min(float(there.max()), 2 * float(np.median(there))) if len(there) else 0.0
        full = next((scale for scale in _SCALES if scale >= most), _SCALES[-1])
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for share in (0.0, 0.5, 1.0):
            y = box.bottom() - share * box.height()
            painter.fillRect(QRectF(box.left(), y, box.width(), 1), _GRID)
            painter.setPen(_MUTED)
            painter.drawText(QRectF(box.left() - 46, y - 10, 40, 20), right, f"{share * full:g}")
        below = QRectF(box.left(), box.bottom() + 2, box.width(), self._row())
        seconds = self.tr("{n} s ago").format(n=round(SECONDS))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, seconds)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, self.tr("now"))
        x = box.left() + (np.arange(BINS) + 0.5) * (box.width() / BINS)
        tops = np.concatenate([np.zeros((BINS, 1)), np.nancumsum(means, axis=1)], axis=1)
        heights = box.bottom() - np.minimum(tops / full, 1.0) * box.height()
        painter.setPen(Qt.PenStyle.NoPen)
        for first, last in runs(np.isfinite(totals)):
            for number, stage in enumerate(STAGES):
                painter.setBrush(QColor(COLOURS[stage]))
                painter.drawPolygon(
                    _band(x[first:last], heights[first:last, number : number + 2], box)
                )

    def _draw_table(self, painter: QPainter, box: QRectF) -> None:
        p50, p95 = self._percentiles()
        rows: list[tuple[str | None, str, float | None, float | None]] = [
            (COLOURS[stage], self._labels[stage], *_pair(p50, p95, number))
            for number, stage in enumerate(STAGES)
        ]
        rows.append((None, self.tr("age on screen"), *_pair(p50, p95, len(STAGES))))
        rows += [(None, name, first, second) for name, first, second in self._sinks]
        row_h = self._row()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        columns = (QRectF(0, 0, _TABLE - 42, row_h), QRectF(0, 0, _TABLE, row_h))
        painter.setPen(_MUTED)
        for column, words in zip(columns, ("p50", "p95"), strict=True):
            painter.drawText(column.translated(box.topLeft()), right, words)
        for number, (colour, words, *figures) in enumerate(rows, 1):
            corner = QPointF(box.left(), box.top() + number * row_h)
            if colour is not None:
                painter.fillRect(
                    QRectF(corner.x(), corner.y() + row_h // 2 - 4, 8, 8), QColor(colour)
                )
            painter.setPen(_INK if colour is None else _MUTED)
            left = QRectF(corner.x() + 14, corner.y(), _WORDS, row_h)
            words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, _WORDS)
            painter.drawText(left, Qt.AlignmentFlag.AlignVCenter, words)
            painter.setPen(_INK)
            for column, figure in zip(columns, figures, strict=True):
                painter.drawText(column.translated(corner), right, _shown(figure))

    def _percentiles(self) -> tuple[np.ndarray, np.ndarray]:
        """p50 and p95 of every stage and of the age of what was seen: (8,) each, or empty."""
        if self._found is not None:
            return self._found
        seen = self._ms[np.isfinite(self._ms[:, -1])]
        if not len(seen):
            seen = np.nan_to_num(self._ms)
        if not len(seen):
            self._found = np.zeros(0), np.zeros(0)
            return self._found
        found = np.percentile(np.column_stack([seen, seen.sum(axis=1)]), (50, 95), axis=0)
        self._found = found[0], found[1]
        return self._found

    def _row(self) -> int:
        return self.fontMetrics().height() + 1


def binned(ago_s: np.ndarray, ms: np.ndarray) -> np.ndarray:
    """The mean of each stage in each of :data:`BINS` columns, oldest first: (64, 7), NaN where no
    frame was. What nobody saw counts as displayed at once."""
    column = ((ago_s + SECONDS) * (BINS / SECONDS)).astype(np.int64).clip(0, BINS - 1)
    counts = np.bincount(column, minlength=BINS).astype(np.float64)
    counts[counts == 0] = np.nan
    known = np.nan_to_num(ms)
    sums = [np.bincount(column, known[:, stage], BINS) for stage in range(ms.shape[1])]
    means: np.ndarray = np.stack(sums, axis=1) / counts[:, None]
    return means


def runs(there: np.ndarray) -> list[tuple[int, int]]:
    """Where a row of truths is true without a gap: (first, one past the last) of each run."""
    found: list[tuple[int, int]] = []
    for place in np.flatnonzero(there).tolist():
        if found and place - found[-1][1] <= 0:
            found[-1] = (found[-1][0], place + 1)
        else:
            found.append((place, place + 1))
    return found


def _band(x: np.ndarray, edges: np.ndarray, box: QRectF) -> QPolygonF:
    """What lies between two heights (n, 2) over x (n,); a single column gets a width."""
    if len(x) == 1:
        half = box.width() / BINS / 2
        x, edges = np.array([x[0] - half, x[0] + half]), np.repeat(edges, 2, axis=0)
    lower = zip(x.tolist(), edges[:, 0].tolist(), strict=True)
    upper = zip(x[::-1].tolist(), edges[::-1, 1].tolist(), strict=True)
    return QPolygonF([QPointF(a, b) for a, b in (*lower, *upper)])


def _shown(ms: float | None) -> str:
    if ms is None:
        return "–"
    return f"{ms:.0f}" if ms >= 10 else f"{ms:.1f}"


def _pair(p50: np.ndarray, p95: np.ndarray, number: int) -> tuple[float | None, float | None]:
    return (float(p50[number]), float(p95[number])) if len(p50) else (None, None)
