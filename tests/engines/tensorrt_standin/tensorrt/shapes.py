"""The layers that move numbers about without computing, and those that compute shapes."""

from typing import Any

import torch
from torch import Tensor

from tensorrt.layers import layer, need


@layer("shuffle")
def shuffle(node: Any, x: Tensor, shape: Tensor | None = None) -> Tensor:
    """Transpose, reshape, transpose; each optional."""
    first = getattr(node, "first_transpose", None)
    x = x if first is None else x.permute(tuple(first))
    given = getattr(node, "reshape_dims", None) if shape is None else shape
    if given is not None:
        sides = [int(side) for side in given]
        if getattr(node, "zero_is_placeholder", True):
            sides = [x.shape[i] if side == 0 else side for i, side in enumerate(sides)]
        x = x.reshape(sides)
    second = getattr(node, "second_transpose", None)
    return x if second is None else x.permute(tuple(second))


@layer("slice")
def slice_(
    node: Any,
    x: Tensor,
    start: Tensor | None = None,
    size: Tensor | None = None,
    stride: Tensor | None = None,
) -> Tensor:
    """Strided window; outside the picture as its mode says."""
    starts, sizes, strides = (
        [int(v) for v in (own if given is None else given)]
        for given, own in ((start, node.start), (size, node.size), (stride, node.stride))
    )
    mode = getattr(node, "mode", None)
    outside = "STRICT" if mode is None else mode.last
    for axis, n in enumerate(x.shape):
        where = torch.arange(sizes[axis]) * strides[axis] + starts[axis]
        if outside == "REFLECT":
            where = where.abs() % (2 * n - 2) if n > 1 else where * 0
            where = torch.where(where >= n, 2 * n - 2 - where, where)
        elif outside == "CLAMP":
            where = where.clamp(0, n - 1)
        elif outside == "WRAP":
            where = where % n
        else:
            inside = not len(where) or (where.min() >= 0 and where.max() < n)
            need(node, bool(inside), f"{starts} {sizes} {strides} reaches out of {tuple(x.shape)}")
        x = x.index_select(axis, where)
    return x


@layer("gather")
def gather(node: Any, x: Tensor, where: Tensor) -> Tensor:
    taken = x.index_select(node.axis, where.reshape(-1).long())
    return taken.reshape(*x.shape[: node.axis], *where.shape, *x.shape[node.axis + 1 :])


@layer("unsqueeze")
def unsqueeze(node: Any, x: Tensor, axes: Tensor) -> Tensor:
    for axis in sorted(int(a) for a in axes.reshape(-1)):
        x = x.unsqueeze(axis)
    return x


@layer("squeeze")
def squeeze(node: Any, x: Tensor, axes: Tensor) -> Tensor:
    for axis in sorted((int(a) for a in axes.reshape(-1)), reverse=True):
        x = x.squeeze(axis)
    return x


@layer("shape")
def shape_(node: Any, x: Tensor) -> Tensor:
    return torch.tensor(tuple(x.shape), dtype=torch.int64)


@layer("select")
def select(node: Any, condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
    need(node, condition.dtype == torch.bool and a.dtype == b.dtype, f"{a.dtype}, {b.dtype}")
    return torch.where(condition, a, b)
