"""The machine that is measured on, and how quiet it is."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from time import sleep
from typing import Any

from avatar import __version__
from avatar.gpu import find_gpu

PACKAGES = (
    "torch", "openvino", "onnxruntime", "onnxruntime-gpu", "tensorrt", "torch-tensorrt",
    "numpy", "opencv-contrib-python", "mediapipe", "av",
)  # fmt: skip
"""Whose versions matter for time."""

SAME = ("cpu", "cores", "os", "gpu")
"""What has to agree for figures of two machines to be compared."""

BUSY = 0.10
"""Share of the cores that others use, above which a machine is called busy."""

_LOOK_S = 0.5


def describe() -> dict[str, Any]:
    """CPU, cores, load before the start, memory, system, versions, GPU. Takes half a second."""
    gpu = find_gpu()
    return {
        "cpu": cpu_name(),
        "cores": usable_cores(),
        "busy": busy(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "memory_gb": memory_gb(),
        "os": f"{platform.system()} {platform.machine()}",
        "release": platform.release(),
        "python": platform.python_version(),
        "avatar": __version__,
        "versions": {name: found for name in PACKAGES if (found := installed(name))},
        "gpu": None if gpu is None else f"{gpu} (driver {gpu.driver or 'unknown'})",
    }


def busy() -> float | None:
    """Share of all cores in use during the next half second; None where nothing tells."""
    before = _jiffies()
    sleep(_LOOK_S)
    after = _jiffies()
    if before is None or after is None or after[1] <= before[1]:
        return None
    return round(max(0.0, 1 - (after[0] - before[0]) / (after[1] - before[1])), 3)


def _jiffies() -> tuple[int, int] | None:
    """(idle, all) since the start of the system."""
    try:
        with open("/proc/stat", encoding="ascii") as file:
            numbers = [int(word) for word in file.readline().split()[1:9]]
    except (OSError, ValueError):
        return None
    return numbers[3] + numbers[4], sum(numbers)


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_name() -> str:
    """What the CPU calls itself."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def memory_gb() -> float | None:
    """Memory of the machine; None where nothing tells."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):
        return None


def installed(package: str) -> str:
    """Its version; empty where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def warnings(machine: dict[str, Any]) -> list[str]:
    """What makes figures of this machine doubtful."""
    found = []
    share = machine.get("busy")
    if share is not None and share > BUSY:
        found.append(
            f"Other programs use {share:.0%} of the cores: times are too long and vary, and ratios "
            "to the reference too high, since its threads wait for each other. Close them and run "
            "again."
        )
    if sys.flags.dev_mode:
        found.append("Python runs in development mode, which is slower.")
    return found


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """In what two machines differ, as "cpu: A, now B"; versions of packages too."""
    parts = [(key, old.get(key), new.get(key)) for key in SAME]
    before, now = old.get("versions"), new.get("versions")
    before, now = (v if isinstance(v, dict) else {} for v in (before, now))
    parts += [(name, before.get(name), now.get(name)) for name in sorted({*before, *now})]
    return [f"{key}: {a or 'none'}, now {b or 'none'}" for key, a, b in parts if a != b]
