"""Model files with code in them: every way in refuses them, and nothing of them runs."""

import ast
import os
import pickle
import shlex
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from avatar import checkpoint, weights
from avatar.cli import main
from avatar.convert import convert
from avatar.errors import WeightsError
from avatar.header import Header
from tools.training import checkpoint as training

ROOT = Path(__file__).resolve().parents[2]


class Bomb:
    """Unpickles to a call of os.system, which makes a file."""

    def __init__(self, made: Path) -> None:
        self.command = f"touch {shlex.quote(str(made))}"

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (self.command,)


def zipped(path: Path, bomb: Bomb) -> None:
    torch.save({"generator": {"a": torch.zeros(2)}, "x": bomb}, path)


def legacy(path: Path, bomb: Bomb) -> None:
    torch.save({"x": bomb}, path, _use_new_zipfile_serialization=False)


def bare(protocol: int) -> Callable[[Path, Bomb], None]:
    def write(path: Path, bomb: Bomb) -> None:
        path.write_bytes(pickle.dumps(bomb, protocol))

    return write


def behind_a_header(path: Path, bomb: Bomb) -> None:
    """A safetensors file by its first bytes."""
    path.write_bytes(struct.pack("<Q", 2) + b"{}" + pickle.dumps(bomb))


WAYS = [zipped, legacy, *(bare(p) for p in range(6)), behind_a_header]
NAMES = ["zipped", "legacy", *(f"protocol {p}" for p in range(6)), "behind a header"]


@pytest.fixture(params=WAYS, ids=NAMES)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Callable[[str], Path], Path]:
    """Writes the file under a name; and what exists only if code ran."""
    ran = tmp_path / "code ran"

    def write(name: str) -> Path:
        path = tmp_path / name
        request.param(path, Bomb(ran))
        return path

    return write, ran


def test_the_files_are_dangerous(tmp_path: Path) -> None:
    """So that the tests below prove something."""
    ran, path = tmp_path / "code ran", tmp_path / "x.pt"
    zipped(path, Bomb(ran))
    torch.load(path, weights_only=False)
    assert ran.exists()
    ran.unlink()
    pickle.loads(pickle.dumps(Bomb(ran), 0))
    assert ran.exists()


READERS = {
    "weights": lambda path: weights.load(str(path)),
    "described": lambda path: weights.describe(str(path)),
    "header": Header.read,
    "params": lambda path: weights.header_params(str(path)),
    "checkpoint": checkpoint.read,
    "converted": lambda path: convert([path]),
}


@pytest.mark.parametrize("ending", [".safetensors", ".pth", ".pt", ".pth.tar"])
@pytest.mark.parametrize("reader", READERS)
def test_code_in_a_model_never_runs(made, reader: str, ending: str) -> None:
    write, ran = made
    with pytest.raises(WeightsError) as caught:
        READERS[reader](write(f"model{ending}"))
    assert "model" in caught.value.message and caught.value.hint
    assert not ran.exists()


def test_code_in_the_checkpoint_of_a_training_never_runs(made, tmp_path: Path) -> None:
    write, ran = made
    write(training.LAST)
    with pytest.raises(WeightsError):
        training.load(tmp_path)
    assert not ran.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("weights", "verify", "{}"),
        ("weights", "convert", "{}", "-o", "out.safetensors"),
        ("engines", "--model", "{}"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_commands_refuse_it_in_words(words, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    ran, path = tmp_path / "code ran", tmp_path / "model.safetensors"
    zipped(path, Bomb(ran))
    assert main([word.format(path) for word in words]) not in (0, None)
    error = capsys.readouterr().err
    assert str(path) in error and "Traceback" not in error
    assert not ran.exists() and not (tmp_path / "out.safetensors").exists()


UNSAFE = {
    ("pickle", "load"),
    ("pickle", "loads"),
    ("pickle", "Unpickler"),
    ("marshal", "loads"),
    ("shelve", "open"),
    ("joblib", "load"),
    ("yaml", "load"),
}


def test_nothing_of_ours_unpickles() -> None:
    """torch.load only with weights_only=True; NumPy refuses pickles unless it is told otherwise."""
    wrong = []
    for folder in ("avatar", "engines", "ui", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and (problem := _problem(node)):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {problem}")
    assert not wrong


def _problem(call: ast.Call) -> str:
    given = {word.arg: getattr(word.value, "value", None) for word in call.keywords}
    if given.get("allow_pickle"):
        return "allow_pickle"
    if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)):
        return ""
    name = (call.func.value.id, call.func.attr)
    if name == ("torch", "load") and given.get("weights_only") is not True:
        return "torch.load without weights_only=True"
    return ".".join(name) if name in UNSAFE else ""
