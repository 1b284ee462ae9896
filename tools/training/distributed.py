"""The processes that train together: one, or those that ``torchrun`` started.

Each has an equal share of every batch. Gradients are averaged by DistributedDataParallel, batch
normalisation is synchronised, and whatever decides the way of the run is agreed on, so that the
processes never part.
"""

import contextlib
import os
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor, distributed, nn

from avatar.errors import UsageError
from tools.training.failure import TrainingFailed
from tools.training.sync_norm import synchronise

TIMEOUT_S = 1200.0
"""Seconds that a process waits for the others; the first one validates alone for as long."""

LOST = re.compile(
    r"gloo|nccl|timed? ?out|connection|socket|broken pipe|process group|store", re.IGNORECASE
)
"""What PyTorch's messages about lost processes have in common; their classes vary."""


@dataclass(frozen=True)
class Team:
    """This process among those that train together.

    Attributes:
        rank: its number; 0 writes, logs and validates.
        size: how many there are.
        device: where it computes.
        norms: the group that batch normalisation speaks over.
    """

    rank: int
    size: int
    device: torch.device
    norms: Any = None

    @property
    def first(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    def places(self, batch: int) -> range:
        """This process's places in the global batch.

        Raises:
            UsageError: the batch cannot be shared equally.
        """
        if batch % self.size:
            raise UsageError(
                f"A batch of {batch} cannot be shared equally by {self.size} processes.",
                hint=f"Set run.batch to a multiple of {self.size}, or start fewer processes.",
            )
        share = batch // self.size
        return range(self.rank * share, (self.rank + 1) * share)

    def synchronise(self, networks: nn.Module) -> None:
        """Batch normalisation over all processes."""
        if self.size > 1:
            synchronise(networks, self.norms, cuda=self.device.type == "cuda")

    def wrap(self, module: nn.Module) -> nn.Module:
        """The module, its gradients averaged over the processes."""
        if self.size == 1 or not any(p.requires_grad for p in module.parameters()):
            return module
        with warnings.catch_warnings():
            # The new name of broadcast_buffers is unknown to the oldest PyTorch that we take.
            warnings.filterwarnings("ignore", ".*broadcast_buffers.*", FutureWarning)
            return nn.parallel.DistributedDataParallel(
                module,
                device_ids=[self.device.index] if self.device.type == "cuda" else None,
                broadcast_buffers=False,  # synchronised statistics are the same everywhere
                find_unused_parameters=True,  # a loss of weight 0 may leave a head unused
            )

    def mean(self, values: Tensor) -> Tensor:
        """The mean over the processes of what each has."""
        if self.size > 1:
            distributed.all_reduce(values)
            values = values / self.size
        return values

    def highest(self, value: int) -> int:
        """The highest of what each process has."""
        if self.size == 1:
            return value
        found = torch.tensor([value], device=self.device)
        distributed.all_reduce(found, distributed.ReduceOp.MAX)
        return int(found)

    def spread(self, value: int) -> int:
        """What the first process has."""
        if self.size == 1:
            return value
        found = torch.tensor([value], device=self.device)
        distributed.broadcast(found, 0)
        return int(found)

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Names the loss of another process for what it is.

        Raises:
            TrainingFailed: another process ended, or did not answer in time.
        """
        try:
            yield
        except RuntimeError as error:
            if self.size == 1 or not LOST.search(str(error)):
                raise
            line = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise TrainingFailed(
                f"Process {self.rank} of {self.size} lost the others: {line}",
                hint="Look for the first error among the processes; the same command goes on from "
                "the last checkpoint.",
            ) from error


@contextlib.contextmanager
def join(device: str = "auto", timeout_s: float = TIMEOUT_S) -> Iterator[Team]:
    """Join the processes that ``torchrun`` started; alone where it did not.

    Args:
        device: "auto" (CUDA where there is a GPU), "cpu" or "cuda".
        timeout_s: how long to wait for the others before giving up, in seconds.

    Raises:
        UsageError: no such device, or torchrun's environment makes no sense.
        TrainingFailed: the others cannot be reached.
    """
    rank, size, local = (_number(name, default) for name, default in _ENVIRONMENT)
    if not 0 <= rank < size:
        raise UsageError(f"RANK is {rank}, expected 0 to {size - 1}.", hint="Start by torchrun.")
    found = _device(device, local)
    if size == 1:
        yield Team(0, 1, found)
        return
    if found.type == "cuda":
        torch.cuda.set_device(found)
    span = timedelta(seconds=timeout_s)
    team = Team(rank, size, found)
    with team.guard():
        distributed.init_process_group("nccl" if found.type == "cuda" else "gloo", timeout=span)
    try:
        with team.guard():
            norms = distributed.new_group(timeout=span)
        yield Team(rank, size, found, norms)
    finally:
        distributed.destroy_process_group()


_ENVIRONMENT = (("RANK", 0), ("WORLD_SIZE", 1), ("LOCAL_RANK", 0))


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdecimal():
        raise UsageError(f"{name} is {text!r}, expected a number.", hint="Start by torchrun.")
    return int(text)


def _device(wanted: str, local: int) -> torch.device:
    count = torch.cuda.device_count() if wanted != "cpu" else 0
    if wanted == "cuda" and not count:
        raise UsageError(
            "There is no CUDA device that PyTorch can use.",
            hint="Train with --device cpu, or install the CUDA build: make setup TORCH=cuda.",
        )
    if not count:
        return torch.device("cpu")
    if local >= count:
        raise UsageError(
            f"Process {local} of this machine has no GPU of its own: there are {count}.",
            hint=f"Start torchrun with --nproc-per-node {count}.",
        )
    return torch.device("cuda", local)
