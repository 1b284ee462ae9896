"""The machine: GPU and driver, free memory, and the folders that things are kept in."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from avatar.doctor.apart import Apart
from avatar.doctor.finding import Finding, Status
from avatar.gpu import OLDEST_DRIVER, Gpu, cure, find_gpu
from avatar.places import cache_dir, config_dir, data_dir, log_dir

MEMORY_LEAST, MEMORY_WARN = 400 * 2**20, 1 << 30
"""Bytes: the live session takes 300 MB, PyTorch on top of it as much again."""
DISK_LEAST, DISK_WARN = 50 * 2**20, 1 << 30
MEMINFO = Path("/proc/meminfo")


def check_gpu(apart: Apart, find: Callable[[], Gpu | None] = find_gpu) -> Iterator[Finding]:
    """One finding: the NVIDIA GPU and its driver."""
    gpu = find()
    if gpu is None:
        yield Finding("GPU", Status.SKIPPED, "There is no NVIDIA GPU: engines run on the CPU.")
        return
    details = {"name": gpu.name, "driver": gpu.driver}
    found = f"{gpu}, driver {gpu.driver or 'does not answer'}"
    if not gpu.driver:
        yield Finding("GPU", Status.FAILED, f"{found}.", cure(gpu, "no driver"), details)
    elif gpu.driver_too_old:
        yield Finding(
            "GPU",
            Status.WARNING,
            f"{found}, which current PyTorch refuses.",
            f"Update the driver to {OLDEST_DRIVER} or later.",
            details,
        )
    else:
        yield Finding("GPU", Status.OK, f"{found}.", details=details)


def check_memory(apart: Apart, free: "Callable[[], int | None] | None" = None) -> Iterator[Finding]:
    """One finding: memory that programs can still get."""
    found = (free or free_memory)()
    if found is None:
        yield Finding("memory", Status.SKIPPED, "This system does not tell how much is free.")
        return
    status = _judged(found, MEMORY_LEAST, MEMORY_WARN)
    yield Finding(
        "memory",
        status,
        f"{found / 1e9:.1f} GB are free.",
        "" if status is Status.OK else "Close other programs: 1 GB should be free.",
        {"free_bytes": found},
    )


def check_places(apart: Apart) -> Iterator[Finding]:
    """A finding for each folder: whether it can be written, and how much is free there."""
    places = {"settings folder": config_dir(), "data folder": data_dir(), "cache": cache_dir()}
    for name, folder in places.items():
        yield place(name, folder)
    logs = place("log folder", log_dir())
    if logs.status is Status.FAILED:  # nothing depends on it
        logs = replace(logs, status=Status.WARNING)
    yield logs


def place(name: str, folder: Path, usage: Callable[[Path], int] | None = None) -> Finding:
    """The finding about a folder, which need not exist yet.

    Args:
        name: what it is.
        folder: where.
        usage: bytes free in an existing folder; tests bring their own.
    """
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        return Finding(
            name, Status.FAILED, f"{there} is no folder, so {folder} cannot be.", f"Move {there}."
        )
    if not os.access(there, os.W_OK | os.X_OK):
        return Finding(
            name,
            Status.FAILED,
            f"{folder} cannot be written.",
            f"Make {there} yours again, or name another folder with AVATAR_HOME=FOLDER.",
        )
    try:
        free = shutil.disk_usage(there).free if usage is None else usage(there)
    except OSError as error:
        return Finding(
            name,
            Status.WARNING,
            f"The free space of {there} cannot be told: {error.strerror or error}.",
            "See whether its disk is still there.",
        )
    status = _judged(free, DISK_LEAST, DISK_WARN)
    return Finding(
        name,
        status,
        f"{folder}: {free / 1e9:.1f} GB are free.",
        "" if status is Status.OK else "Free some space: 1 GB, several for recordings.",
        {"free_bytes": free, "exists": folder.is_dir()},
    )


def free_memory(meminfo: Path = MEMINFO) -> int | None:
    """Bytes that programs can get without swapping; None where the system does not tell."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        for line in meminfo.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass  # no Linux: not told
    return None


def _windows_memory() -> int | None:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in (
                "total", "available", "total_page", "available_page", "total_virtual",
                "available_virtual", "extended",
            )),
        ]  # fmt: skip

    status = Status()
    status.length = ctypes.sizeof(status)
    windll = getattr(ctypes, "windll", None)
    if windll is None or not windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.available)


def _judged(found: int, least: int, enough: int) -> Status:
    return Status.FAILED if found < least else Status.WARNING if found < enough else Status.OK
