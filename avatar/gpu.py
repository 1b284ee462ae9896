"""Gpu: the NVIDIA GPU of this machine, found without PyTorch; and why it may be left unused.

On Linux the driver's own files tell; elsewhere, and where they say too little, ``nvidia-smi`` is
asked with a time-out. It says what is there, not what a runtime can do with it.
"""

import logging
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

log = logging.getLogger(__name__)

DRIVER_FOLDER = Path("/proc/driver/nvidia")
"""Where the kernel module describes itself and its GPUs (Linux)."""

QUERY = ("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader")
TIMEOUT_S = 3.0

OLDEST_DRIVER = 580
"""Major version of the oldest driver that the CUDA 13 builds of PyTorch and TensorRT take."""

HIDES = "CUDA_VISIBLE_DEVICES"
"""Set to nothing, or to -1, it hides every GPU from CUDA: then the user wants none."""


@dataclass(frozen=True)
class Gpu:
    """An NVIDIA GPU.

    Attributes:
        name: as the driver calls it; may be empty.
        driver: version of the driver, such as "580.65.06"; empty where it does not answer.
    """

    name: str
    driver: str

    def __str__(self) -> str:
        return self.name or "an NVIDIA GPU"

    @property
    def driver_too_old(self) -> bool:
        """Whether current builds of PyTorch refuse this driver."""
        major = self.driver.partition(".")[0]
        return major.isdecimal() and int(major) < OLDEST_DRIVER


def ask_nvidia_smi() -> str:
    """The answer of ``nvidia-smi``, a line for each GPU; empty when it is missing, fails or
    hangs."""
    try:
        done = subprocess.run(
            QUERY, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.debug("nvidia-smi: %s", error)
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def find_gpu(ask: Callable[[], str] = ask_nvidia_smi, folder: Path = DRIVER_FOLDER) -> Gpu | None:
    """The first NVIDIA GPU; None where there is none, or where the user hides it from CUDA.

    Args:
        ask: asks ``nvidia-smi``; called only where ``folder`` does not tell enough.
        folder: the driver's own description.
    """
    if os.environ.get(HIDES, "0").strip() in ("", "-1"):
        log.info("%s hides every GPU", HIDES)
        return None
    driver = _driver(folder / "version")
    models = sorted(folder.glob("gpus/*/information"))
    name = _model(models[0]) if models else ""
    if driver and name:
        return Gpu(name, driver)
    if answer := ask():
        told, _, number = answer.splitlines()[0].rpartition(",")
        return Gpu(told.strip(), number.strip())
    return Gpu(name, driver) if models else None  # a driver without a GPU is no GPU


def cure(gpu: Gpu, why: str) -> str:
    """What the user can do so that the GPU is used.

    Args:
        gpu: the one left unused.
        why: the reason that the best GPU engine gave, repeated where nothing better is known.
    """
    if not gpu.driver:
        return (
            "The NVIDIA driver does not answer: run nvidia-smi; a restart after an update may help."
        )
    torch = _installed("torch")
    if torch is None or torch.endswith("+cpu"):
        build = "is not installed" if torch is None else f"is the CPU build ({torch})"
        return (
            f"PyTorch {build}: make setup TORCH=cuda installs the CUDA build. "
            "pip install 'dagan-avatar[trt]' adds TensorRT, which is faster still."
        )
    if gpu.driver_too_old:
        return (
            f"The NVIDIA driver is {gpu.driver}; PyTorch {torch} needs {OLDEST_DRIVER} or later: "
            "update it."
        )
    return f"avatar engines shows what each engine says: {why}."


def _driver(path: Path) -> str:
    """The driver's version: "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  ..."."""
    try:
        line = path.read_text(errors="replace").partition("\n")[0]
    except OSError:
        return ""
    numbers = [word for word in line.split() if word[0].isdigit() and "." in word]
    return numbers[0] if numbers else ""


def _model(path: Path) -> str:
    """The name of a GPU: "Model:   NVIDIA H200"."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    return fields.get("Model", "").strip()


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
