"""A result made of hand-made blocks."""

import json

import pytest

from avatar.bench.row import Row
from avatar.bench.subject import REFERENCE, Subject


def measured(engine: str, *rounds: list[float]) -> Row:
    row = Row(Subject("compact", "compact", engine, "fp32"))
    for frames in rounds:
        row.add_networks({"detect": frames, "render": [0.0] * len(frames), "frame": frames})
    return row


def test_the_ratio_is_the_median_of_the_rounds_ratios() -> None:
    reference = measured(REFERENCE, [100, 100, 100], [300, 300, 300], [90, 90, 90])
    row = measured("ov", [50, 50, 51], [100, 100, 900], [30, 30, 30])
    result = row.to_json(reference, None)
    assert result["ratio_to_reference"] == 3.0  # of 2, 3 and 3; a hiccup within a round is nothing
    assert result["ratio_interval"] == [2.0, 3.0]
    assert result["rounds"] == 3
    assert result["fps"] == pytest.approx(9 / 1.341, abs=0.01)
    assert reference.to_json(reference, None)["ratio_to_reference"] == 1.0


def test_the_share_of_the_peak_takes_the_cost_with_a_cached_portrait() -> None:
    reference = measured(REFERENCE, [100.0])
    reference.opened({"gmac": 3.0, "gmac_cached": 2.0, "first_frame_s": 1.0, "device": "cpu"})
    row = measured("ov", [20.0])  # 50 frames a second of 2 GMAC
    matmul = {"by": "torch", "cpu": {"fp32": 200.0}}
    assert row.to_json(reference, matmul)["fraction_of_peak"] == 0.5
    assert row.to_json(reference, matmul)["gmac"] == 2.0
    assert reference.to_json(reference, matmul)["fraction_of_peak"] == pytest.approx(0.15)
    assert row.to_json(None, matmul)["gmac"] is None  # no PyTorch: nobody counted


def test_on_a_gpu_the_gpus_rate_in_that_precision_counts() -> None:
    row = Row(Subject("compact", "compact", "compiled", "fp16"))
    row.opened({"gmac": 1.0, "first_frame_s": 1.0, "device": "cuda:0"})
    row.add_networks({"detect": [1.0], "render": [1.0], "frame": [2.0]})
    matmul = {"by": "torch", "cpu": {"fp32": 10.0}, "cuda": {"fp32": 1e4, "fp16": 1e5}}
    assert row.to_json(None, matmul)["fraction_of_peak"] == 500 / 1e5


def test_a_live_session_alone_is_a_result_too() -> None:
    row = Row(Subject("compact", "compact", "ov", "fp32"))
    stages = {"sink": {"p50": 1.0}, "decode": {"p50": 2.0}}
    age = {"p50": 30.0, "p95": 40.0, "p99": 50.0}
    row.lived({"fps": 30, "frame_age_ms": age, "stages_ms": stages, "first_ns": 3_000_000_000},
              1_000_000_000, 300.0)  # fmt: skip
    result = row.to_json(None, None)
    assert result["startup_s"] == 2.0 and result["frame_age_ms"] == age
    assert result["peak_rss_mb"] == 300 and result["fps"] is None
    assert list(result["stages_ms"]) == ["decode", "sink"]
    json.dumps(result, allow_nan=False)


def test_a_subject_that_failed_is_a_row_with_its_reason() -> None:
    row = Row(Subject("compact", "compact", "trt", "fp16"))
    row.reason = "no GPU"
    result = row.to_json(measured(REFERENCE, [1.0]), None)
    assert result["reason"] == "no GPU"
    assert result["fps"] is result["ratio_to_reference"] is result["psnr_db"] is None
