"""Running plans: TensorRT's own runtime over PyTorch's memory and streams."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from avatar.errors import EngineError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from engines.plans import Plan

    Tensors = Mapping[str, Tensor]
    Call = Callable[[Tensors], dict[str, Tensor]]

log = logging.getLogger(__name__)


class PlanUnreadable(EngineError):
    """TensorRT refuses a plan: it has to be made again."""


class LoadedPlan:
    """A plan that can be called: float32 tensors by name -> new float32 tensors by name.

    A call queues the work on the current stream and does not wait. Addresses are handed over raw;
    under CUDA graph capture they are recorded, and the graph owns the memory.

    Raises:
        PlanUnreadable: made by another TensorRT or for another GPU, or not ours.
        EngineError: the GPU's memory does not suffice.
    """

    def __init__(self, data: bytes, plan: "Plan", device: "torch.device") -> None:
        import tensorrt
        import torch

        self._device = device
        self._runtime = tensorrt.Runtime(tensorrt.Logger(tensorrt.Logger.WARNING))
        self._engine = self._runtime.deserialize_cuda_engine(data)
        if self._engine is None:
            raise PlanUnreadable(
                f"TensorRT {tensorrt.__version__} cannot read {plan.path}.",
                hint="It is made again by the next build.",
            )
        self._context: Any = self._engine.create_execution_context()
        if self._context is None:
            raise EngineError(
                f"The GPU's memory does not suffice to run {plan.path.name}.",
                hint="Close other programs that use the GPU, or pick --model compact.",
            )
        engine = self._engine
        found = {engine.get_tensor_name(i) for i in range(engine.num_io_tensors)}
        expected = {*plan.inputs.values(), *plan.outputs.values()}
        if found != expected:
            raise PlanUnreadable(
                f"{plan.path} has the tensors {', '.join(sorted(found))}, "
                f"expected {', '.join(sorted(expected))}.",
                hint="It is made again by the next build.",
            )
        if odd := sorted(n for n in found if engine.get_tensor_dtype(n) != tensorrt.float32):
            raise PlanUnreadable(
                f"{plan.path} does not take or give float32 at {', '.join(odd)}.",
                hint="It is made again by the next build.",
            )
        self._inputs = [
            (ours, theirs, tuple(engine.get_tensor_shape(theirs)))
            for ours, theirs in plan.inputs.items()
        ]
        self._outputs = [
            (ours, theirs, tuple(engine.get_tensor_shape(theirs)))
            for ours, theirs in plan.outputs.items()
        ]
        self._held: list[torch.Tensor] = []

    def __call__(self, tensors: "Tensors") -> "dict[str, Tensor]":
        """Run on every input of the graph; more than those may be given."""
        import torch

        held = []
        for ours, theirs, shape in self._inputs:
            tensor = tensors[ours].contiguous()
            if tuple(tensor.shape) != shape or tensor.dtype != torch.float32:
                raise EngineError(
                    f"The plan takes {shape} float32 as {ours}, "
                    f"got {tuple(tensor.shape)} {tensor.dtype}."
                )
            held.append(tensor)
            self._context.set_tensor_address(theirs, tensor.data_ptr())
        results = {}
        for ours, theirs, shape in self._outputs:
            results[ours] = torch.empty(shape, dtype=torch.float32, device=self._device)
            self._context.set_tensor_address(theirs, results[ours].data_ptr())
        cuda = self._device.type == "cuda"
        stream = torch.cuda.current_stream(self._device).cuda_stream if cuda else 0
        if not self._context.execute_async_v3(stream):
            raise EngineError(
                "TensorRT could not queue its work on the GPU.",
                hint="Run with another engine: --engine compiled",
            )
        self._held = held  # until the next call: the work may still be under way
        return results
