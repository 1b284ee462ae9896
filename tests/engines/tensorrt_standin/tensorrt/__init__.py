"""A stand-in for the ``tensorrt`` package where there is no NVIDIA GPU.

It has the names that Torch-TensorRT's Python half asks for, and networks whose layers PyTorch
evaluates under the rules of a strongly typed network. It shows that our graphs are exported,
lowered and converted to the right TensorRT layers; it shows nothing about TensorRT's kernels.
"""

import sys
from typing import Any

from tensorrt import layers, shapes  # noqa: F401  (they register how layers are evaluated)
from tensorrt.building import (
    BUILT,
    Builder,
    IBuilderConfig,
    ICudaEngine,
    IExecutionContext,
    ILogger,
    Logger,
    Runtime,
)
from tensorrt.constants import Constant, DataType, Names
from tensorrt.network import Dims, ILayer, INetworkDefinition, ITensor, Permutation, Weights

__version__ = "11.0.0.0"
_package_name = "tensorrt"

float32, float16, bfloat16 = DataType.FLOAT, DataType.HALF, DataType.BF16
int8, int32, int64, uint8 = DataType.INT8, DataType.INT32, DataType.INT64, DataType.UINT8
bool, int4, fp4, fp8 = DataType.BOOL, DataType.INT4, DataType.FP4, DataType.FP8  # noqa: A001

__all__ = [
    "BUILT", "Builder", "DataType", "Dims", "IBuilderConfig", "ICudaEngine", "IExecutionContext",
    "ILayer", "ILogger", "INetworkDefinition", "ITensor", "Logger", "Permutation", "Runtime",
    "Weights",
]  # fmt: skip


def init_libnvinfer_plugins(*arguments: Any) -> int:
    """There are no plugins."""
    return True


def get_plugin_registry() -> None:
    """There are no plugins."""
    return None


def __getattr__(name: str) -> Any:
    """Any other name: an enumeration when capitalised, else a constant."""
    if name.startswith("__") or name == "tensorrt_rtx":
        raise AttributeError(name)
    found = Constant(name) if name[0].islower() else Names(name, (Constant,), {})
    setattr(sys.modules[__name__], name, found)
    return found


tensorrt = sys.modules["tensorrt.tensorrt"] = sys.modules[__name__]
