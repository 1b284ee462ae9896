"""The graph runner on a CPU, where recording is calling; what CUDA adds was not run."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import Tensor

from avatar.errors import EngineError
from engines.cuda import GraphRunner, PlainDevice, mapped


class Watched(PlainDevice):
    """Notes the order of what the runner asks of a device."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def pinned(self, like: Tensor) -> Tensor:
        self.asked.append("pinned")
        return super().pinned(like)

    def record(self, step):  # type: ignore[no-untyped-def]
        self.asked.append("record")
        return super().record(step)

    def wait(self) -> None:
        self.asked.append("wait")


def step(inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    assert not torch.is_grad_enabled()
    bright = inputs["frame"].float() * inputs["gain"]
    return {"bright": bright, "bytes": bright.clamp(0, 255).to(torch.uint8)}


def made(device: PlainDevice) -> GraphRunner:
    examples = {"frame": torch.zeros(2, 3, dtype=torch.uint8), "gain": torch.ones(1)}
    return GraphRunner(device, step, examples, fed=("frame",), fetched=("bytes",))


def test_arrays_go_in_and_come_out() -> None:
    runner = made(PlainDevice())
    frame = np.arange(6, dtype=np.uint8).reshape(2, 3)
    frame.flags.writeable = False
    found = runner(frame=frame)
    assert list(found) == ["bytes"] and found["bytes"].dtype == np.uint8
    np.testing.assert_array_equal(found["bytes"], frame)
    runner(frame=frame + 1)
    np.testing.assert_array_equal(found["bytes"], frame + 1)  # the caller copies what it keeps


def test_buffers_never_move_and_nothing_is_recorded_again() -> None:
    device = Watched()
    runner = made(device)
    before = [t.data_ptr() for t in (*runner.inputs.values(), *runner.outputs.values())]
    runner.keep({"gain": torch.full((1,), 3.0)})
    assert runner(frame=np.ones((2, 3), np.uint8))["bytes"].tolist() == [[3] * 3] * 2
    assert runner.outputs["bright"].tolist() == [[3.0] * 3] * 2
    after = [t.data_ptr() for t in (*runner.inputs.values(), *runner.outputs.values())]
    assert after == before
    assert device.asked.count("record") == 1


def test_page_locked_memory_is_made_and_the_warm_up_done_before_recording() -> None:
    device = Watched()
    made(device)
    assert device.asked == ["pinned", "pinned", "wait", "record"]


def test_fetched_outputs_are_put_in_order_by_the_graph() -> None:
    examples = {"frame": torch.zeros(2, 3, dtype=torch.uint8)}
    runner = GraphRunner(
        PlainDevice(),
        lambda inputs: {"turned": (inputs["frame"] + 0).T, "left": (inputs["frame"] + 0).T},
        examples,
        fed=("frame",),
        fetched=("turned",),
    )
    frame = np.arange(6, dtype=np.uint8).reshape(2, 3)
    np.testing.assert_array_equal(runner(frame=frame)["turned"], frame.T)
    assert runner.outputs["turned"].is_contiguous() and not runner.outputs["left"].is_contiguous()


def test_examples_are_copied() -> None:
    gain = torch.full((1,), 2.0)
    examples = {"frame": torch.zeros(1, dtype=torch.uint8), "gain": gain}
    runner = GraphRunner(PlainDevice(), step, examples, fed=("frame",), fetched=("bytes",))
    gain.fill_(9.0)
    assert runner(frame=np.ones(1, np.uint8))["bytes"].tolist() == [2]


def test_other_shapes_are_refused_rather_than_broadcast() -> None:
    runner = made(PlainDevice())
    with pytest.raises(ValueError, match=r"frame is \(3,\), recorded with \(2, 3\)"):
        runner(frame=np.zeros(3, np.uint8))
    with pytest.raises(ValueError, match=r"gain is \(\), recorded with \(1,\)"):
        runner.keep({"gain": torch.tensor(1.0)})


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (torch.cuda.OutOfMemoryError("CUDA out of memory"), "memory ran out", "compact"),
        (RuntimeError("cuDNN error: ALLOC_FAILED\nmore"), "cuDNN error: ALLOC_FAILED$", "compact"),
        (RuntimeError("no kernel image is available"), "to try: no kernel", "too old or too new"),
        (RuntimeError("CUDA driver version is insufficient"), "insufficient", "Update the NVIDIA"),
        (RuntimeError(""), "to try: RuntimeError", "Leave --engine out"),
    ],
)
def test_errors_of_pytorch_come_with_a_cure(error: Exception, message: str, hint: str) -> None:
    with pytest.raises(EngineError) as caught, mapped("try"):
        raise error
    import re

    assert re.search(message, caught.value.message)
    assert hint in caught.value.hint
