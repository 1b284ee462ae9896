"""The log of a command, in the folder it belongs to."""

import faulthandler
import logging
import os
import signal
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest

from avatar.logs import log as module
from avatar.logs.log import Log
from avatar.places import HOME
from tests.avatar.reliability.conftest import open_files


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME, str(tmp_path))
    monkeypatch.setattr(module, "facts", lambda: iter(["the facts"]))
    return tmp_path / "logs"


@pytest.fixture
def said() -> list[str]:
    return []


def test_it_has_the_facts_ours_and_warnings_of_others(folder: Path, said: list[str]) -> None:
    before = logging.getLogger("avatar").level, list(logging.getLogger().handlers)
    with Log("run", said.append) as log:
        logging.getLogger("avatar.x").info("ours")
        logging.getLogger("avatar.x").debug("too much")
        logging.getLogger("other").info("too much")
        logging.getLogger("other").warning("theirs")
        warnings.warn("old way", DeprecationWarning, stacklevel=1)
    assert log.path is not None and log.path.parent == folder
    text = log.path.read_text()
    lines = text.splitlines()
    assert "the facts" in lines[0] and "ours" in lines[1] and "theirs" in lines[2]
    assert "py.warnings" in lines[3] and "old way" in lines[3]
    assert "too much" not in text
    assert (logging.getLogger("avatar").level, logging.getLogger().handlers) == before
    assert said == [] and log.hanging == []


def test_nothing_is_left_open_or_running(folder: Path, said: list[str]) -> None:
    threads = set(threading.enumerate())
    with Log("run", said.append):
        assert open_files(folder) or sys.platform != "linux"
    assert not open_files(folder) and set(threading.enumerate()) <= threads
    assert [path.suffix for path in folder.iterdir()] == [".log"]


def test_two_at_once_have_a_file_each(folder: Path) -> None:
    code = (
        "import logging, sys; from avatar.logs.log import Log\n"
        "with Log('run', print):\n"
        "    for n in range(300): logging.getLogger('avatar').info('%s %d', sys.argv[1], n)\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, name]) for name in ("one", "two")]
    assert [process.wait(60) for process in processes] == [0, 0]
    texts = [path.read_text() for path in sorted(folder.iterdir())]
    assert len(texts) == 2
    for text in texts:
        assert ("one 299" in text) != ("two 299" in text)


def test_a_folder_that_cannot_be_written_is_said_once(
    tmp_path: Path, folder: Path, said: list[str]
) -> None:
    folder.touch()  # no folder
    with Log("run", said.append) as log:
        logging.getLogger("avatar").warning("goes on")
    assert log.path is None
    (sentence,) = said
    assert sentence.startswith("the log cannot be written (") and "File exists" in sentence


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux that is always full")
def test_a_full_disk_is_said_once(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(module.LogFile):
        def _open(self):  # type: ignore[no-untyped-def]
            return open("/dev/full", "a")  # noqa: SIM115  # closed by the handler

    monkeypatch.setattr(module, "LogFile", Full)
    with Log("run", said.append):
        for number in range(200):
            logging.getLogger("avatar").info("line %d", number)
    (sentence,) = said
    assert "No space left" in sentence


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_a_crash_leaves_its_stack(folder: Path) -> None:
    code = (
        "import os, signal; from avatar.logs.log import Log\n"
        "with Log('run', print):\n    os.kill(os.getpid(), signal.SIGABRT)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], timeout=60, cwd=folder.parent, env=_without_core()
    )
    assert done.returncode == -signal.SIGABRT
    (fault,) = folder.glob("*.fault")
    assert "Aborted" in fault.read_text()


def _without_core() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k != "PYTHONFAULTHANDLER"}


def test_where_somebody_else_is_told_of_crashes_it_stays_so(folder: Path, said: list[str]) -> None:
    was = faulthandler.is_enabled()
    faulthandler.enable(sys.__stderr__)
    try:
        with Log("run", said.append):
            assert not list(folder.glob("*.fault"))
        assert faulthandler.is_enabled()
    finally:
        if not was:
            faulthandler.disable()
