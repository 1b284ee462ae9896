"""Batches in order: which items a process reads in which step, and worker processes that read them.

What a worker reads follows from the step alone, so it makes no difference how many workers there
are, and going on at a later step needs no memory of the earlier ones.
"""

import signal
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from avatar.errors import AvatarError
from tools.training.failure import TrainingFailed
from tools.training.stage import Batch, Item, Items

At = tuple[int, int]


@dataclass(frozen=True)
class Failed:
    """An error on its way out of a worker: PyTorch would keep its text alone."""

    error: AvatarError


class _Examples(Dataset[Any]):
    def __init__(self, items: Items) -> None:
        self.items = items

    def __getitem__(self, at: At) -> Item | Failed:
        try:
            return self.items[at]
        except AvatarError as error:
            return Failed(error)


class _Places(Sampler[list[At]]):
    def __init__(self, places: Sequence[int], first: int, last: int) -> None:
        self.places, self.first, self.last = places, first, last

    def __iter__(self) -> Iterator[list[At]]:
        for step in range(self.first, self.last):
            yield [(step, place) for place in self.places]

    def __len__(self) -> int:
        return self.last - self.first


def batches(
    items: Items, places: Sequence[int], first: int, last: int, *, workers: int, pin: bool
) -> Generator[Batch, None, None]:
    """The batches of steps ``first`` to ``last`` - 1, on the CPU.

    Args:
        items: where examples come from.
        places: this process's places in the global batch.
        first, last: steps.
        workers: processes that read; 0: this one does.
        pin: whether to put batches into page-locked memory, from which a GPU copies faster.

    Raises:
        AvatarError: what an item raises; TrainingFailed: a worker died, or items do not match.
    """
    loader: DataLoader[Any] = DataLoader(
        _Examples(items),
        batch_sampler=_Places(places, first, last),
        num_workers=workers,
        collate_fn=_together,
        pin_memory=pin,
        worker_init_fn=_quiet,
        generator=torch.Generator(),  # the loader draws a number, not out of everybody's
    )
    iterator = iter(loader)
    try:
        while True:
            try:
                found = next(iterator)
            except StopIteration:
                return
            except RuntimeError as error:
                if "DataLoader worker" not in str(error) or "exited" not in str(error):
                    raise
                raise TrainingFailed(
                    f"A process that reads items died: {str(error).splitlines()[0]}",
                    hint="It may have run out of memory: close other programs, or set run.workers "
                    "lower (0 reads in the training process itself).",
                ) from error
            if isinstance(found, Failed):
                raise found.error
            yield found
    finally:
        del iterator  # ends the workers now, not when somebody forgets the error


def names(items: Items, step: int, batch: int) -> list[str]:
    """What the items of a step are called, by place; items that have no ``describe`` go by their
    place alone."""
    describe = getattr(items, "describe", None)
    return [
        f"place {place}{f' ({describe((step, place))})' if describe else ''}"
        for place in range(batch)
    ]


def _together(found: list[Item | Failed]) -> Batch | Failed:
    items: list[Item] = []
    for each in found:
        if isinstance(each, Failed):
            return each
        items.append(each)
    shapes = [{name: tuple(value.shape) for name, value in item.items()} for item in items]
    for place, other in enumerate(shapes):
        if other != shapes[0]:
            return Failed(
                TrainingFailed(
                    f"The items of a batch do not match: the first has {shapes[0]}, number "
                    f"{place} has {other}.",
                    hint="Every item needs the same names and shapes.",
                )
            )
    return {name: torch.stack([item[name] for item in items]) for name in items[0]}


def _quiet(worker: int) -> None:
    """Ctrl-C goes to every process of a terminal; the training process ends its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
