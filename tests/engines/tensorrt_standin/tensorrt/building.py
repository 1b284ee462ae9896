"""Builder, runtime, engine and context, over networks that are evaluated in this process.

A plan is the number of a network: it can be stored and loaded, but only here.
"""

import ctypes
from typing import Any

import torch

from tensorrt.constants import TORCH, DataType, Names
from tensorrt.network import INetworkDefinition

BUILT: list["INetworkDefinition"] = []
"""Every network that was built; a plan is an index into it."""

PREFIX = b"stand-in plan "


class ILogger(metaclass=Names):
    """Takes messages."""

    def __init__(self, *arguments: Any) -> None:
        pass

    class Severity(metaclass=Names):
        """How grave a message is."""


class Logger(ILogger):
    """The logger that comes with TensorRT."""


class TimingCache:
    """Nothing is timed."""

    def serialize(self) -> bytes:
        return b"no timings"


class IBuilderConfig:
    """Takes every setting; ``cleared`` are the flags that were switched off."""

    def __init__(self) -> None:
        self.cleared: set[str] = set()

    def clear_flag(self, flag: Any) -> None:
        self.cleared.add(flag.last)

    def set_flag(self, flag: Any) -> None:
        pass

    def create_timing_cache(self, data: bytes) -> TimingCache:
        return TimingCache()

    def set_timing_cache(self, cache: TimingCache, ignore_mismatch: bool) -> bool:
        return True

    def get_timing_cache(self) -> TimingCache:
        return TimingCache()


class Builder(metaclass=Names):
    """Builds by keeping the network."""

    def __init__(self, logger: Any) -> None:
        pass

    def create_network(self, flags: int = 0) -> INetworkDefinition:
        return INetworkDefinition()

    def create_builder_config(self) -> IBuilderConfig:
        return IBuilderConfig()

    def build_engine_with_config(
        self, network: INetworkDefinition, config: IBuilderConfig
    ) -> "ICudaEngine":
        network.types = {t.name: t.dtype for t in (*network.inputs.values(), *network.outputs)}
        network.shapes = {t.name: t.shape for t in (*network.inputs.values(), *network.outputs)}
        network.cleared = config.cleared
        BUILT.append(network)
        return ICudaEngine(len(BUILT) - 1)


class IExecutionContext:
    """Runs by reading and writing memory at the addresses that it was given."""

    def __init__(self, network: INetworkDefinition) -> None:
        self._network = network
        self._addresses: dict[str, int] = {}

    def set_tensor_address(self, name: str, address: int) -> bool:
        self._addresses[name] = address
        return True

    def execute_async_v3(self, stream: int) -> bool:
        network = self._network
        inputs = {}
        for name in network.inputs:
            kind, shape = TORCH[network.types[name]], network.shapes[name]
            like = torch.empty(shape, dtype=kind)
            data = ctypes.string_at(self._addresses[name], like.nbytes)
            inputs[name] = torch.frombuffer(bytearray(data), dtype=kind).reshape(shape)
        for name, value in network.run(inputs).items():
            value = value.contiguous()
            ctypes.memmove(self._addresses[name], value.data_ptr(), value.nbytes)
        return True


class ICudaEngine:
    """A built network."""

    def __init__(self, index: int) -> None:
        self._index, self._network = index, BUILT[index]
        self._names = list(self._network.types)

    @property
    def num_io_tensors(self) -> int:
        return len(self._names)

    def get_tensor_name(self, index: int) -> str:
        return self._names[index]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        shape: tuple[int, ...] = self._network.shapes[name]
        return shape

    def get_tensor_dtype(self, name: str) -> DataType:
        kind: DataType = self._network.types[name]
        return kind

    def serialize(self) -> bytes:
        return PREFIX + str(self._index).encode()

    def create_execution_context(self) -> IExecutionContext:
        return IExecutionContext(self._network)


class Runtime(metaclass=Names):
    """Loads plans; None for bytes that are none, as TensorRT does."""

    def __init__(self, logger: Any) -> None:
        pass

    def deserialize_cuda_engine(self, plan: bytes) -> ICudaEngine | None:
        number = plan.removeprefix(PREFIX)
        if number == plan or not number.isdigit() or int(number) >= len(BUILT):
            return None
        return ICudaEngine(int(number))
