"""The bench's side of a worker, against processes that misbehave."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from avatar.bench.process import WorkerProcess
from avatar.errors import Cancelled, EngineError

Start = Callable[..., WorkerProcess]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[WorkerProcess] = []

    def make(script: str, cancelled: Callable[[], bool] = lambda: False) -> WorkerProcess:
        command = (sys.executable, "-S", "-c", script)
        started.append(WorkerProcess(cancelled, told.append, command))
        return started[-1]

    told: list[str] = []
    make.told = told  # type: ignore[attr-defined]
    yield make
    for worker in started:
        worker.end()
        worker.end()  # idempotent
        assert not alive(worker)


def alive(worker: WorkerProcess) -> bool:
    try:
        os.kill(worker._process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_progress_is_told_and_the_answer_comes(start: Start) -> None:
    worker = start(
        "import sys, json\n"
        "asked = json.loads(sys.stdin.readline())\n"
        "print(json.dumps({'progress': 'half'}), flush=True)\n"
        "print(json.dumps({'answer': asked}), flush=True)\n"
    )
    assert worker.ask("open", 10, seconds=2) == {"do": "open", "seconds": 2}
    assert start.told == ["half"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys; sys.stdin.readline(); print('oh no', file=sys.stderr); sys.exit(3)",
         r"exit code 3 \(oh no\)"),
        ("import os, sys; sys.stdin.readline(); os.kill(os.getpid(), 9)", "SIGKILL.*memory"),
        ("import os, sys; sys.stdin.readline(); os.kill(os.getpid(), 11)", "SIGSEGV"),
        ("import sys; sys.stdin.readline(); print('nonsense', flush=True)", "nonsense"),
        ("import sys; sys.stdin.readline(); print('[1]', flush=True)", "answered"),
        ("import sys; sys.stdin.readline(); print('{\"error\": \"no graphs\"}', flush=True)",
         "no graphs"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said(start: Start, script: str, said: str) -> None:
    with pytest.raises(EngineError, match=said):
        start(script).ask("open", 10)


def test_a_worker_that_is_gone_before_it_is_asked(start: Start) -> None:
    worker = start("raise SystemExit(4)")
    worker._process.wait()
    with pytest.raises(EngineError, match="exit code 4"):
        worker.ask("open", 10)


def test_one_that_hangs_is_ended_in_time(start: Start) -> None:
    worker = start("import time; time.sleep(60)")
    began = monotonic()
    with pytest.raises(EngineError, match="No answer to 'open'"):
        worker.ask("open", 0.1)
    assert monotonic() - began < 10
    assert not alive(worker)


def test_waiting_ends_when_the_user_stops_it(start: Start) -> None:
    stop = threading.Event()
    worker = start("import sys; sys.stdin.readline(); sys.stdin.readline()", stop.is_set)
    stop.set()
    with pytest.raises(Cancelled):
        worker.ask("open", 60)


def test_one_that_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be started"):
        WorkerProcess(lambda: False, lambda text: None, (str(tmp_path / "none"),))
