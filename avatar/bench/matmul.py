"""How fast this machine multiplies matrices: what networks could reach at best.

PyTorch measures where it is installed (the GPU too), else NumPy's BLAS.
"""

from collections.abc import Callable
from importlib.util import find_spec
from time import perf_counter
from typing import Any

import numpy as np

SIDE = 1536
GPU_SIDE = 8192
"""Sides of the matrices; a product of the smaller ones takes about 30 ms on two cores."""


def rate(side: int, multiply: Callable[[], object], seconds: float) -> float:
    """Best rate of ``multiply``, which multiplies two square matrices, in GMAC a second."""
    multiply()
    best = float("inf")
    end = perf_counter() + seconds
    while True:
        start = perf_counter()
        multiply()
        best = min(best, perf_counter() - start)
        if perf_counter() >= end:
            return side**3 / best / 1e9


def measure(seconds: float) -> dict[str, Any]:
    """``{"by": "torch 2.13", "cpu": {"fp32": GMAC/s}, "cuda": {"fp32": ..., "fp16": ...}}``."""
    if not find_spec("torch"):
        a = np.random.default_rng(0).random((SIDE, SIDE), np.float32)
        out = np.empty_like(a)
        found = rate(SIDE, lambda: np.matmul(a, a, out=out), seconds)
        return {"by": f"numpy {np.__version__}", "cpu": {"fp32": found}}
    import torch

    by = f"torch {torch.__version__}"
    matrix = torch.rand(SIDE, SIDE)
    result = torch.empty_like(matrix)
    rates = {"cpu": {"fp32": rate(SIDE, lambda: torch.mm(matrix, matrix, out=result), seconds)}}
    if torch.cuda.is_available():
        rates["cuda"] = {}
        for name, kind in (("fp32", torch.float32), ("fp16", torch.float16)):
            large = torch.rand(GPU_SIDE, GPU_SIDE, device="cuda", dtype=kind)

            def multiply(large: "torch.Tensor" = large) -> None:
                torch.mm(large, large)
                torch.cuda.synchronize()

            rates["cuda"][name] = rate(GPU_SIDE, multiply, min(seconds, 0.2))
    return {"by": by, **rates}
