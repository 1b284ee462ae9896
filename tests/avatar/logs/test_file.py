"""The file: its size, its head, and a disk that refuses."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from avatar.logs.file import LogFile


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("avatar", logging.INFO, "", 0, text, None, None)


@pytest.fixture
def told() -> list[OSError]:
    return []


@pytest.fixture
def file(tmp_path: Path, told: list[OSError]) -> Iterator[LogFile]:
    made = LogFile(tmp_path / "a.log", told.append)
    yield made
    made.close()


def test_a_full_file_is_put_aside_and_the_new_one_has_the_head(
    file: LogFile, tmp_path: Path
) -> None:
    file.maxBytes, file.head = 100, "the facts\n"
    for number in range(30):
        file.emit(record(f"line {number}"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.log", "a.log.1"]
    text = (tmp_path / "a.log").read_text()
    assert text.startswith("the facts\nline") and text.endswith("line 29\n")
    assert all(path.stat().st_size < 120 for path in tmp_path.iterdir())


def test_where_it_cannot_be_renamed_it_goes_on(
    file: LogFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "used by another process")

    monkeypatch.setattr(os, "replace", refuse)
    file.maxBytes = 20
    for number in range(10):
        file.emit(record(f"line {number}"))
    assert (tmp_path / "a.log").read_text().count("line") == 10


def test_a_full_disk_is_told_once_and_the_lines_are_counted(
    file: LogFile, tmp_path: Path, told: list[OSError], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    class Full:
        closed = 0

        def __getattr__(self, name: str) -> Any:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            type(self).closed += 1
            raise OSError(28, "No space left on device")

    file.emit(record("before"))
    whole, file.stream = file.stream, Full()  # type: ignore[assignment]
    whole.close()
    monkeypatch.setattr(file, "_open", Full)
    for _ in range(1000):
        file.emit(record("lost"))
    monkeypatch.undo()
    file.emit(record("after"))
    assert (tmp_path / "a.log").read_text().splitlines() == [
        "before", "after", "1000 lines could not be written before this one",
    ]  # fmt: skip
    assert [error.errno for error in told] == [28] and Full.closed
    assert capsys.readouterr() == ("", "")


def test_only_its_owner_may_read_it(file: LogFile, tmp_path: Path) -> None:
    if os.name == "posix":
        assert (tmp_path / "a.log").stat().st_mode & 0o077 == 0


def test_text_that_is_no_text_is_written(file: LogFile, tmp_path: Path) -> None:
    file.emit(record("odd \udce4 name"))
    assert (tmp_path / "a.log").read_text() == "odd \\udce4 name\n"
