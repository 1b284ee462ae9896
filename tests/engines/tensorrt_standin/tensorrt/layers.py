"""The layers that our graphs need, evaluated by PyTorch.

Every function takes the layer, then its inputs as tensors. Rules of a strongly typed network are
raised as TypeError by :func:`need`; semantics follow TensorRT's operator pages.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from tensorrt.constants import TORCH

FLOATS = (torch.float32, torch.float16, torch.bfloat16)

EVALUATE: dict[str, Callable[..., Tensor]] = {}
"""How each kind of layer is evaluated."""


def layer(kind: str) -> Callable[[Callable[..., Tensor]], Callable[..., Tensor]]:
    """Register the evaluation of a kind of layer."""

    def register(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
        EVALUATE[kind] = function
        return function

    return register


def need(node: Any, holds: bool, why: str) -> None:
    """Refuse what a strongly typed network would refuse."""
    if not holds:
        raise TypeError(f"strong typing: layer {node.name!r} ({node.kind}): {why}")


def same(node: Any, *tensors: Tensor) -> None:
    """Operands of one type and one rank."""
    types, ranks = {t.dtype for t in tensors}, {t.dim() for t in tensors}
    need(node, len(types) == 1, f"types {sorted(map(str, types))}")
    need(node, len(ranks) == 1, f"ranks {sorted(ranks)}")


def computed(x: Tensor, function: Callable[..., Tensor], *more: Any) -> Tensor:
    """``function`` in FP32, rounded to x's type, as kernels accumulate. CPUs also lack some in
    FP16."""
    if x.dtype in (torch.float16, torch.bfloat16):
        wide = [m.float() if isinstance(m, Tensor) and m.is_floating_point() else m for m in more]
        return function(x.float(), *wide).to(x.dtype)
    return function(x, *more)


@layer("constant")
def constant(node: Any) -> Tensor:
    weights = node.weights
    values = weights.tensor if hasattr(weights, "tensor") else torch.as_tensor(weights)
    return values.reshape(tuple(node.dims)).clone()


@layer("cast")
def cast(node: Any, x: Tensor) -> Tensor:
    return x.to(TORCH[node.to_type])


@layer("identity")
def identity(node: Any, x: Tensor) -> Tensor:
    return x


@layer("convolution")
def convolution(node: Any, x: Tensor, w: Tensor | None = None, b: Tensor | None = None) -> Tensor:
    if w is None:
        shape = (node.maps, x.shape[1] // node.num_groups, *node.kernel_shape)
        w = node.kernel.tensor.reshape(shape)
    if b is None and node.bias is not None and node.bias.size:
        b = node.bias.tensor
    need(node, x.dtype in FLOATS and w.dtype == x.dtype, f"input {x.dtype}, kernel {w.dtype}")
    need(
        node, b is None or b.dtype == x.dtype, f"input {x.dtype}, bias {b is not None and b.dtype}"
    )
    how = (node.stride_nd, node.padding_nd, node.dilation_nd, node.num_groups)
    return computed(x, F.conv2d, w, b, *how)


@layer("scale")
def scale(node: Any, x: Tensor) -> Tensor:
    """(x * scale + shift) ** power, per channel."""
    given = [w if w is not None and w.size else None for w in (node.scale, node.shift, node.power)]
    shape = [1] * x.dim()
    shape[node.axis] = -1
    for weights in given:
        need(node, weights is None or weights.tensor.dtype == x.dtype, f"input {x.dtype}")
    factor, shift, power = (None if w is None else w.tensor.reshape(shape).float() for w in given)
    y = x.float()
    y = y if factor is None else y * factor
    y = y if shift is None else y + shift
    y = y if power is None else y**power
    return y.to(x.dtype)


@layer("activation")
def activation(node: Any, x: Tensor) -> Tensor:
    alpha, beta = getattr(node, "alpha", 0.0), getattr(node, "beta", 0.0)
    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "RELU": torch.relu,
        "SIGMOID": torch.sigmoid,
        "TANH": torch.tanh,
        "ELU": lambda t: F.elu(t, alpha),
        "LEAKY_RELU": lambda t: F.leaky_relu(t, alpha),
        "CLIP": lambda t: t.clamp(alpha, beta),
    }
    need(node, x.dtype in FLOATS, f"type {x.dtype}")
    return computed(x, functions[node.type.last])


@layer("unary")
def unary(node: Any, x: Tensor) -> Tensor:
    functions = {
        "EXP": torch.exp,
        "SQRT": torch.sqrt,
        "RECIP": torch.reciprocal,
        "NEG": torch.neg,
        "ABS": torch.abs,
        "LOG": torch.log,
        "FLOOR": torch.floor,
    }
    return computed(x, functions[node.op.last])


@layer("elementwise")
def elementwise(node: Any, a: Tensor, b: Tensor) -> Tensor:
    functions = {
        "SUM": torch.add,
        "SUB": torch.sub,
        "PROD": torch.mul,
        "DIV": torch.div,
        "POW": torch.pow,
        "MAX": torch.maximum,
        "MIN": torch.minimum,
        "FLOOR_DIV": torch.floor_divide,
        "EQUAL": torch.eq,
        "GREATER": torch.gt,
        "LESS": torch.lt,
    }
    same(node, a, b)
    return functions[node.op.last](a, b)


@layer("concatenation")
def concatenation(node: Any, *tensors: Tensor) -> Tensor:
    same(node, *tensors)
    return torch.cat(tensors, node.axis)


@layer("softmax")
def softmax(node: Any, x: Tensor) -> Tensor:
    need(node, x.dtype in FLOATS, f"type {x.dtype}")
    return torch.softmax(x, int(node.axes).bit_length() - 1)


@layer("reduce")
def reduce(node: Any, x: Tensor) -> Tensor:
    functions = {"SUM": torch.sum, "AVG": torch.mean, "MAX": torch.amax, "MIN": torch.amin}
    axes = [axis for axis in range(x.dim()) if node.axes >> axis & 1]
    return functions[node.op.last](x, dim=axes, keepdim=node.keep)


@layer("matmul")
def matmul(node: Any, a: Tensor, b: Tensor) -> Tensor:
    same(node, a, b)
    a = a.transpose(-1, -2) if node.op_a.last == "TRANSPOSE" else a
    b = b.transpose(-1, -2) if node.op_b.last == "TRANSPOSE" else b
    return computed(a, torch.matmul, b)


@layer("normalization")
def normalization(node: Any, x: Tensor, factor: Tensor, shift: Tensor) -> Tensor:
    """Over the axes of the mask, in groups of channels; here only what instance normalisation
    needs: every channel a group of its own, over the axes of the picture."""
    axes = [axis for axis in range(x.dim()) if node.axes >> axis & 1]
    groups = getattr(node, "num_groups", 1)
    need(node, factor.dtype == shift.dtype == x.dtype, f"input {x.dtype}, scale {factor.dtype}")
    need(node, groups == x.shape[1] and axes == [2, 3], f"{groups} groups over {axes}")
    wide = x.float()
    centred = wide - wide.mean(axes, keepdim=True)
    spread = centred.square().mean(axes, keepdim=True)
    y = centred / torch.sqrt(spread + node.epsilon)
    return (y * factor.float() + shift.float()).to(x.dtype)


@layer("pooling")
def pooling(node: Any, x: Tensor) -> Tensor:
    window, padding = tuple(node.window), getattr(node, "padding_nd", 0)
    stride = tuple(getattr(node, "stride_nd", window))
    if node.type.last == "MAX":
        return computed(x, F.max_pool2d, window, stride, padding)
    counted = not getattr(node, "average_count_excludes_padding", True)
    return computed(x, F.avg_pool2d, window, stride, padding, False, counted)


@layer("resize")
def resize(node: Any, x: Tensor, shape: Tensor | None = None) -> Tensor:
    scales = getattr(node, "scales", None)
    if scales is not None:
        size = [int(side * factor) for side, factor in zip(x.shape, scales, strict=True)]
    else:
        size = [int(side) for side in (node.shape if shape is None else shape)]
    mode, corners = node.resize_mode.last, node.coordinate_transformation.last
    if mode == "NEAREST":
        need(node, corners == "ASYMMETRIC", corners)
        return computed(x, lambda t: F.interpolate(t, size=size[2:], mode="nearest"))
    need(node, mode == "LINEAR" and corners in ("ALIGN_CORNERS", "HALF_PIXEL"), f"{mode} {corners}")
    aligned = corners == "ALIGN_CORNERS"
    return computed(
        x, lambda t: F.interpolate(t, size=size[2:], mode="bilinear", align_corners=aligned)
    )


@layer("grid_sample")
def grid_sample(node: Any, x: Tensor, grid: Tensor) -> Tensor:
    need(node, x.dtype == grid.dtype, f"input {x.dtype}, grid {grid.dtype}")
    need(node, x.dim() == 4, f"rank {x.dim()}: TensorRT 11.0 samples in 4-D only")
    modes = {"LINEAR": "bilinear", "NEAREST": "nearest", "CUBIC": "bicubic"}
    borders = {"FILL": "zeros", "CLAMP": "border", "REFLECT": "reflection"}
    how = (modes[node.interpolation_mode.last], borders[node.sample_mode.last], node.align_corners)
    return computed(x, F.grid_sample, grid, *how)
