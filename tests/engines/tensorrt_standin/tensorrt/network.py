"""INetworkDefinition: records layers, and evaluates them when a shape, type or value is asked for.

Attributes of a layer are set after it was added, so nothing may be computed earlier; an attribute
that is set after the layer's output was read would not count, and is refused.
"""

import ctypes
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from tensorrt.constants import TORCH, TYPES, Constant, DataType, Names
from tensorrt.layers import EVALUATE


class Dims(tuple, metaclass=Names):
    """A shape."""


class Permutation(tuple, metaclass=Names):
    """An order of axes."""


class Weights(metaclass=Names):
    """Numbers copied from memory: ``count`` elements at ``pointer``."""

    def __init__(self, dtype: DataType | None = None, pointer: int = 0, count: int = 0) -> None:
        self.size = count
        if count:
            assert dtype is not None
            kind = TORCH[dtype]
            data = ctypes.string_at(pointer, torch.empty(0, dtype=kind).element_size() * count)
            self.tensor = torch.frombuffer(bytearray(data), dtype=kind)


class ITensor(metaclass=Names):
    """What a layer gives, or an input of the network."""

    def __init__(self, node: "ILayer | None" = None, value: Tensor | None = None) -> None:
        self.node, self.name, self._value = node, "tensor", value

    @property
    def value(self) -> Tensor:
        if self._value is None:
            assert self.node is not None
            self._value = self.node.evaluate()
        return self._value

    def set(self, value: Tensor | None) -> None:
        """Give an input its value, or forget what was computed."""
        self._value = value

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.value.shape)

    @property
    def dtype(self) -> DataType:
        return TYPES[self.value.dtype]

    def __hash__(self) -> int:
        return id(self)


class ILayer:
    """One layer: its kind, its inputs, and whatever the converter sets on it."""

    def __init__(self, kind: str, inputs: list[ITensor], **more: Any) -> None:
        self.read = False
        self.kind, self.name, self.metadata = kind, kind, ""
        self.type: Any = Constant(kind)
        self.inputs: list[ITensor | None] = list(inputs)
        self.output = ITensor(self)
        self.__dict__.update(more)

    def __setattr__(self, name: str, value: Any) -> None:
        if getattr(self, "read", False) and name not in ("name", "metadata", "read"):
            raise RuntimeError(f"{self.kind}: {name} was set after its output was read")
        object.__setattr__(self, name, value)

    def set_input(self, index: int, tensor: ITensor) -> None:
        self.inputs += [None] * (index + 1 - len(self.inputs))
        self.inputs[index] = tensor

    def get_output(self, index: int) -> ITensor:
        return self.output

    def evaluate(self) -> Tensor:
        self.read = True
        values = [None if given is None else given.value for given in self.inputs]
        return EVALUATE[self.kind](self, *values)


class INetworkDefinition:
    """A network that can be evaluated."""

    def __init__(self) -> None:
        self.layers: list[ILayer] = []
        self.inputs: dict[str, ITensor] = {}
        self.outputs: list[ITensor] = []

    def run(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The outputs by name, of other inputs than it was built with."""
        for node in self.layers:
            node.output.set(None)
        for name, tensor in self.inputs.items():
            tensor.set(inputs[name])
        found = {tensor.name: tensor.value for tensor in self.outputs}
        for node in self.layers:
            node.output.set(None)
        return found

    def add(self, kind: str, inputs: list[ITensor], **more: Any) -> ILayer:
        node = ILayer(kind, inputs, **more)
        self.layers.append(node)
        return node

    def get_flag(self, flag: Any) -> bool:
        return True

    def add_input(self, name: str, dtype: DataType, shape: tuple[int, ...]) -> ITensor:
        # Its values do not matter yet; halves keep every operation finite.
        tensor = ITensor(value=torch.full(tuple(shape), 0.5).to(TORCH[dtype]))
        tensor.name = name
        self.inputs[name] = tensor
        return tensor

    def mark_output(self, tensor: ITensor) -> None:
        self.outputs.append(tensor)

    def add_constant(self, shape: Any, weights: Any) -> ILayer:
        return self.add("constant", [], dims=tuple(shape), weights=weights)

    def add_cast(self, x: ITensor, to_type: DataType) -> ILayer:
        return self.add("cast", [x], to_type=to_type)

    def add_identity(self, x: ITensor) -> ILayer:
        return self.add("identity", [x])

    def add_convolution_nd(
        self, input: ITensor, num_output_maps: int, kernel_shape: Any, kernel: Any, bias: Any = None
    ) -> ILayer:
        given = {"maps": num_output_maps, "kernel_shape": tuple(kernel_shape), "kernel": kernel}
        plain = {"stride_nd": (1, 1), "padding_nd": (0, 0), "dilation_nd": (1, 1), "num_groups": 1}
        return self.add("convolution", [input], bias=bias, **given, **plain)

    def add_scale_nd(
        self, x: ITensor, mode: Any, shift: Any = None, scale: Any = None, power: Any = None,
        axis: int = 1,
    ) -> ILayer:  # fmt: skip
        return self.add("scale", [x], shift=shift, scale=scale, power=power, axis=axis)

    def add_activation(self, x: ITensor, type: Constant) -> ILayer:
        return self.add("activation", [x], type=type)

    def add_unary(self, x: ITensor, op: Constant) -> ILayer:
        return self.add("unary", [x], op=op)

    def add_elementwise(self, a: ITensor, b: ITensor, op: Constant) -> ILayer:
        return self.add("elementwise", [a, b], op=op)

    def add_concatenation(self, inputs: list[ITensor]) -> ILayer:
        return self.add("concatenation", inputs, axis=0)

    def add_softmax(self, x: ITensor) -> ILayer:
        return self.add("softmax", [x])

    def add_reduce(self, x: ITensor, op: Constant, axes: int, keep_dims: bool) -> ILayer:
        return self.add("reduce", [x], op=op, axes=axes, keep=keep_dims)

    def add_matrix_multiply(self, a: ITensor, op_a: Constant, b: ITensor, op_b: Constant) -> ILayer:
        return self.add("matmul", [a, b], op_a=op_a, op_b=op_b)

    def add_normalization(self, x: ITensor, scale: ITensor, bias: ITensor, axes: int) -> ILayer:
        return self.add("normalization", [x, scale, bias], axes=axes, epsilon=1e-5)

    def add_shuffle(self, x: ITensor) -> ILayer:
        return self.add("shuffle", [x])

    def add_slice(self, x: ITensor, start: Any, shape: Any, stride: Any) -> ILayer:
        window = {"start": tuple(start), "size": tuple(shape), "stride": tuple(stride)}
        return self.add("slice", [x], **window)

    def add_gather(self, x: ITensor, where: ITensor, axis: int) -> ILayer:
        return self.add("gather", [x, where], axis=axis)

    def add_pooling_nd(self, input: ITensor, type: Constant, window_size: Any) -> ILayer:
        return self.add("pooling", [input], type=type, window=tuple(window_size))

    def add_resize(self, x: ITensor) -> ILayer:
        return self.add("resize", [x])

    def add_unsqueeze(self, x: ITensor, axes: ITensor) -> ILayer:
        return self.add("unsqueeze", [x, axes])

    def add_squeeze(self, x: ITensor, axes: ITensor) -> ILayer:
        return self.add("squeeze", [x, axes])

    def add_shape(self, x: ITensor) -> ILayer:
        return self.add("shape", [x])

    def add_select(self, condition: ITensor, a: ITensor, b: ITensor) -> ILayer:
        return self.add("select", [condition, a, b])

    def add_grid_sample(self, x: ITensor, grid: ITensor) -> ILayer:
        return self.add("grid_sample", [x, grid])
