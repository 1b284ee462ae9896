"""Manifests of exported graphs that are damaged, or name files elsewhere: as if there were none."""

import hashlib
import json
from pathlib import Path

import pytest

from avatar import graphs
from avatar.graphs import FORMAT, FP32, MANIFEST, NAMES, Graphs

SHA256 = "0" * 64
CONTENT = b"a graph"


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graphs:
    monkeypatch.setattr(graphs, "user_folder", lambda: tmp_path / "user")
    monkeypatch.setattr(graphs, "cache_folder", lambda: tmp_path / "cache")
    (tmp_path / "x.graphs").mkdir()
    (tmp_path / "x.graphs" / "a.xml").write_bytes(CONTENT)
    (tmp_path / "outside.xml").write_bytes(CONTENT)
    return Graphs(tmp_path / "x.safetensors", SHA256)


def list_files(found: Graphs, files: object) -> None:
    content = {"format": FORMAT, "weights_sha256": SHA256, "files": files}
    (found.weights.with_suffix(".graphs") / MANIFEST).write_text(json.dumps(content))


def naming(file: object) -> dict[str, object]:
    return {f"{name}.{FP32}": {str(file): hashlib.sha256(CONTENT).hexdigest()} for name in NAMES}


def test_a_listed_file_is_found(found: Graphs) -> None:
    list_files(found, naming("a.xml"))
    assert found.has(FP32)
    file = found.file("render")
    assert file is not None and file.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "name", ["../outside.xml", "/etc/passwd", "..\\outside.xml", "b/a.xml", ""]
)
def test_a_file_outside_of_the_folder_is_not_opened(found: Graphs, name: str) -> None:
    list_files(found, naming(name))
    assert found.file("render") is None and not found.has(FP32)


@pytest.mark.parametrize("files", [[], "x", 3, None, {"render.fp32": 3}, {"render.fp32": {"a": 1}}])
def test_a_list_that_is_none(found: Graphs, files: object) -> None:
    list_files(found, files)
    assert found.file("render") is None and not found.has(FP32)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000], ids=range(4))
def test_a_damaged_manifest(found: Graphs, text: str) -> None:
    (found.weights.with_suffix(".graphs") / MANIFEST).write_text(text)
    assert found.file("render") is None and not found.has(FP32)
