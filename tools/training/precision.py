"""Mixed precision: heavy modules compute in bfloat16 and still take and give float32.

Weights, optimisers and statistics stay float32. Only modules that a stage names are lowered, so
that coordinates, grids, sampling and losses around them keep their precision.
"""

from typing import Any, Literal

import torch
from torch import Tensor, nn

Precision = Literal["fp32", "bf16"]


class Lowered:
    """Mixed into the class of a lowered module; its forward runs under autocast."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module gives, its floating-point tensors as float32."""
        device = _device((args, kwargs))
        with torch.autocast("cpu" if device is None else device.type, torch.bfloat16):
            found = super().forward(*args, **kwargs)  # type: ignore[misc]
        return _float32(found)


def lower(module: nn.Module, precision: Precision) -> None:
    """Let a module compute in the given precision from now on, on whatever device it is.

    Convolutions and matrix products are lowered; autocast keeps the statistics of norms in
    float32. Copies of the module (``copy.deepcopy``) are lowered likewise. Its state has the same
    names and stays float32.
    """
    kind = type(module)
    if precision == "bf16" and not isinstance(module, Lowered):
        module.__class__ = type(kind.__name__, (Lowered, kind), {"__module__": kind.__module__})
    if precision == "fp32" and isinstance(module, Lowered):
        module.__class__ = kind.__mro__[2]


def _device(value: Any) -> torch.device | None:
    """Of the first tensor inside."""
    if isinstance(value, Tensor):
        return value.device
    inside = value.values() if isinstance(value, dict) else value
    if isinstance(value, (dict, list, tuple)):
        for each in inside:
            if (found := _device(each)) is not None:
                return found
    return None


def _float32(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.float() if value.is_floating_point() else value
    if isinstance(value, dict):
        return {key: _float32(each) for key, each in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_float32, value))
    if isinstance(value, (list, tuple)):
        return type(value)(map(_float32, value))
    return value
