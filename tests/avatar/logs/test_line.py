"""What a line looks like, and what is not in it."""

import logging
import sys

import pytest

from avatar.doctor.redaction import Redaction
from avatar.logs.line import Line, wanted

ANNA = Redaction(["/home/anna"], ["anna"], ["annas-laptop"])


def line(message: str, *args: object, **more: object) -> str:
    record = logging.LogRecord("avatar.x", logging.WARNING, "x.py", 1, message, args, None)
    record.threadName = "inference"
    vars(record).update(more)
    return Line(ANNA).format(record)


def test_time_level_thread_name_text() -> None:
    text = line("engine %s failed", "ov", created=0.25)
    assert (
        text[4] == "-"
        and text[10] == " "
        and text[23:] == (" WARNING inference  avatar.x: engine ov failed")
    )
    assert text[19:23] == ".250"


def test_who_and_where_is_left_out() -> None:
    text = line("%s of anna on annas-laptop", "/home/anna/Pictures/Aunt Berta.png")
    assert text.endswith("[file].png of [user] on [host]")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("rtsp://anna:secret@cam.lan:554/live", "rtsp://cam.lan:554/live"),
        ("https://x.org/w.bin?token=secret&a=1", "https://x.org/w.bin"),
        ("http://secret@proxy:80 refuses", "http://proxy:80 refuses"),
    ],
)
def test_what_opens_doors_is_left_out(told: str, kept: str) -> None:
    assert line("%s", told).endswith(f": {kept}")


def test_a_record_stays_one_whatever_is_in_it() -> None:
    text = line("a camera called %s", "x\n2026-01-01 00:00:00.000 ERROR\x1b[31m\r")
    first, second = text.split("\n")
    assert second.startswith("    2026") and "\x1b" not in text and "\r" not in text


def test_tracebacks_are_indented() -> None:
    try:
        raise ValueError("odd")
    except ValueError:
        text = line("failed", exc_info=sys.exc_info())
    assert text.splitlines()[1] == "    Traceback (most recent call last):"
    assert text.splitlines()[-1] == "    ValueError: odd"


@pytest.mark.parametrize(
    ("name", "level", "kept"),
    [
        ("avatar.capture", logging.INFO, True),
        ("engines.ov", logging.INFO, True),
        ("ui", logging.INFO, True),
        ("uix", logging.INFO, False),
        ("matplotlib", logging.INFO, False),
        ("py.warnings", logging.WARNING, True),
    ],
)
def test_ours_from_info_on_and_warnings_of_others(name: str, level: int, kept: bool) -> None:
    assert wanted(logging.LogRecord(name, level, "", 0, "", None, None)) is kept
