"""What both stages share: mixed precision, learning rate, averaged weights, checkpoints."""

import math
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn

from avatar.model.dagan import Dagan
from avatar.model.params import ModelParams


def bfloat16(module: nn.Module) -> None:
    """Run this module's convolutions in bfloat16; it still takes and gives float32."""
    plain = module.forward

    def forward(*args: Any, **kwargs: Any) -> Any:
        with torch.autocast("cpu", torch.bfloat16):
            out = plain(*args, **kwargs)
        return [o.float() for o in out] if isinstance(out, list) else out.float()

    module.forward = forward  # type: ignore[method-assign]


def channels_last(module: nn.Module) -> None:
    """Lay out convolution weights as the CPU's convolutions like them."""
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.dim() == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


class Clock:
    """Progress by wall clock: a stage is given minutes, not steps; others share the machine."""

    def __init__(self, minutes: float) -> None:
        self.start = time.monotonic()
        self.seconds = minutes * 60

    def progress(self) -> float:
        """0 at the start, 1 when the time is up."""
        return (time.monotonic() - self.start) / self.seconds


def rate(progress: float, peak: float, warm: float = 0.02, floor: float = 0.01) -> float:
    """Learning rate: short warm-up, then half a cosine down to ``floor`` of the peak."""
    if progress < warm:
        return peak * max(progress / warm, 0.02)
    share = min(1.0, (progress - warm) / (1 - warm))
    return peak * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * share)))


class Average:
    """Exponential moving average of weights and statistics; what is evaluated and shipped."""

    def __init__(self, net: nn.Module, keep: float = 0.998) -> None:
        self.keep = keep
        self.steps = 0
        self.state = {k: v.detach().clone() for k, v in net.state_dict().items()}

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        """Move towards the present weights."""
        self.steps += 1
        keep = min(self.keep, self.steps / (self.steps + 10))
        for key, value in net.state_dict().items():
            mine = self.state[key]
            if mine.dtype.is_floating_point:
                mine.lerp_(value, 1 - keep)
            else:
                mine.copy_(value)


def save(path: Path, params: ModelParams, state: dict[str, torch.Tensor]) -> None:
    """Write a checkpoint beside the path and rename it, so that a reader never sees half of one."""
    half = path.with_suffix(".part")
    torch.save({"params": params.to_json(), "state": state}, half)
    half.rename(path)


def load(path: Path) -> Dagan:
    """The networks of a checkpoint, in evaluation mode."""
    stored = torch.load(path, weights_only=True)
    net = Dagan(ModelParams.from_json(stored["params"]))
    net.load_state_dict(stored["state"])
    return net.eval()
