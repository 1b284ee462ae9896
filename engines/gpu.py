"""The NVIDIA GPU as its driver describes it, asked without PyTorch so that asking is quick."""

import ctypes
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

OLDEST = (7, 0)
"""Compute capability from which GPUs multiply FP16 in tensor cores (Volta)."""

LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"

# CUdevice_attribute of the driver API
_MAJOR, _MINOR = 75, 76


@dataclass(frozen=True)
class Gpu:
    """The first NVIDIA GPU.

    Attributes:
        name: the maker's, such as "NVIDIA GeForce RTX 3060".
        capability: compute capability, (major, minor).
        memory: in bytes, all of it.
        driver: the CUDA version that the driver can run, (major, minor).
    """

    name: str
    capability: tuple[int, int]
    memory: int
    driver: tuple[int, int]

    def __str__(self) -> str:
        major, minor = self.capability
        return f"{self.name} ({self.memory / 2**30:.0f} GiB, compute capability {major}.{minor})"


@cache
def gpu() -> Gpu | None:
    """The GPU that CUDA would use first; None without one, or without its driver."""
    try:
        driver = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    number, device = ctypes.c_int(), ctypes.c_int()

    def ask(function: str, *arguments: object) -> int:
        if getattr(driver, function)(*arguments):
            raise OSError(f"{function} failed")
        return number.value

    try:
        ask("cuInit", 0)
        if not ask("cuDeviceGetCount", ctypes.byref(number)):
            return None
        ask("cuDeviceGet", ctypes.byref(device), 0)
        name, memory = ctypes.create_string_buffer(256), ctypes.c_size_t()
        ask("cuDeviceGetName", name, len(name), device)
        ask("cuDeviceTotalMem_v2", ctypes.byref(memory), device)
        capability = (
            ask("cuDeviceGetAttribute", ctypes.byref(number), _MAJOR, device),
            ask("cuDeviceGetAttribute", ctypes.byref(number), _MINOR, device),
        )
        version = ask("cuDriverGetVersion", ctypes.byref(number))
    except (OSError, AttributeError):  # a driver without a GPU, or one too old to know a function
        return None
    return Gpu(
        name.value.decode(errors="replace"),
        capability,
        memory.value,
        (version // 1000, version % 1000 // 10),
    )


def torch_cuda() -> tuple[int, int] | None:
    """The CUDA version PyTorch was built for, read without importing it; None for CPU builds."""
    found = find_spec("torch")
    if found is None or found.origin is None:
        return None
    try:
        text = (Path(found.origin).parent / "version.py").read_text()
    except OSError:
        return None
    version = re.search(r"^cuda\b.*=\s*['\"](\d+)\.(\d+)", text, re.MULTILINE)
    return (int(version[1]), int(version[2])) if version else None


def cuda_lacks() -> str:
    """Why PyTorch cannot use an NVIDIA GPU here, with the cure; else empty."""
    if not find_spec("torch"):
        return "PyTorch is not installed"
    found = gpu()
    if found is None:
        return "no NVIDIA GPU answers through its driver"
    if found.capability < OLDEST:
        return f"{found} is too old: compute capability {OLDEST[0]}.{OLDEST[1]} is needed"
    built = torch_cuda()
    if built is None:
        return f"{found} is here, but this PyTorch is a CPU build; make setup installs the CUDA one"
    if built[0] > found.driver[0]:
        return (
            f"the driver of {found} runs CUDA {found.driver[0]}.{found.driver[1]} at most, and "
            f"PyTorch needs {built[0]}.{built[1]}; update the NVIDIA driver"
        )
    return ""
