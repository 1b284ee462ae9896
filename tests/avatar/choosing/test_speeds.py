"""The memory of measurements: it counts for one machine only, and no file can hurt."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.choosing import speeds as memory
from avatar.choosing.speeds import FORMAT, KEPT, Speed, Speeds, dump, parse, this_machine
from avatar.gpu import Gpu

HERE = {"cpu": "a CPU", "cores": "2"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "speeds.json"


def test_what_is_remembered_is_there_at_the_next_start(path: Path) -> None:
    Speeds(HERE, path).remember("a", {"ov": 12.6})
    known = Speeds(HERE, path).remember("a", {"ort": 21.25})
    assert {name: speed.ms for name, speed in known.items()} == {"ov": 12.6, "ort": 21.25}
    assert Speeds(HERE, path).of("a") == known
    assert str(known["ov"]).startswith("12.6 ms a frame, measured 20")
    assert [p.name for p in path.parent.iterdir()] == ["speeds.json"]  # nothing half-written


def test_other_weights_and_other_machines_know_nothing(path: Path) -> None:
    Speeds(HERE, path).remember("a", {"ov": 12.6})
    assert Speeds(HERE, path).of("b") == {}
    for change in ({"cpu": "another"}, {"cores": "4"}, {"openvino": "2027"}):
        assert Speeds(HERE | change, path).of("a") == {}
    Speeds(HERE | {"cores": "4"}, path).remember("a", {"ov": 7.0})
    assert Speeds(HERE, path).of("a")["ov"].ms == 12.6


def test_the_machine_is_told_by_cpu_cores_gpu_driver_and_runtimes() -> None:
    plain, with_gpu = this_machine(None), this_machine(Gpu("NVIDIA H200", "580.65.06"))
    assert plain["cpu"] and int(plain["cores"]) >= 1 and plain["gpu"] == ""
    assert (with_gpu["gpu"], with_gpu["driver"]) == ("NVIDIA H200", "580.65.06")
    assert {"openvino", "onnxruntime", "torch", "tensorrt"} <= set(plain)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe\x00", b'{"format": "avatar-speeds-0"}', b"[" * 100_000]
)
def test_a_damaged_file_is_a_warning_and_is_written_anew(
    path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    speeds = Speeds(HERE, path)
    assert speeds.of("a") == {} and "of no use" in caplog.text
    speeds.remember("a", {"ov": 1.0})
    assert Speeds(HERE, path).of("a")["ov"].ms == 1.0


def test_a_folder_that_cannot_be_written_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way of the folder")
    speeds = Speeds(HERE, tmp_path / "file" / "speeds.json")
    assert speeds.remember("a", {"ov": 1.0})["ov"].ms == 1.0
    assert "not remembered" in caplog.text


def test_entries_that_make_no_sense_are_left_out() -> None:
    good = {"ms": 3, "day": "2026-11-21"}
    wrong = [
        None,
        3,
        {},
        {"ms": True, "day": "2026-11-21"},
        {"ms": -1, "day": "2026-11-21"},
        {"ms": float("nan"), "day": "2026-11-21"},
        {"ms": 1e9, "day": "2026-11-21"},
        {"ms": "3", "day": "2026-11-21"},
        {"ms": 3, "day": "yesterday"},
        {"ms": 3},
    ]
    entries = {"good": good} | {str(i): entry for i, entry in enumerate(wrong)}
    content = json.dumps({"format": FORMAT, "speeds": {"key": entries, "other": 7}})
    assert parse(content.encode()) == {"key": {"good": Speed(3.0, "2026-11-21")}}
    assert parse(json.dumps({"format": FORMAT, "speeds": [1]}).encode()) == {}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["format", "speeds", "ms", "day", "ov"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.binary(max_size=60) | ANYTHING.map(lambda found: json.dumps(found).encode()))
def test_no_content_breaks_the_parser(content: bytes) -> None:
    try:
        book = parse(content)
    except ValueError:
        return
    assert parse(dump(book)) == book


@given(ANYTHING)
def test_no_entries_of_the_right_format_break_the_parser(found: object) -> None:
    content = json.dumps({"format": FORMAT, "speeds": {"key": found, "more": {"ov": found}}})
    for entries in parse(content.encode()).values():
        assert all(0 < speed.ms <= memory.LONGEST_MS for speed in entries.values())


def test_the_file_does_not_grow_for_ever(path: Path) -> None:
    speeds = Speeds(HERE, path)
    for number in range(KEPT + 5):
        speeds.remember(str(number), {"ov": 1.0})
    assert len(parse(path.read_bytes())) == KEPT
    assert speeds.of("0") == {} and speeds.of(str(KEPT + 4))
