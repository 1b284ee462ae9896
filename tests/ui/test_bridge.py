import threading
from concurrent.futures import Future
from time import monotonic

import pytest

from ui.bridge import Bridge


@pytest.fixture
def bridge(qtbot):
    made = Bridge()
    yield made
    made.close(1.0)


def test_work_is_done_elsewhere_and_its_result_comes_here(qtbot, bridge):
    here, seen = threading.current_thread(), []
    bridge.run(
        "test",
        lambda: threading.current_thread(),
        lambda there: seen.append((there, threading.current_thread())),
    )
    qtbot.waitUntil(lambda: bool(seen), timeout=20000)
    ((there, back),) = seen
    assert there.name == "ui-test" and there is not here and back is here


def test_an_error_of_the_work_comes_here(qtbot, bridge):
    seen = []
    bridge.run("test", lambda: 1 / 0, None, lambda error: seen.append(error))
    qtbot.waitUntil(lambda: bool(seen), timeout=20000)
    assert isinstance(seen[0], ZeroDivisionError)


def test_a_future_settled_on_another_thread_comes_here(qtbot, bridge):
    future, seen = Future(), []
    bridge.watch(future, lambda value: seen.append((value, threading.current_thread())))
    bridge.run("test", lambda: future.set_result(7))
    qtbot.waitUntil(lambda: bool(seen), timeout=20000)
    assert seen == [(7, threading.current_thread())]


def test_a_cancelled_future_is_nobodys_business(qtbot, bridge):
    future, seen = Future(), []
    bridge.watch(future, seen.append, seen.append)
    future.cancel()
    bridge.post(lambda: seen.append("later"))
    qtbot.waitUntil(lambda: bool(seen), timeout=20000)
    assert seen == ["later"]


def test_nothing_arrives_after_closing(qtbot, bridge):
    seen = []
    bridge.post(lambda: seen.append(1))
    assert bridge.close(1.0) == []
    bridge.post(lambda: seen.append(2))
    bridge.run("test", lambda: seen.append(3))
    qtbot.wait(20)
    assert seen == []


def test_closing_waits_for_a_bounded_time_and_names_what_hangs(qtbot, bridge):
    release = threading.Event()
    bridge.run("hangs", lambda: release.wait(5))
    start = monotonic()
    left = bridge.close(0.1, lambda left_s: ["sink-stuck"])
    took_s = monotonic() - start
    release.set()
    assert sorted(left) == ["sink-stuck", "ui-hangs"] and took_s < 1


def test_what_fails_at_every_look_is_logged_once(qtbot, bridge, caplog):
    caplog.set_level("INFO", "ui")
    ended = []

    def look(divisor):
        ended.append(divisor)
        return 1 / divisor

    def again(divisor):
        before = len(ended)
        bridge.run("look", lambda: look(divisor))
        qtbot.waitUntil(lambda: len(ended) > before, timeout=20000)

    for _ in range(50):
        again(0)
    qtbot.waitUntil(lambda: bool(caplog.records), timeout=20000)
    again(1)
    qtbot.waitUntil(lambda: len(caplog.records) > 1, timeout=20000)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "look works again" in caplog.text
