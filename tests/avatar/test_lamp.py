"""A trouble is logged when it begins and when it ends."""

import logging

import pytest

from avatar.lamp import Lamp

log = logging.getLogger("avatar.test")


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "avatar")
    return caplog


def test_a_thousand_failures_are_one_warning_and_the_end_one_info(
    lines: pytest.LogCaptureFixture,
) -> None:
    lamp = Lamp(log)
    for number in range(1000):
        lamp.on("frame %d is lost", number)
    for _ in range(1000):
        lamp.off("frames come again")
    assert [(r.levelname, r.getMessage()) for r in lines.records] == [
        ("WARNING", "frame 0 is lost"),
        ("INFO", "frames come again (it came 1000 times)"),
    ]


def test_another_trouble_is_told_although_it_is_lit(lines: pytest.LogCaptureFixture) -> None:
    lamp = Lamp(log)
    for key in ("busy", "busy", "gone", "gone"):
        lamp.on("no camera: %s", key, key=key)
    lamp.off()
    lamp.on("no camera: %s", "gone", key="gone", level=logging.INFO)
    assert [r.getMessage() for r in lines.records] == ["no camera: busy", *["no camera: gone"] * 2]
    assert lines.records[-1].levelno == logging.INFO


def test_what_was_never_lit_does_not_go_out(lines: pytest.LogCaptureFixture) -> None:
    Lamp(log).off("all is well")
    assert lines.records == []


def test_the_traceback_goes_with_it(lines: pytest.LogCaptureFixture) -> None:
    error = ValueError("odd")
    Lamp(log).on("it failed", exc_info=error)
    (record,) = lines.records
    assert record.exc_info is not None and record.exc_info[1] is error
