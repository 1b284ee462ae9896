"""Machine: the GPU, its driver and TensorRT as the trt engine needs them; the seam for tests."""

import json
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from avatar.errors import EngineError
from engines.plans import Plan, network_code

if TYPE_CHECKING:
    import torch

    from avatar.weights import Weights
    from engines.cuda import Device
    from engines.trt_compile import Compiler
    from engines.trt_runtime import Call

OLDEST = (7, 5)
"""Compute capability of Turing, the oldest that TensorRT 11 runs on."""

DRIVER_CUDA = (13, 0)
"""What the driver has to run: the wheels are built for CUDA 13 (driver r580)."""

MEMORY = 3 * 2**30
"""Bytes that compiling vox256 beside a running engine is estimated to need; not measured."""

PACKAGES = ("torch", "torch-tensorrt", "tensorrt")


class Machine(Protocol):
    """What the engine runs on."""

    def lacks(self) -> str:
        """Why TensorRT cannot run here, with the cure; else empty. Imports nothing heavy."""
        ...

    def parts(self) -> dict[str, str]:
        """What every plan depends on but the weights: "GPU", "driver", versions, ..."""
        ...

    def device(self) -> "Device":
        """Where the plans run; made by the thread that opens the engine."""
        ...

    def load(self, plan: Plan, device: "torch.device") -> "Call":
        """A stored plan that can be called.

        Raises:
            PlanUnreadable: it has to be made again.
        """
        ...

    def compiler(self) -> "Compiler":
        """What makes plans, in the building process."""
        ...

    def builder(self, weights: "Weights") -> list[str]:
        """The command of the building process."""
        ...


class TensorRtMachine:
    """The first NVIDIA GPU, with the ``tensorrt`` and ``torch_tensorrt`` packages."""

    def lacks(self) -> str:
        """Why TensorRT cannot run here, with the cure; else empty."""
        from engines.gpu import cuda_lacks, gpu

        found = gpu()
        if found is None:
            return "no NVIDIA GPU answers through its driver"
        if found.capability < OLDEST:
            return (
                f"{found} is too old: TensorRT needs compute capability {OLDEST[0]}.{OLDEST[1]} "
                "(Turing) or later; --engine compiled may run on it"
            )
        if found.memory < MEMORY:
            return (
                f"{found} has too little memory: compiling needs about {MEMORY >> 30} GiB; "
                "--engine compiled needs less"
            )
        if found.driver < DRIVER_CUDA:
            return (
                f"the driver of {found} runs CUDA {found.driver[0]}.{found.driver[1]} at most, "
                f"TensorRT needs {DRIVER_CUDA[0]}.{DRIVER_CUDA[1]}; "
                "update the NVIDIA driver to 580 or later"
            )
        if absent := [name for name in ("torch_tensorrt", "tensorrt") if not find_spec(name)]:
            return f"{' and '.join(absent)} is not installed (pip install 'dagan-avatar[trt]')"
        if why := cuda_lacks():
            return why
        torch, compiler = _version("torch"), _version("torch-tensorrt")
        if _minor(torch) != _minor(compiler):
            return (
                f"torch-tensorrt {compiler} does not go with torch {torch}; both have to be of one "
                "minor version (pip install 'dagan-avatar[trt]')"
            )
        return ""

    def parts(self) -> dict[str, str]:
        """What every plan depends on but the weights."""
        from avatar.gpu import find_gpu
        from engines.gpu import gpu, torch_cuda
        from engines.trt_compile import SETTINGS

        found, described = gpu(), find_gpu()
        if found is None:
            raise EngineError(
                "No NVIDIA GPU answers through its driver.",
                hint="Leave --engine out to let the app choose another.",
            )
        runs = ".".join(map(str, found.driver))
        return {
            "GPU": found.name,
            "compute capability": ".".join(map(str, found.capability)),
            "GPU memory": str(found.memory),
            "driver": described.driver if described and described.driver else f"for CUDA {runs}",
            "CUDA": ".".join(map(str, torch_cuda() or ())),
            **{name: _version(name) for name in PACKAGES},
            "network code": network_code(),
            "settings": json.dumps(SETTINGS, sort_keys=True),
        }

    def device(self) -> "Device":
        """The first GPU, with a stream of its own."""
        from engines.cuda import CudaDevice

        return CudaDevice()

    def load(self, plan: Plan, device: "torch.device") -> "Call":
        """A stored plan that can be called."""
        from engines.trt_runtime import LoadedPlan

        return LoadedPlan(plan.path.read_bytes(), plan, device)

    def compiler(self) -> "Compiler":
        """Torch-TensorRT on the first GPU."""
        import torch

        from avatar.graphs import cache_folder
        from engines.trt_compile import TensorRtCompiler

        timing = cache_folder() / "plans" / "timing.bin"
        return TensorRtCompiler(torch.device("cuda", 0), timing)

    def builder(self, weights: "Weights") -> list[str]:
        """This Python, running engines/trt_build.py."""
        return [sys.executable, "-m", "engines.trt_build", str(weights.path)]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _minor(number: str) -> list[str]:
    return number.split("+")[0].split(".")[:2]
