"""Damaged files of every kind are read or refused; what does harm is found and kept."""

import os
import sys
import time
from pathlib import Path

import pytest

from avatar.errors import AvatarError
from tools.fuzz import readers, seeds
from tools.fuzz.__main__ import main
from tools.fuzz.mutate import LONGEST, mutated
from tools.fuzz.run import WALL_S, Reading, fuzz

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits time and memory as Linux does")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return seeds.make(tmp_path_factory.mktemp("whole"))


def test_whole_files_are_read_by_every_reader(whole: list[Path], tmp_path: Path) -> None:
    """Otherwise damaging them would prove little. Our toy weights have one tensor too few."""
    said = {}
    for path in whole:
        copy = tmp_path / path.name / path.name
        copy.parent.mkdir()
        copy.write_bytes(path.read_bytes())
        said[path.name] = readers.read(copy)
    refused = {name: text for name, text in said.items() if text != "read"}
    # toy models, which are read and then found not to be ours; a manifest whose files are elsewhere
    refused.pop("moving.webp", "")  # FFmpeg reads moving ones in newer versions only
    assert set(refused) == {"a.safetensors", "zipped.pth", "bare.pth", "graphs.json"}
    assert "other tensors than the architecture" in refused["a.safetensors"]
    assert "holds no network" in refused["zipped.pth"] and "holds no network" in refused["bare.pth"]
    assert "cannot be read" in refused["graphs.json"]


def test_the_same_seed_does_the_same_damage() -> None:
    data = bytes(range(256)) * 10
    assert mutated(data, "a") == mutated(data, "a") != mutated(data, "b")
    found = [mutated(data, str(number)) for number in range(300)]
    assert sum(one != data for one in found) > 280
    assert max(map(len, found)) <= LONGEST
    assert {len(one) < len(data) for one in found} == {True, False}
    assert isinstance(mutated(b"", "a"), bytes)


@linux
@pytest.mark.slow
def test_damaged_files_do_no_harm(tmp_path: Path) -> None:
    result = fuzz(200, 7, tmp_path / "kept")
    assert not result.finds, "\n".join(f"{find.what}: {find.kept}" for find in result.finds)
    assert result.cases == 200 and 40 < result.read < 160
    assert len(result.by_seed) > 20


@linux
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_many_damaged_files_do_no_harm(tmp_path: Path) -> None:
    result = fuzz(700, 8, tmp_path / "kept", seconds=200)
    assert not result.finds, "\n".join(f"{find.what}: {find.kept}" for find in result.finds)
    assert result.cases > 100


BAD = {
    "spins": "while True: pass",
    "crashes": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "leaves": "import os; os._exit(3)",
    "hoards": "x = bytearray(3 * 2**30)",
    "fails": "raise KeyError('a bug')",
    "refuses": "from avatar.errors import InputError; raise InputError('no')",
}
"""What a reader does, by the name of the file."""


@linux
@pytest.mark.slow
def test_harm_is_told_and_the_next_file_is_read(tmp_path: Path, monkeypatch) -> None:
    """A worker whose readers do as the file says."""
    preamble = tmp_path / "sitecustomize.py"
    preamble.write_text(
        "import sys, types\n"
        "fake = types.ModuleType('tools.fuzz.readers')\n"
        "def read(path):\n    exec(path.read_text(), {})\n    return 'read'\n"
        "def careful(path):\n"
        "    from avatar.errors import AvatarError\n"
        "    try:\n        return read(path)\n"
        "    except AvatarError as error:\n        return str(error)\n"
        "fake.read = careful\n"
        "sys.modules['tools.fuzz.readers'] = fake\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    fine = tmp_path / "fine"
    fine.write_text("")
    reading = Reading([fine], tmp_path)
    said = {}
    try:
        began = time.monotonic()
        for name, code in BAD.items():
            (tmp_path / name).write_text(code)
            answer = reading.read(tmp_path / name)
            said[name] = answer.get("ended") or answer.get("error") or answer["said"]
            assert reading.read(fine)["said"] == "read"
        assert time.monotonic() - began < 3 * WALL_S
    finally:
        reading.close()
    assert said == {
        "spins": "hang: too much work",
        "crashes": "crash: SIGSEGV",
        "leaves": "exit 3",
        "hoards": "MemoryError: ",
        "fails": "KeyError: 'a bug'",
        "refuses": "no",
    }


def test_every_kind_has_a_whole_file(whole: list[Path]) -> None:
    names = {path.name for path in whole} | {path.suffix for path in whole}
    assert set(readers.READERS) - names <= {".pth"}  # where PyTorch is not installed
    assert "portrait" in readers.kinds()


def test_a_still_tracker_finds_a_face_in_any_picture() -> None:
    import numpy as np

    with readers.StillTracker() as tracker:
        for size in ((1, 1), (3, 4000), (200, 200)):
            (face,) = tracker.track(np.zeros((*size, 3), np.uint8))
            assert face.landmarks.shape == (478, 3)


@pytest.mark.parametrize("words", [["--cases", "0"], ["--minutes", "0"]])
def test_bad_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


def test_a_kept_file_is_read_again(
    whole: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "0-12-settings.toml"
    kept.write_bytes(next(path for path in whole if path.name == "settings.toml").read_bytes())
    assert main(["--again", str(kept)]) == 0
    assert capsys.readouterr().out == "read\n"
    assert kept.exists()


def test_an_avatar_error_is_what_readers_may_raise(tmp_path: Path) -> None:
    path = tmp_path / "message.wire"
    path.write_bytes(b"nonsense")
    with pytest.raises(AvatarError):
        readers.message(path)
    assert readers.read(path).startswith("message: ")
