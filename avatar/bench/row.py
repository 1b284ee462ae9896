"""One subject's figures as they come in, and the result made of them."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from avatar.bench.figures import (
    median_interval,
    percentiles,
    ratios,
    spread,
    stage_percentiles,
)
from avatar.bench.subject import REFERENCE, Subject
from avatar.frame import CROP_SIZE

STAGES = ("decode", "crop", "detect", "motion", "render", "colour", "sink")
"""In the order of a frame's way."""

Block = Mapping[str, list[float]]


class Row:
    """The figures of one subject.

    Attributes:
        reason: why figures are missing; empty while all went well.
        random: measured with random weights.
        built: artefacts had to be made before it could be opened.
        psnr_db, psnr_against: None and "" where there is nothing to compare with.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.reason = ""
        self.random = False
        self.built = False
        self.psnr_db: float | None = None
        self.psnr_against = ""
        self.frame_ms: list[float] = []
        """Median of each round: networks alone."""
        self.gmac: float | None = None
        self.gmac_cached: float | None = None
        self._all_ms: list[float] = []
        self._stages: dict[str, list[float]] = {}
        self._pipeline_ms: list[float] = []
        self._opened: dict[str, Any] = {}
        self._live: dict[str, Any] = {}
        self._peak_mb = 0.0
        self._start_s: float | None = None

    @property
    def key(self) -> str:
        """Unique among the rows of a bench."""
        return f"{self.subject.model} {self.subject.label}"

    def opened(self, answer: Mapping[str, Any]) -> None:
        """Take what a worker said of opening."""
        self._opened = dict(answer)
        self.gmac, self.gmac_cached = answer.get("gmac"), answer.get("gmac_cached")

    def add_networks(self, block: Block) -> None:
        """Take a round's block of the networks alone."""
        self.frame_ms.append(median(block["frame"]))
        self._all_ms += block["frame"]
        if self.subject.engine == REFERENCE:
            self._collect(block)

    def add_pipeline(self, block: Block) -> None:
        """Take a round's block of the whole pipeline."""
        self._pipeline_ms += block["frame"]
        self._collect(block)

    def remember(self, answer: Mapping[str, float]) -> None:
        """Take the memory of the process."""
        self._peak_mb = answer["peak_mb"]

    def lived(self, answer: Mapping[str, Any], started_ns: int, peak_mb: float) -> None:
        """Take what a live session gave."""
        self._live = {key: value for key, value in answer.items() if key != "first_ns"}
        self._live["peak_rss_mb"] = round(peak_mb, 1)
        self._start_s = (answer["first_ns"] - started_ns) / 1e9

    def _collect(self, block: Block) -> None:
        for stage, values in block.items():
            if stage != "frame":
                self._stages.setdefault(stage, []).extend(values)

    def to_json(self, reference: "Row | None", matmul: Mapping[str, Any] | None) -> dict[str, Any]:
        """The result, with null for what was not measured."""
        fps = _rate(self._all_ms)
        is_reference = self.subject.engine == REFERENCE
        compared = ratios(reference.frame_ms, self.frame_ms) if reference is not None else []
        interval = None if is_reference else median_interval(compared)
        gmac = self.gmac
        if gmac is None and reference is not None and self.subject.weights is not None:
            gmac = reference.gmac_cached
        device = str(self._opened.get("device", "cpu")).partition(":")[0]
        peak = _peak(matmul, device, self.subject.precision)
        live = self._live
        return {
            "model": self.subject.model,
            "engine": self.subject.engine,
            "precision": self.subject.precision,
            "size": CROP_SIZE,
            "random_weights": self.random,
            "device": device,
            "stages_ms": _ordered(
                stage_percentiles(self._stages) if self._stages else live.get("stages_ms", {})
            ),
            "fps": fps,
            "frame_ms": percentiles(self._all_ms),
            "pipeline_fps": _rate(self._pipeline_ms),
            "ratio_to_reference": round(median(compared), 3) if compared else None,
            "ratio_interval": None if interval is None else [round(v, 3) for v in interval],
            "rounds": len(self.frame_ms),
            "spread": round(spread(self.frame_ms), 3),
            "psnr_db": None if self.psnr_db is None else round(self.psnr_db, 2),
            "psnr_against": self.psnr_against,
            "frame_age_ms": live.get("frame_age_ms"),
            "live": live or None,
            "startup_s": None if self._start_s is None else round(self._start_s, 3),
            "first_frame_s": _rounded(self._opened.get("first_frame_s"), 4),
            "peak_rss_mb": round(self._peak_mb, 1) or live.get("peak_rss_mb"),
            "gmac": _rounded(gmac, 2),
            "fraction_of_peak": round(gmac * fps / peak, 4) if gmac and fps and peak else None,
            "reason": self.reason,
        }


def _rate(frame_ms: list[float]) -> float | None:
    """Frames per second over all frames."""
    return round(1e3 * len(frame_ms) / sum(frame_ms), 2) if frame_ms else None


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _ordered(stages: Mapping[str, Any]) -> dict[str, Any]:
    return {stage: stages[stage] for stage in STAGES if stage in stages}


def _peak(matmul: Mapping[str, Any] | None, device: str, precision: str) -> float | None:
    """GMAC a second at best; of FP32 where the precision was not measured (INT8 may exceed it)."""
    rates = (matmul or {}).get(device)
    if not isinstance(rates, dict):
        return None
    rate: float | None = rates.get(precision, rates.get("fp32"))
    return rate
