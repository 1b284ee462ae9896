"""GPU, memory and folders."""

import os
import sys
from pathlib import Path

import pytest

from avatar.doctor.apart import Apart
from avatar.doctor.finding import Status
from avatar.doctor.machine import check_gpu, check_memory, check_places, free_memory, place
from avatar.gpu import Gpu


@pytest.mark.parametrize(
    ("gpu", "status"),
    [
        (None, Status.SKIPPED),
        (Gpu("NVIDIA H200", "580.1"), Status.OK),
        (Gpu("NVIDIA H200", "535.1"), Status.WARNING),
        (Gpu("NVIDIA H200", ""), Status.FAILED),
    ],
)
def test_gpu_and_driver(gpu: Gpu | None, status: Status) -> None:
    (finding,) = check_gpu(Apart(), lambda: gpu)
    assert finding.status is status
    assert bool(finding.cure) is (status in (Status.WARNING, Status.FAILED))


@pytest.mark.parametrize(
    ("free", "status"),
    [
        (8 << 30, Status.OK),
        (600 << 20, Status.WARNING),
        (100 << 20, Status.FAILED),
        (None, Status.SKIPPED),
    ],
)
def test_memory(free: int | None, status: Status) -> None:
    (finding,) = check_memory(Apart(), lambda: free)
    assert finding.status is status


@pytest.mark.skipif(sys.platform == "win32", reason="reads a file of Linux")
def test_free_memory_is_read_where_it_is_told(tmp_path: Path) -> None:
    told = tmp_path / "meminfo"
    told.write_text("MemTotal: 9 kB\nMemAvailable:   2048 kB\n")
    assert free_memory(told) == 2048 * 1024
    told.write_text("MemAvailable: much kB\n")
    assert free_memory(told) is None
    assert free_memory(tmp_path / "none") is None


@pytest.mark.parametrize(
    ("free", "status"),
    [(5 << 30, Status.OK), (200 << 20, Status.WARNING), (1 << 20, Status.FAILED)],
)
def test_free_disk(tmp_path: Path, free: int, status: Status) -> None:
    finding = place("cache", tmp_path / "not" / "yet", lambda folder: free)
    assert finding.status is status and finding.details["exists"] is False
    assert not (tmp_path / "not").exists()


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = place("cache", tmp_path / "file" / "cache")
    assert finding.status is Status.FAILED and "no folder" in finding.found


def test_a_folder_of_somebody_else_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    finding = place("cache", tmp_path)
    assert finding.status is Status.FAILED and "AVATAR_HOME" in finding.cure


def test_the_disk_may_be_gone(tmp_path: Path) -> None:
    def gone(folder: Path) -> int:
        raise OSError(5, "Input/output error")

    assert place("cache", tmp_path, gone).status is Status.WARNING


def test_all_folders_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVATAR_HOME", str(tmp_path))
    findings = list(check_places(Apart()))
    assert [f.name for f in findings] == ["settings folder", "data folder", "cache", "log folder"]
    assert all(str(tmp_path) in finding.found for finding in findings)


def test_the_app_runs_without_its_log_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVATAR_HOME", str(tmp_path))
    (tmp_path / "logs").touch()  # no folder
    last = list(check_places(Apart()))[-1]
    assert last.status is Status.WARNING and "is no folder" in last.found and last.cure
