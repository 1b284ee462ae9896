"""The machine, and how fast it multiplies."""

import json

import pytest

from avatar.bench import machine, matmul
from avatar.stats import peak_mb, resident_mb


def test_it_is_described_in_json() -> None:
    about = machine.describe()
    assert set(machine.SAME) <= set(about) and about["cores"] >= 1
    assert about["versions"]["numpy"]
    json.dumps(about, allow_nan=False)


def test_a_busy_machine_is_said_to_be_one() -> None:
    assert machine.warnings({"busy": 0.05}) == machine.warnings({"busy": None}) == []
    (warning,) = machine.warnings({"busy": 0.45})
    assert "45%" in warning


def test_differences_name_both_sides() -> None:
    old = {"cpu": "A", "cores": 2, "os": "L", "gpu": None, "versions": {"torch": "1", "av": "1"}}
    new = {"cpu": "A", "cores": 4, "os": "L", "gpu": "G", "versions": {"torch": "2"}}
    assert machine.differences(old, new) == [
        "cores: 2, now 4",
        "gpu: none, now G",
        "av: 1, now none",
        "torch: 1, now 2",
    ]
    assert machine.differences(old, old) == []


def test_the_best_rate_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    # Products take 2 s, then 1 s: a side of 1000 is 1 GMAC, so the rate is 1 a second.
    ticks = iter([0.0, 10.0, 12.0, 12.0, 20.0, 21.0, 21.0])
    monkeypatch.setattr(matmul, "perf_counter", lambda: next(ticks))
    assert matmul.rate(1000, lambda: None, 15.0) == 1.0


def test_without_pytorch_numpy_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matmul, "find_spec", lambda name: None)
    monkeypatch.setattr(matmul, "SIDE", 64)
    found = matmul.measure(0.01)
    assert found["by"].startswith("numpy") and found["cpu"]["fp32"] > 0


def test_the_peak_is_no_less_than_what_is_used_now() -> None:
    assert peak_mb() >= 0.99 * resident_mb()
