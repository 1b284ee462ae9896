"""The compiled engine: detect and render as CUDA graphs on an NVIDIA GPU, in FP16 or FP32.

A frame goes in as uint8 and comes out as uint8; conversion and normalisation run on the GPU, and a
new portrait is copied into the graphs' inputs. Kernels that torch.compile made (:meth:`build`) are
used where they are, else PyTorch's own: the CUDA graph already saves the cost of launching them.
Before it is used, it is compared with eager FP32 on the same GPU.

Not run on a GPU yet; tests run everything here on a CPU, where recording is calling.
"""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from avatar.engine import Progress
from avatar.errors import AvatarError, EngineError
from avatar.frame import Image, Keypoints
from engines.cuda import CudaDevice, Device, mapped
from engines.gpu import cuda_lacks, gpu
from engines.kernels import Kernels, command, compile_aside, triton_lacks
from engines.recorded import Recorded, RecordedCode

if TYPE_CHECKING:
    from avatar.model.dagan import Dagan
    from avatar.weights import Weights

log = logging.getLogger(__name__)

FP16, FP32 = "fp16", "fp32"


class CompiledEngine:
    """CUDA graphs over static buffers.

    Attributes:
        precision: what was asked for; FP32 from :meth:`open` on if FP16 failed its check.
        note: what runs and how it compares with eager, and what was given up and why; empty until
            :meth:`open`.
    """

    name: ClassVar[str] = "compiled"
    rank: ClassVar[int] = 60
    precisions: ClassVar[tuple[str, ...]] = (FP16, FP32)
    shows: ClassVar[tuple[str, ...]] = ("depth", "flow", "occlusion", "mask", "attention")

    def __init__(self, weights: "Weights | None", precision: str | None = None) -> None:
        self.weights = weights
        self.precision = precision or self.precisions[0]
        self.note = ""
        self._recorded: Recorded | None = None

    @classmethod
    def available(cls) -> str:
        """Empty when PyTorch can use an NVIDIA GPU here, else the reason why not.

        CPUs are left to other engines: there torch.compile took one to two minutes and was not
        clearly faster than eager (tools/LOG.md).
        """
        lacks = cuda_lacks()
        return f"{lacks}, and it runs on NVIDIA GPUs only" if lacks and gpu() is None else lacks

    @classmethod
    def device(cls) -> Device:
        """Where it runs."""
        return CudaDevice()

    def missing(self) -> str:
        """Nothing: it runs without compiled kernels too."""
        return ""

    def build(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        """Compile kernels for this GPU in a process of its own, unless that was done before.

        Raises:
            Cancelled: ``cancelled()`` turned true.
            EngineError: no weights file, no Triton, or the compilation failed.
        """
        weights = self._weights
        if Kernels(weights.params, self.precision).ready:
            progress(1.0, "The kernels are compiled already")
            return
        if lacks := triton_lacks():
            raise EngineError(
                f"No kernels can be compiled: {lacks}.",
                hint="The compiled engine also runs without them, more slowly.",
            )
        if weights.path is None:
            raise EngineError(
                "Kernels are compiled from a weights file, and these came from none.",
                hint="Name a model: --model.",
            )
        compile_aside(command(weights.path, self.precision), progress, cancelled)

    def open(self) -> None:
        """Load the networks, record both graphs and compare them with eager FP32.

        Raises:
            EngineError: no weights, no GPU that PyTorch can use, or no memory on it; or not even
                FP32 agrees with the reference.
        """
        kernels = Kernels(self._weights.params, self.precision)
        ways = [(precision, False) for precision in dict.fromkeys((self.precision, FP32))]
        if kernels.ready:
            kernels.use()
            self._open([(self.precision, True), *ways])
        else:
            why = triton_lacks() or "none were compiled yet"
            self._open(ways, f"PyTorch's own kernels: {why}")

    def compile(self, tell: Callable[[str], None]) -> None:
        """Compile kernels here and now, check them and note that they are there.

        Raises:
            EngineError: they cannot be made, or do not agree with the reference.
            OutputError: the cache folder cannot be written.
        """
        kernels = Kernels(self._weights.params, self.precision)
        kernels.use()
        self._open([(self.precision, True)], tell=tell)
        kernels.mark(self.note)

    def _open(
        self,
        ways: "Sequence[tuple[str, bool]]",
        remark: str = "",
        tell: Callable[[str], None] = lambda step: None,
    ) -> None:
        """Try precisions, with compiled kernels (true) or without, until one agrees with eager."""
        import torch

        from avatar.model.blocks import fold
        from avatar.model.dagan import Dagan
        from avatar.model.precision import to_half

        weights = self._weights
        if lacks := self.available():
            raise EngineError(
                f"The compiled engine cannot run here: {lacks}.",
                hint="Leave --engine out to let the app choose another.",
            )
        # NumPy works out its limits once, and gets them wrong once denormals are flushed.
        np.finfo(np.float32), np.finfo(np.float64)
        remarks = [remark] if remark else []
        with mapped("load the networks"):
            device = self.device()
            reference = Dagan(weights.params)
            reference.load_state_dict(weights.tensors)
            reference.requires_grad_(False)
            fold(reference)
            with device.using():
                reference.to(device.torch)
        for precision, compiled in ways:
            what = f"{precision}{' with compiled kernels' if compiled else ''}"
            with mapped(f"load the networks in {precision}"), device.using():
                network = deepcopy(reference)
                if precision == FP16:
                    to_half(network)
                # NHWC is what tensor cores take; PyTorch keeps it from layer to layer.
                network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            try:
                with nullcontext() if compiled else mapped("record the graphs"):
                    recorded = Recorded(device, network, compiled, tell)
            except EngineError:
                raise
            except Exception as error:  # a compiler may raise anything
                remarks.append(f"{what} failed: {_first_line(error)}")
                log.warning("compiled: %s failed", what, exc_info=error)
                continue
            tell("check")
            passed, note = _compare(recorded, reference)
            if passed:
                self.precision, self._recorded = precision, recorded
                self.note = "; ".join([f"{what}, against eager: {note}", *remarks])
                log.info("compiled: %s", self.note)
                return
            remarks.append(f"{what} rejected: {note}")
            log.warning("compiled: %s rejected: %s", what, note)
            del recorded  # its memory goes before the next is recorded
        raise EngineError(
            f"The compiled engine does not agree with eager: {'; '.join(remarks)}.",
            hint="Run with another engine: --engine eager",
        )

    def encode(self, portrait: Image) -> tuple[RecordedCode, Keypoints]:
        """(256, 256, 3) uint8 RGB -> the portrait's code and keypoints."""
        with self._running("encode") as recorded:
            code = recorded.encode(portrait)
            return code, code.keypoints

    def detect(self, driving: Image) -> Keypoints:
        """(256, 256, 3) uint8 RGB -> keypoints."""
        with self._running("detect") as recorded:
            return recorded.detect(driving)

    def render(self, code: RecordedCode, driving: Keypoints) -> Image:
        """The portrait in the pose of ``driving``: (256, 256, 3) uint8 RGB, a new array."""
        with self._running("render") as recorded:
            return recorded.render(code, driving)

    def inspect(
        self, code: RecordedCode, driving: Image, motion: Keypoints, wanted: Sequence[str]
    ) -> dict[str, np.ndarray]:
        """Maps of one frame, float32, without the batch axis, as the eager engine names them; off
        the hot path.

        Raises:
            EngineError: a map asked for that this model does not have.
        """
        with self._running("inspect") as recorded:
            return recorded.inspect(code, driving, motion, wanted)

    def close(self) -> None:
        """Free graphs and networks; idempotent."""
        if self._recorded is None:
            return
        device, self._recorded = self._recorded.device, None
        with mapped("free the GPU's memory"):
            device.release()

    @property
    def _weights(self) -> "Weights":
        if self.weights is None:
            raise EngineError(
                "The compiled engine was given no weights.", hint="Name a model: --model."
            )
        return self.weights

    @contextmanager
    def _running(self, what: str) -> Iterator[Recorded]:
        if self._recorded is None:
            raise EngineError(
                f"{what} was called on an engine that is not open.", hint="Call open()."
            )
        with mapped(what):
            yield self._recorded


def _compare(recorded: Recorded, reference: "Dagan") -> tuple[bool, str]:
    """Whether every graph agrees with the reference, and the figures."""
    from engines.check import check

    with mapped("compare the graphs with eager"), recorded.device.using():
        verdicts = check(recorded, reference, recorded.device.torch)
    return (
        all(verdict.passed for verdict in verdicts.values()),
        ", ".join(f"{graph} {verdict.note}" for graph, verdict in verdicts.items()),
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__


def main(argv: list[str]) -> int:
    """Compile the kernels of the weights file ``argv[0]`` in the precision ``argv[1]``."""
    from avatar.weights import load

    engine = CompiledEngine(load(argv[0]), argv[1])
    try:
        engine.compile(lambda step: print(step, flush=True))
    except AvatarError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        engine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
