import logging
import os
from pathlib import Path

import pytest

from engines.blobs import blob_folder, prune


@pytest.fixture
def blobs(tmp_path: Path) -> Path:
    """Five blobs of 100 bytes, "0" longest unused, beside a file that is none."""
    for number in range(5):
        path = tmp_path / f"{number}.blob"
        path.write_bytes(bytes(100))
        os.utime(path, (1000 + number, 500))
    (tmp_path / "read.me").write_bytes(bytes(1000))
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("keep", "left"), [(500, "01234"), (499, "1234"), (250, "34"), (100, "4"), (99, ""), (0, "")]
)
def test_the_longest_unused_go_first(blobs: Path, keep: int, left: str) -> None:
    prune(blobs, keep)
    assert names(blobs) == [*(f"{number}.blob" for number in left), "read.me"]


def test_one_written_just_now_counts_as_used(blobs: Path) -> None:
    os.utime(blobs / "0.blob", (1, 2000))
    prune(blobs, 100)
    assert names(blobs) == ["0.blob", "read.me"]


def test_one_that_cannot_be_deleted_is_passed_over(
    blobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete = Path.unlink

    def held(path: Path, missing_ok: bool = False) -> None:
        if path.name == "0.blob":
            raise PermissionError(13, "in use")
        delete(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", held)
    prune(blobs, 200)
    assert names(blobs) == ["0.blob", "4.blob", "read.me"]


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    prune(tmp_path / "gone", 0)


def test_it_is_made_in_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("engines.blobs.cache_folder", lambda: tmp_path / "cache")
    assert blob_folder() == tmp_path / "cache" / "openvino" and (tmp_path / "cache").is_dir()


def test_where_no_folder_can_be_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("engines.blobs.cache_folder", lambda: tmp_path / "file")
    with caplog.at_level(logging.WARNING):
        assert blob_folder() is None
    assert "cannot be made" in caplog.text


def test_a_folder_that_may_not_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("engines.blobs.cache_folder", lambda: tmp_path)
    monkeypatch.setattr("engines.blobs.os.access", lambda *_: False)
    with caplog.at_level(logging.WARNING):
        assert blob_folder() is None
    assert "not writable" in caplog.text
