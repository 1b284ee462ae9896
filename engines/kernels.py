"""Kernels: what torch.compile makes of a network for one GPU, kept in our cache folder.

PyTorch's own cache holds the compiled code and has its own keys; beside it we note for which
networks it is filled, so that opening an engine never compiles for minutes without saying so.
"""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from avatar.aside import run_aside
from avatar.engine import Progress
from avatar.errors import EngineError, OutputError
from avatar.graphs import cache_folder
from avatar.model.params import ModelParams
from engines.gpu import gpu

FORMAT = "avatar-kernels-1"
"""Changes when the same networks are compiled in another way."""

STEPS = {"detect": 0.0, "render": 0.4, "check": 0.95}
"""How far the whole is when a step begins; estimated from the number of layers."""


def triton_lacks() -> str:
    """Why torch.compile cannot make kernels for a GPU here; else empty."""
    if find_spec("triton"):
        return ""
    return "Triton, which torch.compile needs, is not installed (PyTorch has none on Windows)"


class Kernels:
    """The compiled kernels of one architecture in one precision, for this GPU.

    Weights are inputs of the compiled code, so all weights of an architecture share it.
    """

    def __init__(self, params: ModelParams, precision: str) -> None:
        self.parts = {
            "format": FORMAT,
            "params": params.to_json(),
            "precision": precision,
            "torch": _version("torch"),
            "triton": _version("triton"),
            "gpu": str(gpu()),
        }
        key = hashlib.sha256(json.dumps(self.parts, sort_keys=True).encode()).hexdigest()
        self.folder = cache_folder() / "kernels"
        self._mark = self.folder / f"{params.name}-{precision}-{key[:16]}.json"

    @property
    def ready(self) -> bool:
        """Whether they were compiled and checked before."""
        return self._mark.exists() and not triton_lacks()

    def use(self) -> None:
        """Make PyTorch keep compiled code in our folder; call before it compiles anything."""
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(self.folder / "inductor"))

    def mark(self, note: str) -> None:
        """Note that they are compiled and agree with the reference; ``note`` has the figures.

        Raises:
            OutputError: the cache folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=".mark.", dir=self.folder)
            with os.fdopen(handle, "w") as stream:
                json.dump(self.parts | {"checked": note}, stream, indent=1)
            os.replace(temporary, self._mark)
        except OSError as error:
            raise OutputError(
                f"The cache folder {self.folder} cannot be written: {error.strerror or error}.",
                hint="Check that it is writable and has space.",
            ) from error


def compile_aside(command: list[str], progress: Progress, cancelled: Callable[[], bool]) -> None:
    """Run the compiling process; it prints the names of :data:`STEPS` as it gets to them.

    Raises:
        Cancelled: ``cancelled()`` turned true; the process is gone.
        EngineError: it failed.
    """

    def heard(step: str) -> None:
        if step in STEPS:
            doing = "Checking the kernels" if step == "check" else f"Compiling {step} for this GPU"
            progress(STEPS[step], doing)

    ended = run_aside(command, heard, cancelled, "Compiling the kernels")
    if ended.code:
        raise EngineError(
            f"The kernels cannot be compiled: {ended.why()}",
            hint="The compiled engine also runs without them, more slowly.",
        )
    progress(1.0, "The kernels are compiled")


def command(weights: Path, precision: str) -> list[str]:
    """What compiles the kernels of a weights file, in a process of its own."""
    return [sys.executable, "-m", "engines.compiled", str(weights), precision]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
