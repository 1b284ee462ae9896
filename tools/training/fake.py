"""A stage of a few hundred weights, for tests of the trainer: convolution, batch normalisation, two
phases that work against each other. ``mishaps.toml`` in its data folder makes things go wrong."""

import os
import signal
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from avatar.errors import InputError
from tools.training.precision import lower
from tools.training.recipe import Recipe, read_table
from tools.training.stage import Batch, Item, Phase, Terms, Trained


@dataclass(frozen=True)
class Mishaps:
    """At which step (from 0) what happens; -1: never.

    Attributes:
        bad: an item is not a number.
        unreadable: an item raises.
        die: the process that reads the item ends at once.
        steep: the gradient is infinite, and the loss is not.
        terminate: the training process gets SIGTERM while it reads.
        kill: the training process is killed in the middle of the step.
        rank: of the process that ``kill`` and ``unreadable`` happen to.
    """

    bad: int = -1
    unreadable: int = -1
    die: int = -1
    steep: int = -1
    terminate: int = -1
    kill: int = -1
    rank: int = 0


@dataclass(frozen=True)
class FakeItems:
    """Coloured noise whose mean is to be told."""

    seed: int
    mishaps: Mishaps
    epoch: int = 40

    def __getitem__(self, at: tuple[int, int]) -> Item:
        step, place = at
        if step == self.mishaps.die:
            os._exit(9)
        if step == self.mishaps.unreadable and _rank() == self.mishaps.rank:
            raise InputError(f"clip {place} cannot be read.", hint="Take it out.")
        if at == (self.mishaps.terminate, 0):
            os.kill(os.getpid(), signal.SIGTERM)
        draw = np.random.default_rng((self.seed, step, place))
        picture = draw.normal(draw.normal(), 1, (3, 8, 8)).astype(np.float32)
        if step == self.mishaps.bad and place == 1:
            picture[0, 0, 0] = np.nan
        return {"picture": torch.from_numpy(picture), "step": torch.tensor(step)}

    def describe(self, at: tuple[int, int]) -> str:
        """What an item is called."""
        return f"noise {at[0]}.{at[1]}"


class Maker(Phase):
    """Trains the body to tell the mean, and to please the judge."""

    label = "maker"

    def __init__(self, networks: nn.ModuleDict, mishaps: Mishaps) -> None:
        super().__init__()
        self.body = networks["body"]
        self.judge = (networks["judge"],)
        self.mishaps = mishaps

    def forward(self, batch: Batch) -> tuple[Terms, Batch]:
        """How far off the mean, and how far from pleasing."""
        told = self.body(batch["picture"])
        wanted = batch["picture"].mean((1, 2, 3), keepdim=True)
        judge = self.judge[0].requires_grad_(False)
        pleasing = judge(told)
        judge.requires_grad_(True)
        step = int(batch["step"][0])
        if step == self.mishaps.kill and _rank() == self.mishaps.rank:
            os.kill(os.getpid(), signal.SIGKILL)
        terms = {
            "mean": (told - wanted).square().mean(),
            "pleasing": 0.1 * (1 - pleasing).square().mean(),
            "_told": told.mean(),
        }
        if step == self.mishaps.steep:
            terms["steep"] = (told * 0).abs().sqrt().mean()  # whose slope at 0 is infinite
        return terms, {"told": told.detach()}


class Judge(Phase):
    """Trains the judge to tell told from true."""

    label = "judge"

    def __init__(self, networks: nn.ModuleDict) -> None:
        super().__init__()
        self.judge = networks["judge"]

    def forward(self, batch: Batch) -> tuple[Terms, Batch]:
        """Least squares."""
        true = self.judge(batch["picture"].mean(1, keepdim=True))
        told = self.judge(batch["told"])
        return {"judge": (1 - true).square().mean() + told.square().mean()}, {}


class FakeStage:
    """See the module."""

    def __init__(self, recipe: Recipe, mishaps: Mishaps) -> None:
        self.params = recipe.model
        body = nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            nn.Conv2d(6, 1, 3, padding=1),
        )
        judge = nn.Sequential(nn.Conv2d(1, 4, 3), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 1))
        lower(body, recipe.run.precision)
        self.networks = nn.ModuleDict({"body": body, "judge": judge})
        self.phases = (Maker(self.networks, mishaps), Judge(self.networks))
        self.items = FakeItems(recipe.run.seed, mishaps)

    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        """How far off the mean of constant pictures."""
        told = networks["body"](torch.ones(1, 3, 8, 8))
        return {"off": float((told - 1).abs().mean())}

    def show(self, networks: nn.ModuleDict) -> NDArray[np.uint8]:
        """One grey picture."""
        told: Tensor = networks["body"](torch.ones(1, 3, 8, 8))
        grey = (told[0, 0].sigmoid() * 255).to(torch.uint8).numpy()
        return np.repeat(grey[..., None], 3, axis=2)

    def trained(self, networks: nn.ModuleDict) -> Trained:
        """The body, which no app could use."""
        return Trained(self.params, networks["body"].state_dict())


def build(recipe: Recipe, data: Path, start: Mapping[str, Tensor] | None) -> FakeStage:
    """The stage by a recipe."""
    path = data / "mishaps.toml"
    table = tomllib.loads(path.read_text()) if path.exists() else {}
    return FakeStage(recipe, read_table(Mishaps, table, "[mishaps]"))


def _rank() -> int:
    return int(os.environ.get("RANK", "0"))
