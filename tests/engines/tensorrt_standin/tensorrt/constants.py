"""TensorRT's enumerations, as names: any capitalised attribute of such a class is a constant."""

from typing import Any

import torch


class Constant:
    """A distinct, hashable constant that also counts as a small integer, as bit numbers have to."""

    made = 0

    def __init__(self, name: str) -> None:
        self.name = name
        Constant.made += 1
        self.number = Constant.made % 30

    @property
    def last(self) -> str:
        """The name without its class: "HALF" of "DataType.HALF"."""
        return self.name.rpartition(".")[2]

    def __repr__(self) -> str:
        return self.name

    def __int__(self) -> int:
        return self.number

    __index__ = __int__


class Names(type):
    """A class whose attributes come into being when they are asked for, each always the same."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        kind = cls if issubclass(cls, Constant) else Constant
        constant = kind(f"{cls.__name__}.{name}")
        setattr(cls, name, constant)
        return constant

    def __or__(cls, other: Any) -> Any:  # type: ignore[override]
        import typing

        return typing.Union[cls, other]  # noqa: UP007  (this method is what | would call)


class DataType(Constant, metaclass=Names):
    """Element types; each is an instance of this class, and an alias of the module's names."""


TYPES: dict[torch.dtype, DataType] = {
    torch.float32: DataType.FLOAT,
    torch.float16: DataType.HALF,
    torch.bfloat16: DataType.BF16,
    torch.int8: DataType.INT8,
    torch.int32: DataType.INT32,
    torch.int64: DataType.INT64,
    torch.bool: DataType.BOOL,
    torch.uint8: DataType.UINT8,
}
"""TensorRT's element type of each of PyTorch's."""

TORCH = {ours: theirs for theirs, ours in TYPES.items()}
"""And back."""
