"""Functions in processes of their own: answers, errors, crashes, hangs, and the wish to stop."""

import sys
import threading

import pytest

from avatar.doctor.apart import Apart, NoAnswer, NoTime
from avatar.errors import AvatarError, Cancelled


def test_an_answer_comes_back() -> None:
    told = Apart().ask("json:loads", '{"a": [1, 2]}', limit_s=30)
    assert told == {"a": [1, 2]}


def test_an_error_of_ours_keeps_message_and_hint() -> None:
    with pytest.raises(AvatarError, match="no-such-model") as caught:
        Apart().ask("avatar.weights:describe", "no-such-model", limit_s=30)
    assert "Installed are" in caught.value.hint


def test_any_other_error_is_named() -> None:
    with pytest.raises(AvatarError, match="JSONDecodeError: Expecting"):
        Apart().ask("json:loads", "nonsense", limit_s=30)


def test_a_crash_is_an_error() -> None:
    with pytest.raises(NoAnswer, match="crashed"):
        Apart().ask("os:abort", limit_s=30)


def test_what_a_process_complains_of_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "avatar"):
        Apart().ask("warnings:warn", "look out", limit_s=30)
    assert "UserWarning: look out" in caplog.text


def test_a_hang_is_an_error() -> None:
    with pytest.raises(NoAnswer, match="hangs: no answer within 0 s"):
        Apart().run((sys.executable, "-c", "import time; time.sleep(60)"), print, 0.2)


def test_the_limit_for_everything_counts() -> None:
    apart = Apart(limit_s=0.1)
    with pytest.raises(NoTime, match="0.1 s for everything are over"):
        apart.run((sys.executable, "-c", "import time; time.sleep(60)"), print, 60)
    assert apart.left_s == 0
    with pytest.raises(NoTime):  # nothing is started any more
        apart.run(("/no/such/program",), print, 5)


def test_the_wish_to_stop_wins_over_the_limit() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        Apart(stop.is_set).run((sys.executable, "-c", "input()"), print, 30)


def test_a_missing_program_is_said() -> None:
    with pytest.raises(NoAnswer, match="cannot be started"):
        Apart().run(("/no/such/program",), print, 5)
