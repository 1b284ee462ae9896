"""Names, order and pruning of log files."""

import os
import sys
from pathlib import Path

import pytest

from avatar.logs.folder import new_name, newest, prune, starts
from avatar.places import HOME

GONE = 2**22 + 1  # above every Linux process id


def start(folder: Path, second: int, pid: int = GONE, text: str = "x") -> str:
    name = f"avatar-20260101-0000{second:02d}-run-{pid}"
    for ending in (".log", ".log.1", ".fault"):
        (folder / f"{name}{ending}").write_text(text)
    return name


def test_its_own_name_is_known(tmp_path: Path) -> None:
    (tmp_path / f"{new_name('run')}.log").touch()
    assert len(starts(tmp_path)) == 1


def test_only_the_newest_starts_are_kept(tmp_path: Path) -> None:
    names = [start(tmp_path, second) for second in range(5)]
    (tmp_path / "mine.log").touch()
    prune(tmp_path, keep=2)
    assert {path.name.partition(".")[0] for path in tmp_path.iterdir()} == {*names[-2:], "mine"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no open file anyway")
def test_the_files_of_a_running_process_stay(tmp_path: Path) -> None:
    mine = start(tmp_path, 0, os.getpid())
    old = start(tmp_path, 1)
    start(tmp_path, 2)
    prune(tmp_path, keep=1)
    left = {path.name.partition(".")[0] for path in tmp_path.iterdir()}
    assert mine in left and old not in left


def test_the_newest_come_in_the_order_of_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME, str(tmp_path))
    assert newest() == []
    folder = tmp_path / "logs"
    folder.mkdir()
    for second in range(3):
        start(folder, second)
    last = start(folder, 3)
    (folder / f"{last}.fault").write_text("")  # nothing crashed
    found = [path.name[-8:] for path in newest(2)]
    assert [name.partition(".")[2] for name in found] == ["log.1", "log", "fault", "log.1", "log"]
    assert newest(2)[-1].name == f"{last}.log"


def test_a_folder_that_is_a_file_has_no_logs(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()
    assert starts(tmp_path / "logs") == []
