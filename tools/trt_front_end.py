"""Fetch the Python half of Torch-TensorRT for the tests that run it without a GPU.

Run as ``python -m tools.trt_front_end``: 4 MB from the package index, 8 MB unpacked, a few seconds.
It is put into a folder of its own in the cache, not into the environment: the wheel's libraries
need TensorRT, of which the wheels weigh gigabytes, so they are removed, and the tests bring a
stand-in for the ``tensorrt`` module (tests/engines/tensorrt_standin).
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from avatar.graphs import cache_folder

RELEASE = "2.13.0"
"""Goes with torch 2.13, which tools/constraints.txt pins."""

PACKAGES = (
    f"torch-tensorrt=={RELEASE}",
    "dllist==2.0.0",
    "psutil>=5.9",
    "filelock>=3.12",
    "packaging>=23",
)
"""What ``import torch_tensorrt`` imports beside torch and NumPy."""

CONSTRAINTS = Path(__file__).with_name("constraints.txt")
LIBRARIES = (".so", ".dll", ".pyd")
TIMEOUT_S = 300


def folder() -> Path:
    """Where it is once it was fetched."""
    return cache_folder() / f"torch_tensorrt-{RELEASE}"


def fetch(target: Path) -> None:
    """Install the packages into ``target`` and remove Torch-TensorRT's libraries.

    Raises:
        RuntimeError: pip failed; the message is its last line.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".torch_tensorrt-", dir=target.parent) as temporary:
        site = Path(temporary) / "site"
        command = [sys.executable, "-m", "pip", "install", "--no-deps", "--only-binary=:all:"]
        command += ["--disable-pip-version-check", "--quiet", "--constraint", str(CONSTRAINTS)]
        done = subprocess.run(
            [*command, "--target", str(site), *PACKAGES],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise RuntimeError(f"pip cannot fetch Torch-TensorRT {RELEASE}: {said[-1]}")
        for file in (site / "torch_tensorrt").rglob("*"):
            if file.suffix in LIBRARIES:
                file.unlink()
        shutil.rmtree(target, ignore_errors=True)
        site.rename(target)


def main() -> int:
    """Fetch it unless it is there."""
    target = folder()
    if target.is_dir():
        print(f"Torch-TensorRT {RELEASE} is already in {target}")
        return 0
    try:
        fetch(target)
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Torch-TensorRT {RELEASE} is in {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
