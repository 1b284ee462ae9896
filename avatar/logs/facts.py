"""Facts: what the app runs on, for the head of the log. Nothing heavy is imported for it."""

import os
import platform
import sys
from collections.abc import Iterator
from datetime import datetime

from avatar import __version__
from avatar.bench.machine import cpu_name, installed, memory_gb, usable_cores
from avatar.gpu import find_gpu

PACKAGES = (
    "torch", "torch-tensorrt", "openvino", "onnxruntime", "onnxruntime-gpu", "mediapipe", "numpy",
    "opencv-contrib-python", "av", "PyQt6", "pyvirtualcam",
)  # fmt: skip

SWITCHES = (
    "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY",
    "AVATAR_HOME",
)  # fmt: skip
"""Variables of the environment that change what the app does."""


def facts() -> Iterator[str]:
    """A sentence each: app and Python, system, CPU and memory, packages, environment, GPU.

    The last may take seconds, where the driver does not answer.
    """
    zone = datetime.now().astimezone().strftime("%z")
    yield f"avatar {__version__}, Python {platform.python_version()}, process {os.getpid()}"
    yield f"{_system()}; times are local (UTC{zone[:3]}:{zone[3:]})"
    memory = memory_gb()
    amount = "memory unknown" if memory is None else f"{memory:g} GB of memory"
    yield f"CPU {cpu_name() or 'unknown'}, {usable_cores()} cores usable, {amount}"
    versions = [f"{name} {found}" for name in PACKAGES if (found := installed(name))]
    lacks = [name for name in ("torch", "openvino", "onnxruntime") if not installed(name)]
    yield f"packages: {', '.join(versions)}" + (f"; without {', '.join(lacks)}" if lacks else "")
    set_here = [f"{name}={os.environ[name]}" for name in SWITCHES if name in os.environ]
    yield f"environment: {', '.join(set_here) or 'nothing set that matters'}"
    gpu = find_gpu()
    yield "GPU: no NVIDIA GPU" if gpu is None else f"GPU: {gpu}, driver {gpu.driver or 'unknown'}"


def _system() -> str:
    """``Linux 6.1.0 x86_64 (Debian GNU/Linux 12)``."""
    name = ""
    if sys.platform.startswith("linux"):
        try:
            name = f" ({platform.freedesktop_os_release()['PRETTY_NAME']})"
        except (OSError, KeyError):
            name = ""
    return f"{platform.system()} {platform.release()} {platform.machine()}{name}"
