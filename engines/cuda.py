"""GraphRunner: a network's step over buffers that never move, recorded once as a CUDA graph.

A CUDA graph replays hundreds of kernels with one call, always on the same memory: what changes from
frame to frame is copied into static inputs, through page-locked host memory. The logic is the same
on a CPU, where :class:`PlainDevice` calls the step instead of replaying it.

One thread opens, records, calls and closes: streams and capture are state of a thread.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

import numpy as np

from avatar.errors import EngineError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    Tensors = Mapping[str, Tensor]
    Step = Callable[[Tensors], Tensors]

log = logging.getLogger(__name__)

WARM_UP = 3
"""Runs before recording: libraries choose kernels and allocate in the first ones."""


class Device(Protocol):
    """Where a runner's step runs."""

    torch: "torch.device"

    def using(self) -> AbstractContextManager[None]:
        """Queue work in order, without gradients, while the context lasts."""
        ...

    def pinned(self, like: "Tensor") -> "Tensor":
        """Host memory of that shape and type that copies need not stage."""
        ...

    def record(self, step: "Callable[[], Tensors]") -> "tuple[Callable[[], None], Tensors]":
        """What repeats the step, and its outputs, which stay where they are."""
        ...

    def wait(self) -> None:
        """Until everything queued is done."""
        ...

    def release(self) -> None:
        """Give back memory that nothing holds any more."""
        ...


class PlainDevice:
    """A CPU: recording is calling, and every repetition writes to the first one's outputs."""

    def __init__(self) -> None:
        import torch

        self.torch = torch.device("cpu")

    @contextmanager
    def using(self) -> Iterator[None]:
        import torch

        with torch.no_grad():
            yield

    def pinned(self, like: "Tensor") -> "Tensor":
        import torch

        return torch.empty(like.shape, dtype=like.dtype)

    def record(self, step: "Callable[[], Tensors]") -> "tuple[Callable[[], None], Tensors]":
        outputs = step()

        def replay() -> None:
            for name, output in step().items():
                outputs[name].copy_(output)

        return replay, outputs

    def wait(self) -> None:
        pass

    def release(self) -> None:
        pass


class CudaDevice:
    """An NVIDIA GPU: a stream of its own, and one memory pool for all graphs recorded on it.

    Graphs of one device run one after the other, so they share memory: a replay may overwrite the
    outputs of another graph. Fetch them first.

    Raises:
        RuntimeError: PyTorch cannot use the GPU (see :func:`mapped`).
    """

    def __init__(self, index: int = 0) -> None:
        import torch

        self.torch = torch.device("cuda", index)
        torch.cuda.set_device(self.torch)
        # FP32 means FP32: TF32 rounds as coarsely as FP16, and coordinates need more.
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.benchmark = True  # every shape is static
        self._stream = torch.cuda.Stream(self.torch)
        self._done = torch.cuda.Event()
        self._pool = torch.cuda.graph_pool_handle()

    @contextmanager
    def using(self) -> Iterator[None]:
        import torch

        with torch.cuda.stream(self._stream), torch.no_grad():
            yield

    def pinned(self, like: "Tensor") -> "Tensor":
        import torch

        return torch.empty(like.shape, dtype=like.dtype, pin_memory=True)

    def record(self, step: "Callable[[], Tensors]") -> "tuple[Callable[[], None], Tensors]":
        import torch

        self._stream.synchronize()
        graph = torch.cuda.CUDAGraph()
        # "thread_local": other threads (camera, window) may use CUDA while this one records.
        with torch.cuda.graph(
            graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"
        ):
            outputs = step()
        return graph.replay, outputs

    def wait(self) -> None:
        self._done.record(self._stream)
        self._done.synchronize()

    def release(self) -> None:
        import torch

        self._stream.synchronize()
        torch.cuda.empty_cache()


class GraphRunner:
    """Calls one step again and again, always on the same memory.

    Making it warms the step up and records it. The step takes its inputs by name and gives its
    outputs by name; it runs on the device alone, never waits for it, and gives tensors of its own
    (no input, none twice). Whatever it allocates while it is recorded belongs to the graph.

    Args:
        device: where.
        step: what to record.
        inputs: example inputs by name; the static ones, made here, start with their values.
        fed: inputs given as arrays at each call; the others change by :meth:`keep` alone.
        fetched: outputs that a call returns; the others stay on the device, in ``outputs``.
    """

    def __init__(
        self,
        device: Device,
        step: "Step",
        inputs: "Tensors",
        *,
        fed: Sequence[str],
        fetched: Sequence[str],
    ) -> None:
        import torch

        self.device = device
        with device.using():
            self.inputs = {
                name: torch.empty_like(example, device=device.torch).copy_(example)
                for name, example in inputs.items()
            }

            def whole() -> "dict[str, Tensor]":
                found = dict(step(self.inputs))
                # Else every copy to the host would first be put in order, outside the graph.
                return found | {name: found[name].contiguous() for name in fetched}

            for _ in range(WARM_UP):
                warm = whole()
            # Page-locked memory is made before recording: its allocation may not happen in between.
            self._sent = {name: device.pinned(self.inputs[name]) for name in fed}
            self._got = {name: device.pinned(warm[name]) for name in fetched}
            device.wait()
        self._sent_arrays = {name: tensor.numpy() for name, tensor in self._sent.items()}
        self._got_arrays = {name: tensor.numpy() for name, tensor in self._got.items()}
        with device.using():
            del warm  # so that the graph may take its memory
        with torch.no_grad():
            self._replay, self.outputs = device.record(whole)

    def keep(self, tensors: "Tensors") -> None:
        """Copy into static inputs, from any device; nothing is recorded again.

        Raises:
            ValueError: a tensor of another shape than the static input.
        """
        with self.device.using():
            for name, tensor in tensors.items():
                static = self.inputs[name]
                if tensor.shape != static.shape:
                    raise ValueError(
                        f"{name} is {tuple(tensor.shape)}, recorded with {tuple(static.shape)}"
                    )
                static.copy_(tensor)

    def __call__(self, **arrays: np.ndarray) -> dict[str, np.ndarray]:
        """Run on every fed input; the fetched outputs, which the next call overwrites."""
        for name, static in self._sent_arrays.items():
            if arrays[name].shape != static.shape:
                raise ValueError(f"{name} is {arrays[name].shape}, recorded with {static.shape}")
            np.copyto(static, arrays[name])
        with self.device.using():
            for name, sent in self._sent.items():
                self.inputs[name].copy_(sent, non_blocking=True)
            self._replay()
            for name, got in self._got.items():
                got.copy_(self.outputs[name], non_blocking=True)
            self.device.wait()
        return self._got_arrays


@contextmanager
def mapped(what: str) -> Iterator[None]:
    """Turn PyTorch's errors into ours: ``what`` completes "PyTorch failed to ..."."""
    import torch

    try:
        yield
    except torch.cuda.OutOfMemoryError as error:
        raise EngineError(
            f"The GPU's memory ran out when PyTorch tried to {what}.",
            hint="Close other programs that use the GPU, or pick --model compact.",
        ) from error
    except RuntimeError as error:  # nothing finer exists
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise EngineError(f"PyTorch failed to {what}: {first}", hint=_cure(first)) from error


def _cure(message: str) -> str:
    text = message.lower()
    if "no kernel image" in text or "not compatible with the current pytorch" in text:
        return "This GPU is too old or too new for the installed PyTorch: --engine ov runs without."
    if "driver" in text:
        return "Update the NVIDIA driver, or install the PyTorch build for it: make setup."
    if "out of memory" in text or "alloc" in text:  # from cuDNN, cuBLAS or page-locked memory
        return "Close other programs that use the GPU, or pick --model compact."
    return "Leave --engine out to let the app choose another engine."
