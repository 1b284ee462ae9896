"""Reading older reports, and comparing with them."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.bench.compare import compare, parse_report, read_report
from avatar.errors import InputError

MACHINE = {"cpu": "A", "cores": 2, "os": "Linux", "gpu": None, "versions": {"torch": "2.13"}}


def result(engine: str = "ov", precision: str = "fp32", **figures: Any) -> dict[str, Any]:
    return {"model": "compact", "engine": engine, "precision": precision, **figures}


def report(*results: dict[str, Any], **machine: Any) -> dict[str, Any]:
    return {"machine": MACHINE | machine, "results": list(results)}


def test_figures_of_both_are_put_side_by_side() -> None:
    old = report(result(fps=20.0, frame_age_ms={"p50": 50.0, "p95": None}, psnr_db=None))
    new = report(result(fps=30.0, frame_age_ms={"p50": 40.0, "p95": 60.0}, psnr_db=70.0))
    rows, notes = compare(old, new)
    assert [(r["figure"], r["old"], r["new"], r["ratio"]) for r in rows] == [
        ("fps", 20, 30, 1.5),
        ("frame age p50", 50, 40, 0.8),
    ]
    assert notes == []


def test_it_says_what_only_one_of_them_has() -> None:
    rows, notes = compare(report(result("ov")), report(result("ort")))
    assert rows == []
    assert any("compact ort:fp32 is not in the old" in note for note in notes)
    assert any("compact ov:fp32 is only in the old" in note for note in notes)


def test_it_says_when_machines_and_versions_differ() -> None:
    _, notes = compare(report(), report(cpu="B", versions={"torch": "2.14"}))
    assert any("machines differ" in note and "cpu: A, now B" in note for note in notes)
    assert any("version" in note and "torch: 2.13, now 2.14" in note for note in notes)


@pytest.mark.parametrize("before", [0, 1e-300])
def test_what_cannot_be_divided_by_gives_no_ratio(before: float) -> None:
    rows, _ = compare(report(result(fps=before)), report(result(fps=1e300)))
    assert rows[0]["ratio"] is None


def test_saved_output_is_read_by_its_last_line(tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_text("a table\n-----\n" + json.dumps(report(result(fps=1.0))) + "\n")
    assert read_report(path)["results"][0]["fps"] == 1.0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no JSON"),
        (b'{"machine": {}, "resul', "no JSON"),
        (b"[1, 2]", "no report"),
        (b'{"machine": {}, "results": {}}', "no report"),
        (b'{"machine": {}, "results": [{"model": "compact"}]}', "result 1"),
        (b"\xff\xfe\x00", "no text"),
        (b"[" * 100_000, "no JSON"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "old.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said) as error:
        read_report(path)
    assert str(path) in error.value.message and error.value.hint


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_report(path)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
FIGURES = st.dictionaries(
    st.sampled_from(["fps", "psnr_db", "frame_age_ms", "startup_s", "peak_rss_mb"]), ANYTHING
)
REPORTS = st.fixed_dictionaries(
    {
        "machine": st.dictionaries(st.sampled_from(["cpu", "cores", "gpu", "versions"]), ANYTHING),
        "results": st.lists(st.builds(lambda figures: result(**figures), FIGURES), max_size=2),
    }
)


@given(ANYTHING | st.fixed_dictionaries({"machine": ANYTHING, "results": ANYTHING}))
def test_any_json_is_taken_or_refused(content: Any) -> None:
    with contextlib.suppress(InputError):
        parse_report(json.dumps(content), "old.json")


@given(st.text())
def test_any_text_is_taken_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        parse_report(text, "old.json")


@given(REPORTS, REPORTS)
def test_whatever_figures_a_report_has_comparing_gives_finite_ones(old: Any, new: Any) -> None:
    rows, _ = compare(parse_report(json.dumps(old), "old"), parse_report(json.dumps(new), "new"))
    json.dumps(rows, allow_nan=False)
