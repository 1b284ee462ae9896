"""The writer: it never waits, counts what it drops, and ends."""

import logging
import threading
from collections.abc import Iterator
from time import monotonic, sleep

import pytest

from avatar.logs import writer as module
from avatar.logs.writer import Writer


class Disk(logging.Handler):
    """Keeps lines; while ``stuck`` it takes none."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.free = threading.Event()
        self.free.set()
        self.busy = threading.Event()
        self.closed = False

    def emit(self, record: logging.LogRecord) -> None:
        self.busy.set()
        self.free.wait(10)
        self.lines.append(self.format(record))

    def close(self) -> None:
        self.closed = True
        super().close()


@pytest.fixture
def disk() -> Iterator[Disk]:
    made = Disk()
    yield made
    made.free.set()


def logger(writer: Writer) -> logging.Logger:
    log = logging.Logger("avatar.test", logging.INFO)
    log.addHandler(writer)
    return log


def test_facts_come_first_and_what_waits_is_written_at_the_end(disk: Disk) -> None:
    writer = Writer(disk, lambda: ["fact one", "fact two"])
    log = logger(writer)
    log.info("early")
    writer.start()
    for number in range(100):
        log.info("line %d", number)
    assert writer.stop(5.0)
    assert disk.lines[:3] == ["fact one", "fact two", "early"]
    assert disk.lines[-1] == "line 99" and len(disk.lines) == 103 and disk.closed


def test_a_disk_that_hangs_costs_lines_and_no_time(disk: Disk) -> None:
    writer = Writer(disk, most=10)
    log = logger(writer)
    disk.free.clear()
    writer.start()
    log.info("the first")
    assert disk.busy.wait(5)
    start = monotonic()
    for number in range(1000):
        log.info("line %d", number)
    assert monotonic() - start < 5  # each would have waited for ten
    assert writer.dropped == 990
    assert not writer.stop(0.05)
    disk.free.set()
    assert writer.stop(5.0)
    assert disk.lines[:3] == [
        "the first", "990 lines are left out: the disk was too slow", "line 0",
    ]  # fmt: skip
    assert disk.lines[-1] == "line 9" and writer.dropped == 0


def test_a_line_that_is_repeated_is_written_once(disk: Disk) -> None:
    writer = Writer(disk)
    log = logger(writer)
    writer.start()
    for _ in range(500):
        log.warning("the library complains")
    log.info("something else")
    for _ in range(3):
        log.warning("the library complains")
    assert writer.stop(5.0)
    assert disk.lines == [
        "the library complains", "the same line came 499 times more", "something else",
        "the library complains", "the same line came 2 times more",
    ]  # fmt: skip


def test_that_a_line_is_repeated_is_said_now_and_then(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_S", 0.0)
    writer = Writer(disk)
    log = logger(writer)
    writer.start()
    for _ in range(3):
        log.warning("again")
    assert writer.stop(5.0)
    assert disk.lines == ["again", *["the same line came 1 times more"] * 2]


def test_a_message_without_end_is_shortened_in_the_middle(disk: Disk) -> None:
    writer = Writer(disk)
    log = logger(writer)
    writer.start()
    try:
        raise ValueError("x" * 50_000 + "the end")
    except ValueError:
        log.exception("it failed")
    assert writer.stop(5.0)
    (line,) = disk.lines
    assert len(line) < module.LONGEST + 20
    assert line.startswith("it failed\nTraceback") and line.endswith("the end")


def test_its_thread_has_ended(disk: Disk) -> None:
    writer = Writer(disk)
    writer.start()
    assert module.THREAD in {thread.name for thread in threading.enumerate()}
    assert writer.stop(5.0) and writer.stop(5.0)
    sleep(0)
    assert module.THREAD not in {thread.name for thread in threading.enumerate()}
