"""Workers: named, bounded to stop, and their errors are kept."""

import threading
import time

from avatar.worker import Worker, still_running, stop_all


def test_stops_when_asked_and_carries_its_name() -> None:
    names: list[str] = []

    def body(stop: threading.Event) -> None:
        names.append(threading.current_thread().name)
        stop.wait(5)

    worker = Worker("capture", body)
    assert worker.stop(0) is True  # before start
    worker = Worker("capture", body)
    worker.start()
    assert worker.alive
    assert worker.stop(1) is True and worker.stop(1) is True
    assert names == ["capture"] and not worker.alive and worker.error is None


def test_keeps_the_error_of_its_body() -> None:
    def body(stop: threading.Event) -> None:
        raise RuntimeError("broken")

    worker = Worker("w", body)
    worker.start()
    assert worker.stop(1)
    assert str(worker.error) == "broken"


def test_a_worker_that_hangs_is_named_in_time() -> None:
    release = threading.Event()
    good = Worker("good", lambda stop: (stop.wait(5), None)[1])
    stuck = Worker("stuck", lambda stop: (release.wait(5), None)[1])
    for worker in (stuck, good):
        worker.start()
    before = time.monotonic()
    assert still_running() == ["good", "stuck"]
    assert stop_all([stuck, good], 0.1) == ["stuck"]
    assert still_running() == ["stuck"]
    assert time.monotonic() - before < 0.5
    release.set()
    assert stop_all([stuck, good], 1) == []


def test_stopping_itself_does_not_wait() -> None:
    answers: list[bool] = []
    worker = Worker("self", lambda stop: answers.append(worker.stop(5)))
    worker.start()
    assert worker.stop(1)
    assert answers == [False]
