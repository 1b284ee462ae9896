"""Errors that nobody caught: the log has the traceback, the user a sentence."""

import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from avatar.logs.uncaught import caught


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Under Python's own hooks, pytest's set aside."""
    caplog.set_level(logging.INFO, "avatar")
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    sentences: list[str] = []
    with caught(sentences.append):
        yield sentences
    assert sys.excepthook is sys.__excepthook__
    assert threading.excepthook is threading.__excepthook__


def odd(*_: object) -> None:
    raise ValueError("odd")


def fail() -> None:
    """As Qt does when a slot raises."""
    try:
        odd()
    except ValueError:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]


def test_one_of_a_slot(
    said: list[str], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    fail()
    assert said == ["unexpected ValueError in the main thread: odd"]
    assert "Traceback" in caplog.text and "in odd" in caplog.text
    assert "Traceback" not in capsys.readouterr().err


def test_one_of_a_slot_that_paints_is_told_once(
    said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(1000):
        fail()
    assert len(said) == 1 and len(caplog.records) == 1


def test_one_of_a_thread(
    said: list[str], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    thread = threading.Thread(target=odd, name="mine")
    thread.start()
    thread.join(5)
    assert said == ["unexpected ValueError in the thread mine: odd"]
    assert "Traceback" in caplog.text and capsys.readouterr().err == ""


def test_one_while_clearing_away_is_only_logged(
    said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    class Bad:
        __del__ = odd

    bad: Any = Bad()
    del bad
    assert said == [] and [r.levelname for r in caplog.records] == ["WARNING"]


def test_ctrl_c_is_no_error(said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert said == [] and "KeyboardInterrupt" in capsys.readouterr().err


def test_a_hook_of_somebody_else_is_called_too(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda *args: seen.append(args[1]))
    with caught(lambda _: None):
        fail()
    assert len(seen) == 1
