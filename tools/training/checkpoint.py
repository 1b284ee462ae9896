"""A run's checkpoints: everything it takes to go on, written whole or not at all."""

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from avatar import checkpoint as files
from avatar.errors import OutputError, WeightsError
from avatar.model.params import ModelParams
from tools.training.recipe import Recipe, parse
from tools.training.stage import Trained

FORMAT = "avatar-training-1"
LAST, PREVIOUS = "last.pt", "previous.pt"


@dataclass(frozen=True)
class Checkpoint:
    """A moment of a run, between two steps.

    Items and rates follow from the step and the recipe's seed, so neither a random state nor a
    position in the data is kept.

    Attributes:
        recipe: what is trained, as TOML.
        step: steps done.
        networks: state of the networks.
        average: state of their moving average.
        updates: of the average.
        optimisers: state by phase.
        trained: what export takes; shares its memory with ``average``.
        losses: the last ones, by phase and term, for people.
    """

    recipe: str
    step: int
    networks: Mapping[str, Tensor]
    average: Mapping[str, Tensor]
    updates: int
    optimisers: Mapping[str, Mapping[str, Any]]
    trained: Trained
    losses: Mapping[str, float]

    def save(self, folder: Path) -> None:
        """Write ``last.pt`` into the run's folder; what it was becomes ``previous.pt``.

        Killed at any moment, or out of space, the folder holds a whole checkpoint.

        Raises:
            OutputError: it cannot be written; the old one stands.
        """
        stored = {
            "format": FORMAT,
            "recipe": self.recipe,
            "step": self.step,
            "networks": dict(self.networks),
            "average": dict(self.average),
            "updates": self.updates,
            "optimisers": {label: dict(state) for label, state in self.optimisers.items()},
            "trained": {
                "params": self.trained.params.to_json(),
                "state": dict(self.trained.state),
            },
            "losses": dict(self.losses),
        }
        part, last = folder / f"{LAST}.part", folder / LAST
        try:
            with part.open("wb") as stream:
                torch.save(stored, stream)
                stream.flush()
                os.fsync(stream.fileno())
            if last.exists():
                os.replace(last, folder / PREVIOUS)
            os.replace(part, last)
            _sync(folder)
        except (OSError, RuntimeError) as error:  # torch's writer makes RuntimeErrors of both
            with contextlib.suppress(OSError):
                part.unlink()
            why = getattr(error, "strerror", None) or str(error).strip().splitlines()[0]
            raise OutputError(
                f"The checkpoint of step {self.step} cannot be written to {last}: {why}.",
                hint=f"Free some space in {folder} or make it writable. {standing(folder)}",
            ) from error


def exists(folder: Path) -> bool:
    """Whether a run can be gone on with."""
    return any((folder / name).exists() for name in (LAST, PREVIOUS))


def load(folder: Path) -> Checkpoint:
    """The last checkpoint of a run.

    Raises:
        WeightsError: it is missing, cut off, or something else.
    """
    path = folder / LAST
    if not path.exists() and (folder / PREVIOUS).exists():
        path = folder / PREVIOUS  # killed between the two renamings
    hint = "Name the folder that a training wrote."
    if path.name == LAST and (folder / PREVIOUS).exists():
        hint = f"The one before it is {folder / PREVIOUS}; rename it to {LAST} to go on from it."
    try:
        stored = files.read(path)
    except WeightsError as error:
        raise WeightsError(error.message, hint=hint) from error
    found = stored.get("format")
    if found != FORMAT:
        raise WeightsError(
            f"{path} is no checkpoint of a training: its format is {found!r}, expected {FORMAT!r}.",
            hint=hint,
        )
    try:
        return Checkpoint(
            recipe=_typed(stored, "recipe", str),
            step=_typed(stored, "step", int),
            networks=_typed(stored, "networks", dict),
            average=_typed(stored, "average", dict),
            updates=_typed(stored, "updates", int),
            optimisers=_typed(stored, "optimisers", dict),
            trained=Trained(
                ModelParams.from_json(stored["trained"]["params"]), stored["trained"]["state"]
            ),
            losses=_typed(stored, "losses", dict),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(
            f"{path} is damaged or was written by another version: {error}.", hint=hint
        ) from error


def check_recipe(stored: Checkpoint, recipe: Recipe, folder: Path) -> None:
    """Refuse to go on by a recipe that would train something else.

    Raises:
        WeightsError: the recipes differ in what changes the weights; the keys are named.
    """
    before = parse(stored.recipe, f"{folder / LAST}")
    if differing := recipe.differences(before):
        listed = [f"{key} was {was!r}, is {now!r}" for key, (was, now) in differing.items()]
        more = f"; and {len(listed) - 6} more" if len(listed) > 6 else ""
        raise WeightsError(
            f"{folder} was trained by another recipe: {'; '.join(listed[:6])}{more}.",
            hint="Go on with the recipe it began with (recipe.toml there), name another folder, or "
            "begin anew with --fresh. What takes part of it over is --start.",
        )


def standing(folder: Path) -> str:
    """A sentence on the checkpoint that stands, for errors."""
    for name in (LAST, PREVIOUS):
        if (folder / name).exists():
            return f"The last good checkpoint is {folder / name}."
    return "There is no checkpoint yet."


def mismatch(error: Exception, folder: Path) -> WeightsError:
    """The error for a checkpoint whose tensors do not fit the networks of its recipe."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    what = re.sub(r"\s+", " ", " ".join(lines[1:3] or lines))
    return WeightsError(
        f"The checkpoint in {folder} does not fit the networks of its recipe: {what}",
        hint="The code of the networks has changed since. Begin anew with --fresh; --start takes "
        "what fits.",
    )


def _typed(stored: Mapping[str, Any], key: str, kind: type) -> Any:
    value = stored[key]
    if not isinstance(value, kind):
        raise TypeError(f"{key} is {type(value).__name__}, expected {kind.__name__}")
    return value


def _sync(folder: Path) -> None:
    """Make renamings last through a power cut, where the system can."""
    with contextlib.suppress(OSError):  # Windows opens no folders; a rename is durable enough there
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
