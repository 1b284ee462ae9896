"""The loop that trains a stage by a recipe, from wherever its run stands.

The trainer knows nothing of faces. A step is: the batch that (seed, step) names, every phase's
turn in order, the moving average. Between two steps the run can be stopped, saved and gone on
with; nothing else than the checkpoint is remembered.
"""

import logging
import math
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from avatar.errors import AvatarError, UsageError
from tools.training import checkpoint, feed
from tools.training.average import Average
from tools.training.checkpoint import Checkpoint
from tools.training.distributed import Team
from tools.training.failure import TrainingFailed
from tools.training.journal import Journal
from tools.training.keeper import Keeper
from tools.training.rates import rates
from tools.training.recipe import Recipe
from tools.training.stage import Batch, Stage
from tools.training.stopping import TIME, wishes
from tools.training.turn import Turn

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finished:
    """How a command's training ended.

    Attributes:
        step: steps done.
        steps: of the schedule.
        reason: 0: its last step is done; :data:`tools.training.stopping.TIME`; or a signal.
    """

    step: int
    steps: int
    reason: int

    @property
    def exit_code(self) -> int:
        """0, or 128 and the signal's number."""
        return 128 + self.reason if self.reason > TIME else 0


class Trainer:
    """Trains one stage in one folder.

    Args:
        stage: what is trained; its networks are moved to the team's device.
        recipe: by what.
        folder: the run's; exists.
        team: the processes that train it together.

    Raises:
        UsageError: recipe, stage and team do not fit together.
    """

    def __init__(self, stage: Stage, recipe: Recipe, folder: Path, team: Team) -> None:
        self.stage, self.recipe, self.folder, self.team = stage, recipe, folder, team
        self.step = 0
        self.losses: dict[str, float] = {}
        recipe.check_phases([phase.label for phase in stage.phases])
        self.places = team.places(recipe.run.batch)
        epoch = getattr(stage.items, "epoch", None)
        self.rates = rates(recipe.schedule, recipe.run.batch, epoch)
        whole = nn.ModuleList([stage.networks, *stage.phases])
        whole.to(team.device)
        whole.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = Average(stage.networks, recipe.run.ema)
        team.synchronise(whole)
        self.turns = [Turn(phase, recipe.optimiser(phase.label), team) for phase in stage.phases]

    def resume(self) -> bool:
        """Go on from the folder's checkpoint; whether there was one.

        Raises:
            WeightsError: it is damaged, of another recipe, or does not fit.
            UsageError: the processes see different checkpoints.
        """
        found = checkpoint.exists(self.folder)
        if found:
            stored = checkpoint.load(self.folder)
            checkpoint.check_recipe(stored, self.recipe, self.folder)
            try:
                self.stage.networks.load_state_dict(dict(stored.networks))
                self.average.networks.load_state_dict(dict(stored.average))
                for turn in self.turns:
                    turn.optimiser.load_state_dict(dict(stored.optimisers[turn.label]))
            except (RuntimeError, ValueError, KeyError) as error:
                raise checkpoint.mismatch(error, self.folder) from error
            self.average.updates = stored.updates
            self.step, self.losses = stored.step, dict(stored.losses)
        if self.team.highest(int(self.team.spread(self.step) != self.step)):
            raise UsageError(
                f"The processes see different checkpoints in {self.folder}.",
                hint="Every process needs the same folder: put it on a disk that all share.",
            )
        return found

    def train(self, steps: int | None = None, minutes: float | None = None) -> Finished:
        """Train until the schedule ends, or as far as this command may; save.

        Args:
            steps: at most so many now.
            minutes: at most so many now; the step at hand is finished.

        Raises:
            TrainingFailed: a loss is not finite, or another process is lost.
            OutputError: checkpoints cannot be written.
            AvatarError: what an item raises.
        """
        total = self.rates.steps
        last = total if steps is None else min(total, self.step + steps)
        keeper = Keeper(self.folder, self.recipe.run, self.step)
        reason = 0
        with wishes(minutes) as wish, self.team.guard():
            journal = None
            if self.team.first:
                journal = Journal(self.folder, self.step, total, self.recipe.run.report_every)
                journal.__enter__()
            reader = feed.batches(
                self.stage.items,
                self.places,
                self.step,
                last,
                workers=self.recipe.run.workers,
                pin=self.team.device.type == "cuda",
            )
            try:
                while self.step < last:
                    try:
                        batch = next(reader)
                    except AvatarError:
                        self._save(keeper, final=True)  # the weights are as good as before
                        raise
                    figures, now = self._step(batch)
                    if journal is not None:
                        journal.step(self.step, figures, now)
                    self._look(journal, keeper)
                    if reason := self.team.highest(wish()):
                        break
                self._save(keeper, final=True)
            finally:
                reader.close()
                if journal is not None:
                    journal.__exit__(None, None, None)
        return Finished(self.step, total, reason)

    def _step(self, batch: Batch) -> tuple[dict[str, float], dict[str, float]]:
        """One step; figures to average, and figures of this moment."""
        # By contract phases draw nothing; what draws all the same (dropout) then resumes alike.
        torch.manual_seed((self.recipe.run.seed << 32 | self.step) % 2**63)
        batch = {name: self._placed(value) for name, value in batch.items()}
        factor = self.rates.factor(self.step)
        figures: dict[str, float] = {}
        now: dict[str, float] = {}
        for turn in self.turns:
            taken = turn.take(batch, factor)
            figures |= {f"{turn.label}/{name}": value for name, value in taken.terms.items()}
            if not taken.finite:
                raise self._not_finite(turn, batch, taken.terms)
            if turn.lost:
                raise TrainingFailed(
                    f"In step {self.step} phase {turn.label!r} has a gradient that is not finite, "
                    f"the {turn.skipped}. time in a row.",
                    hint="Lower the rate, or set run.precision to fp32. "
                    + checkpoint.standing(self.folder),
                )
            if math.isfinite(taken.norm):
                figures[f"norm/{turn.label}"] = taken.norm
            figures[f"skipped/{turn.label}"] = float(not math.isfinite(taken.norm))
            now[f"rate/{turn.label}"] = turn.settings.rate * factor
            batch = {**batch, **taken.handed}
        self.average.update(self.stage.networks)
        self.step += 1
        self.losses = figures
        return {k: v for k, v in figures.items() if v or not k.startswith("skipped/")}, now

    def _placed(self, value: Tensor) -> Tensor:
        layout = torch.channels_last if value.dim() == 4 else torch.preserve_format
        return value.to(self.team.device, non_blocking=True, memory_format=layout)

    def _look(self, journal: Journal | None, keeper: Keeper) -> None:
        """Save, validate and show, where it is time."""
        if journal is None:
            return
        if keeper.due(self.step):
            self._save(keeper)
        run = self.recipe.run
        ended = self.step == self.rates.steps
        with torch.no_grad():
            if run.validate_every and (ended or self.step % run.validate_every == 0):
                figures = self.stage.validate(self.average.networks)
                if figures:
                    journal.validation(self.step, figures)
            if run.show_every and (ended or self.step % run.show_every == 0):
                journal.sheet(self.step, self.stage.show(self.average.networks))

    def _save(self, keeper: Keeper, *, final: bool = False) -> None:
        if not self.team.first:
            return
        average = self.average.networks.state_dict()
        keeper.save(
            Checkpoint(
                recipe=self.recipe.text(),
                step=self.step,
                networks=self.stage.networks.state_dict(),
                average=average,
                updates=self.average.updates,
                optimisers={turn.label: turn.optimiser.state_dict() for turn in self.turns},
                trained=self.stage.trained(self.average.networks),
                losses=self.losses,
            ),
            final=final,
        )

    def _not_finite(self, turn: Turn, batch: Batch, terms: Mapping[str, float]) -> TrainingFailed:
        """The error that names the step, its items, the terms, and what is not finite already."""
        listed = ", ".join(f"{name} {value:.4g}" for name, value in terms.items())
        items = "; ".join(feed.names(self.stage.items, self.step, self.recipe.run.batch))
        bad = [
            f"{name} at place {self.places[row]}"
            for name, value in batch.items()
            if value.is_floating_point() and value.dim() and len(value) == len(self.places)
            for row in range(len(value))
            if not value[row].isfinite().all()
        ]
        if not bad:
            bad = [
                f"the weights {name}"
                for name, value in self.stage.networks.state_dict().items()
                if value.is_floating_point() and not value.isfinite().all()
            ][:3]
        found = f" Not finite in it: {', '.join(bad)}." if bad else ""
        return TrainingFailed(
            f"The loss of phase {turn.label!r} is not finite in step {self.step}: {listed}.{found} "
            f"The batch: {items}.",
            hint=f"{checkpoint.standing(self.folder)} Take out clips that are broken, and the same "
            "command goes on from there; or begin another run with a lower rate, or run.precision "
            f"fp32, and --start {self.folder}.",
        )


def told(finished: Finished, seconds: float) -> str:
    """One line on how a training ended."""
    why = {0: "", TIME: ": the time is up", signal.SIGINT: ": interrupted"}.get(
        finished.reason, ": terminated"
    )
    return (
        f"Step {finished.step} of {finished.steps} after "
        f"{time.strftime('%H:%M:%S', time.gmtime(seconds))}{why}; saved."
    )
