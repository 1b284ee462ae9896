"""What a stage of training is made of, and what the trainer asks of it.

The trainer knows nothing of faces; a stage knows nothing of devices, processes, checkpoints or
progress. **All randomness is in the items**: an item is a pure function of (seed, step, place in
the global batch), and a phase draws nothing. So a run can be killed and resumed, or spread over
several GPUs, and sees the same numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from avatar.model.params import ModelParams

Item = dict[str, Tensor]
"""One example: named CPU tensors without a batch dimension; the same names and shapes for all."""

Batch = dict[str, Tensor]
"""Items stacked along a first dimension B, on the device that trains."""

Terms = dict[str, Tensor]
"""Weighted parts of a loss, each a scalar float32; their sum is minimised. Parts whose name starts
with an underscore are only reported."""


class Items(Protocol):
    """Where examples come from; used through worker processes, so it must pickle."""

    def __getitem__(self, at: tuple[int, int]) -> Item:
        """The example at (step, place in the global batch), always the same one."""
        ...


class Phase(nn.Module):
    """One optimiser's turn in a step: what it trains and what it minimises.

    Trained are the parameters of the registered submodules that require a gradient when the stage
    is made. Networks that only judge (a discriminator in the generator's phase) are kept out of
    registration, in a tuple, and must not be given gradients.
    """

    label: str
    """Names the optimiser in recipes, checkpoints and logs: "generator", "discriminator"."""

    def forward(self, batch: Batch) -> tuple[Terms, Batch]:
        """The loss of a batch, and what later phases of this step need (detached); it is added to
        their batch."""
        raise NotImplementedError


@dataclass(frozen=True)
class Trained:
    """What the app needs of a finished run.

    Attributes:
        params: the preset that was trained.
        state: names and tensors of :class:`avatar.model.dagan.Dagan`.
    """

    params: ModelParams
    state: Mapping[str, Tensor]


class Stage(Protocol):
    """One kind of training: face depth, keypoint detector, or the whole network."""

    networks: nn.ModuleDict
    """Everything with weights or statistics, trained or not: what a checkpoint holds. Its
    exponential moving average is what is validated, shown and exported."""

    phases: Sequence[Phase]
    """In the order of a step. They share their submodules with ``networks``."""

    items: Items

    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        """Figures on footage of people never trained on, for ``networks`` in evaluation mode; empty
        where there is no such footage."""
        ...

    def show(self, networks: nn.ModuleDict) -> NDArray[np.uint8]:
        """A contact sheet (H, W, 3) RGB of what the networks do, from the same few examples every
        time."""
        ...

    def trained(self, networks: nn.ModuleDict) -> Trained:
        """What to export."""
        ...
