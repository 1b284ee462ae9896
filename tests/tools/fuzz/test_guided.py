"""Fuzzing led by coverage: what a process finds is kept, and one that dies is started again."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools.fuzz import __main__ as command
from tools.fuzz.guided import ENDINGS, explore
from tools.fuzz.guided_worker import COUNTED, Harness
from tools.fuzz.run import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="atheris is for Linux")

FAKE = """
import json, os, signal, struct, sys
from pathlib import Path
folder, name, cases, seconds, seed = Path(sys.argv[1]), *sys.argv[2:]
counted = list(struct.unpack("<4d", (folder / "counted").read_bytes()))
def count(number):
    counted[0] += number
    counted[1] += 1
    counted[2:] = 0.5, 12
    (folder / "counted").write_bytes(struct.pack("<4d", *counted))
"""
"""A worker's side of the talk; a test adds what it does."""

TOLD = """Timeout (0:00:20)!
Thread 0x1 (most recent call first):
  File "/a/b/other.py", line 3 in wait

Thread 0x2 (most recent call first):
  File "/a/b/file.py", line 140 in read
  File "/a/b/readers.py", line 91 in source"""
"""What faulthandler writes; the reading thread is the last."""


@pytest.fixture(autouse=True)
def one_seed(monkeypatch) -> None:
    """One whole file, so that a run starts one kind."""

    def make(folder: Path) -> list[Path]:
        path = folder / "settings.toml"
        path.write_bytes(b"whole")
        return [path]

    monkeypatch.setattr("tools.fuzz.guided.seeds.make", make)


def worker(folder: Path, does: str) -> list[str]:
    path = folder / "fake.py"
    path.write_text(f"{FAKE}TOLD = {TOLD!r}\n{does}")
    return [sys.executable, "-S", str(path)]


def test_a_run_is_summed_up(tmp_path: Path) -> None:
    does = (
        "assert (folder / 'seeds' / 'settings.toml').read_bytes() == b'whole'\n"
        "assert [name, cases, seconds, seed] == ['a.toml', '50', '60', '8']\n"
        "print('#2\\tINITED cov: 30 ft: 40', file=sys.stderr)\n"
        "print('#50\\tDONE   cov: 77 ft: 99\\nDone 50 runs in 1 second(s)')\n"
        "count(50)\n"
    )
    told = []
    (one,) = explore(
        50, 7, tmp_path / "kept", seconds=60.5, tell=told.append, worker=worker(tmp_path, does)
    )
    assert told == [one]
    assert (one.kind, one.cases, one.read, one.covered) == (".toml", 50, 1, (30, 77))
    assert (one.slowest_s, one.grown_mb, one.finds) == (0.5, 12, [])
    assert not (tmp_path / "kept").exists()


def test_a_dead_process_is_started_again_and_its_file_is_kept(tmp_path: Path) -> None:
    does = (
        "(folder / 'last').write_bytes(b'bad')\n"
        "if seed == '2':\n    count(10); os.kill(os.getpid(), signal.SIGSEGV)\n"
        "if seed == '3':\n    count(5); print(TOLD, file=sys.stderr); sys.exit(1)\n"
        "count(int(cases)); print('Done 35 runs')\n"
    )
    (one,) = explore(50, 1, tmp_path / "kept", worker=worker(tmp_path, does))
    assert one.cases == 50
    assert [(find.kind, find.what) for find in one.finds] == [
        ("ended", "crash: SIGSEGV"),
        ("ended", "hang at file.py:140 < readers.py:91"),
    ]
    assert [find.kept.read_bytes() for find in one.finds] == [b"bad"] * 2
    assert all(find.kept.name.endswith("-a.toml") for find in one.finds)  # as --again wants it


def test_a_process_that_always_dies_is_given_up(tmp_path: Path) -> None:
    does = "(folder / 'last').write_bytes(b'x')\nos._exit(3)\n"
    (one,) = explore(50, 1, tmp_path / "kept", worker=worker(tmp_path, does))
    assert [find.what for find in one.finds] == ["exit 3"] * ENDINGS


def test_what_a_process_survived_is_kept_too(tmp_path: Path) -> None:
    does = (
        "kept = folder / 'guided-0-a.toml'\nkept.write_bytes(b'bad')\n"
        "line = json.dumps({'what': 'KeyError: 1 at a.py:3', 'kept': str(kept)})\n"
        "(folder / 'finds.jsonl').write_text(line + '\\n')\n"
        "count(50); print('Done 50 runs')\n"
    )
    (one,) = explore(50, 1, tmp_path / "kept", worker=worker(tmp_path, does))
    (find,) = one.finds
    assert (find.kind, find.what) == ("error", "KeyError: 1 at a.py:3")
    assert find.kept.read_bytes() == b"bad" and find.kept.name.endswith("-a.toml")


def test_a_process_that_cannot_start_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)\.toml could not start: .*no atheris"):
        explore(5, 1, tmp_path, worker=worker(tmp_path, "sys.exit('no atheris')\n"))


def test_a_bug_is_kept_once_for_each_place(tmp_path: Path) -> None:
    (tmp_path / "counted").write_bytes(bytes(COUNTED.size))
    harness = Harness(tmp_path, "a.toml")

    def read(path: Path) -> str:
        content = path.read_bytes()
        path.unlink()  # as some readers do
        if content == b"one":
            raise KeyError(content)
        if content == b"two":
            raise ValueError(content)
        return "read" if content == b"fine" else "refused"

    harness.read = read
    for data in (b"fine", b"one", b"one", b"odd", b"two"):
        harness(data)
    assert (tmp_path / "last").read_bytes() == b"two"
    cases, read_well, slowest_s, grown_mb = COUNTED.unpack((tmp_path / "counted").read_bytes())
    assert (cases, read_well) == (5, 1) and slowest_s < 2 and grown_mb < 100
    told = [json.loads(line) for line in (tmp_path / "finds.jsonl").read_text().splitlines()]
    assert [Path(find["kept"]).read_bytes() for find in told] == [b"one", b"two"]
    assert told[0]["what"].startswith("KeyError: b'one' at test_guided.py:")


def test_without_atheris_it_says_what_to_install(monkeypatch, capsys) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as caught:
        command.main(["--guided"])
    assert caught.value.code == 2
    assert "needs atheris: pip install" in capsys.readouterr().err


def test_the_command_tells_of_every_kind(monkeypatch, tmp_path: Path, capsys) -> None:
    does = "(folder / 'last').write_bytes(b'x')\nprint(TOLD); sys.exit(1)\n"
    fake = worker(tmp_path, does)
    monkeypatch.setattr(command, "find_spec", lambda name: object())
    monkeypatch.setattr(
        command, "explore", lambda *args, **kwargs: explore(*args, **kwargs, worker=fake)
    )
    keep = str(tmp_path / "kept")
    assert command.main(["--guided", "--cases", "5", "--keep", keep, "--json"]) == 1
    out = capsys.readouterr().out
    assert ".toml: 5 cases" in out and "ended: hang at file.py:140" in out
    assert json.loads(out.splitlines()[-1])[0]["kind"] == ".toml"


def test_a_file_that_makes_compiled_code_wait_ends_the_process(tmp_path: Path) -> None:
    """Even where no Python runs any more: libFuzzer's own alarm is not heard there."""
    code = (
        "import ctypes, sys; from pathlib import Path\n"
        "from tools.fuzz.guided_worker import Harness\n"
        "folder = Path(sys.argv[1]); (folder / 'counted').write_bytes(bytes(32))\n"
        "harness = Harness(folder, 'a.toml'); harness.wall_s = 0.1\n"
        "harness.read = lambda path: ctypes.PyDLL(None).sleep(60)\n"
        "harness(b'x')\n"
    )
    argv = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=50)
    assert done.returncode == 1 and "Timeout (" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(find_spec("atheris") is None, reason="needs atheris")
def test_atheris_finds_new_branches(tmp_path: Path) -> None:
    (one,) = explore(300, 1, tmp_path / "kept", seconds=60)
    assert one.cases == 300 and not one.finds
    assert one.covered[1] > one.covered[0] > 0
