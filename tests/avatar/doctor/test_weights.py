"""Weights and graphs against their hashes."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from avatar import shelf
from avatar.doctor import weights as module
from avatar.doctor.finding import Status
from avatar.doctor.weights import check, verify
from avatar.errors import WeightsError


def test_the_bundled_ones_are_sound() -> None:
    told = verify("compact")
    assert told["graphs"] == 4 and len(told["sha256"]) == 64


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what is bundled, without PyTorch to read numbers with."""
    shutil.copyfile(shelf.BUNDLED / "compact.safetensors", tmp_path / "compact.safetensors")
    shutil.copytree(shelf.BUNDLED / "compact.graphs", tmp_path / "compact.graphs")
    monkeypatch.setattr(shelf, "BUNDLED", tmp_path)
    monkeypatch.setattr(module, "BUNDLED", tmp_path)
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    return tmp_path


def test_without_pytorch_the_graphs_are_verified_all_the_same(shipped: Path) -> None:
    told = verify("compact")
    assert (told["numbers"], told["graphs"]) == (False, 4)


def test_a_damaged_graph_is_found(shipped: Path) -> None:
    graph = max((shipped / "compact.graphs").glob("detect*"), key=lambda p: p.stat().st_size)
    content = bytearray(graph.read_bytes())
    content[len(content) // 2] ^= 1
    graph.write_bytes(content)
    with pytest.raises(WeightsError, match="damaged"):
        verify("compact")


def test_other_numbers_are_found_without_reading_them(shipped: Path) -> None:
    path = shipped / "compact.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="do not belong together"):
        verify("compact")


@pytest.mark.parametrize(
    ("answer", "status", "word"),
    [
        ({"sha256": "a", "numbers": True, "graphs": 4}, Status.OK, "Numbers and 4 graphs"),
        ({"sha256": "a", "numbers": False, "graphs": 4}, Status.OK, "without PyTorch"),
        ({"sha256": "a", "numbers": False, "graphs": 0}, Status.SKIPPED, "can be read"),
        (WeightsError("Damaged.", hint="Again."), Status.FAILED, "Damaged."),
    ],
)
def test_the_finding(
    told: Any, monkeypatch: pytest.MonkeyPatch, answer: Any, status: Status, word: str
) -> None:
    monkeypatch.setattr(module, "installed", lambda: {"compact": Path("x")})
    (finding,) = check(told(answer))
    assert finding.status is status and word.lower() in finding.found.lower()
