"""Finding an NVIDIA GPU by a made-up driver, and the cure for one that is left unused."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from avatar import gpu as module
from avatar.gpu import Gpu, ask_nvidia_smi, cure, find_gpu

VERSION = (
    "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (x)\n"
    "GCC version:  gcc version 12.3.0\n"
)


@pytest.fixture(autouse=True)
def nothing_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(module.HIDES, raising=False)


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    """The folder of a driver with one GPU."""
    folder = tmp_path / "nvidia"
    (folder / "gpus" / "0000:01:00.0").mkdir(parents=True)
    (folder / "version").write_text(VERSION)
    (folder / "gpus" / "0000:01:00.0" / "information").write_text(
        "Model: \t\t NVIDIA H200\nIRQ:   \t\t 42\n"
    )
    return folder


def unasked() -> str:
    raise AssertionError("nvidia-smi is asked although the driver's files tell")


def silent() -> str:
    return ""


def test_the_drivers_files_tell_without_asking(driver: Path) -> None:
    assert find_gpu(unasked, driver) == Gpu("NVIDIA H200", "580.65.06")


def test_elsewhere_nvidia_smi_is_asked(tmp_path: Path) -> None:
    two = "NVIDIA GeForce RTX 3060, 535.183.01\nNVIDIA T4, 535.183.01"
    found = find_gpu(lambda: two, tmp_path)
    assert found == Gpu("NVIDIA GeForce RTX 3060", "535.183.01") and found.driver_too_old


def test_none_and_a_driver_without_a_gpu_are_none(driver: Path, tmp_path: Path) -> None:
    assert find_gpu(silent, tmp_path / "nothing") is None
    (driver / "gpus" / "0000:01:00.0" / "information").unlink()
    assert find_gpu(silent, driver) is None


def test_a_gpu_whose_driver_does_not_answer_is_one(driver: Path) -> None:
    (driver / "version").write_bytes(b"\xff\n")
    assert find_gpu(silent, driver) == Gpu("NVIDIA H200", "")


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_a_hidden_gpu_is_none(driver: Path, monkeypatch: pytest.MonkeyPatch, hidden: str) -> None:
    monkeypatch.setenv(module.HIDES, hidden)
    assert find_gpu(unasked, driver) is None
    monkeypatch.setenv(module.HIDES, "0")
    assert find_gpu(unasked, driver) is not None


def test_nvidia_smi_that_hangs_fails_or_is_missing_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(result: Any) -> Any:
        def run(*_: Any, **more: Any) -> Any:
            assert more["timeout"] <= 5
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(subprocess, "run", run)
        return ask_nvidia_smi()

    assert answer(FileNotFoundError("nvidia-smi")) == ""
    assert answer(subprocess.TimeoutExpired("nvidia-smi", 3)) == ""
    assert answer(subprocess.CompletedProcess([], 9, "NVIDIA-SMI has failed")) == ""
    assert answer(subprocess.CompletedProcess([], 0, "NVIDIA T4, 580.1\n")) == "NVIDIA T4, 580.1"


@pytest.mark.parametrize(
    ("driver", "torch", "words"),
    [
        ("", "2.13.0+cpu", "does not answer"),
        ("580.1", None, "make setup TORCH=cuda"),
        ("580.1", "2.13.0+cpu", "CPU build (2.13.0+cpu)"),
        ("580.1", "2.13.0+cpu", "dagan-avatar[trt]"),
        ("470.223.02", "2.13.0", "needs 580 or later"),
        ("580.1", "2.13.0", "the reason it gave"),
    ],
)
def test_the_cure(
    monkeypatch: pytest.MonkeyPatch, driver: str, torch: str | None, words: str
) -> None:
    monkeypatch.setattr(module, "_installed", lambda _: torch)
    assert words in cure(Gpu("NVIDIA T4", driver), "the reason it gave")


def test_a_gpu_without_a_name_can_be_spoken_of() -> None:
    assert str(Gpu("", "")) == "an NVIDIA GPU" and str(Gpu("NVIDIA T4", "")) == "NVIDIA T4"
    assert not Gpu("", "").driver_too_old and not Gpu("", "unknown").driver_too_old
