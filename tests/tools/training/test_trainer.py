import copy
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from avatar.errors import InputError, OutputError, UsageError, WeightsError
from tools.training import checkpoint
from tools.training.checkpoint import Checkpoint
from tools.training.distributed import Team
from tools.training.failure import TrainingFailed
from tools.training.fake import FakeStage, Mishaps
from tools.training.recipe import Recipe
from tools.training.stopping import TIME
from tools.training.trainer import Trainer

ALONE = Team(0, 1, torch.device("cpu"))

Make = Callable[..., Trainer]


@pytest.fixture
def make(fake_recipe: Callable[..., Recipe], tmp_path: Path) -> Make:
    """A trainer of the fake stage in a folder of the given name."""

    def trainer(name: str = "run", steps: int = 6, run: str = "", **mishaps: int) -> Trainer:
        torch.manual_seed(0)
        recipe = fake_recipe(steps, run)
        (tmp_path / name).mkdir(exist_ok=True)
        return Trainer(FakeStage(recipe, Mishaps(**mishaps)), recipe, tmp_path / name, ALONE)

    return trainer


def lines(trainer: Trainer) -> list[dict[str, Any]]:
    text = (trainer.folder / "log.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def terms(trainer: Trainer) -> list[tuple[int, dict[str, float]]]:
    return [(line["step"], line["terms"]) for line in lines(trainer) if "terms" in line]


def same(a: Checkpoint, b: Checkpoint) -> bool:
    """Bitwise."""
    held = [
        {**each.networks, **{f"average {k}": v for k, v in each.average.items()}}
        | {
            f"{label} {index} {name}": value
            for label, optimiser in each.optimisers.items()
            for index, state in optimiser["state"].items()
            for name, value in state.items()
        }
        for each in (a, b)
    ]
    assert held[0].keys() == held[1].keys()
    return all(torch.equal(held[0][name], held[1][name]) for name in held[0])


def test_it_learns(make: Make) -> None:
    trainer = make(steps=80)
    before = copy.deepcopy(trainer.stage.networks.state_dict())
    finished = trainer.train()
    assert (finished.step, finished.reason, finished.exit_code) == (80, 0, 0)
    means = [found["maker/mean"] for _, found in terms(trainer)]
    assert sum(means[-20:]) < 0.85 * sum(means[:20])
    after = trainer.stage.networks.state_dict()
    assert not torch.equal(after["judge.0.weight"], before["judge.0.weight"])


@pytest.mark.parametrize("run", ["", 'precision = "bf16"', "workers = 1"])
def test_gone_on_with_is_as_if_never_stopped(make: Make, run: str) -> None:
    straight = make("straight", run=run)
    straight.train()
    first = make("parts", run=run)
    assert not first.resume()
    assert first.train(steps=3).step == 3
    second = make("parts", run=run)
    torch.manual_seed(99)  # what is drawn elsewhere is of no matter
    assert second.resume() and second.step == 3 and second.losses == first.losses
    assert second.train().step == 6
    assert terms(second) == terms(straight)
    assert same(checkpoint.load(second.folder), checkpoint.load(straight.folder))


def test_going_on_repeats_what_came_after_the_checkpoint(make: Make) -> None:
    straight = make("straight")
    straight.train()
    killed = make("killed", run="checkpoint_every = 2", unreadable=5)
    with pytest.raises(InputError):
        killed.train()
    (killed.folder / "last.pt").unlink()  # leaves that of step 4, and a log up to 5
    again = make("killed", run="checkpoint_every = 2")
    assert again.resume() and again.step == 4
    again.train()
    assert terms(again) == terms(straight)


def test_a_finished_run_has_nothing_to_do(make: Make) -> None:
    make().train()
    again = make()
    assert again.resume()
    assert again.train().step == 6
    assert make(steps=8).resume()


def test_rates_follow_the_schedule(make: Make) -> None:
    trainer = make()
    trainer.train()
    rates = [line["rate/maker"] for line in lines(trainer)]
    assert rates[0] == pytest.approx(5e-3) and rates[1] == pytest.approx(1e-2)  # warm-up of 2
    assert rates == sorted(rates[:2]) + sorted(rates[2:], reverse=True)
    assert lines(trainer)[1]["rate/judge"] == pytest.approx(5e-3)


def test_a_loss_that_is_not_finite_stops_the_run(make: Make) -> None:
    trainer = make(run="checkpoint_every = 2", bad=3)
    with pytest.raises(TrainingFailed) as caught:
        trainer.train()
    text = str(caught.value)
    assert "phase 'maker' is not finite in step 3" in text and "mean nan" in text
    assert "picture at place 1" in text and "noise 3.1" in text
    assert f"The last good checkpoint is {trainer.folder / 'last.pt'}" in text
    kept = checkpoint.load(trainer.folder)
    assert kept.step == 2
    assert all(v.isfinite().all() for v in kept.networks.values() if v.is_floating_point())


def test_a_gradient_that_is_not_finite_is_skipped(make: Make) -> None:
    trainer = make(steep=3)
    trainer.train(steps=3)
    body = trainer.stage.networks["body"][0].weight.detach().clone()
    judge = trainer.stage.networks["judge"][0].weight.detach().clone()
    trainer.train(steps=1)
    assert torch.equal(trainer.stage.networks["body"][0].weight, body)
    assert not torch.equal(trainer.stage.networks["judge"][0].weight, judge)
    assert terms(trainer)[3][1]["skipped/maker"] == 1
    assert trainer.train().step == 6
    assert "skipped/maker" not in terms(trainer)[4][1]


def test_or_stops_the_run_if_so_wished(make: Make, fake_recipe: Callable[..., Recipe]) -> None:
    trainer = make(steep=3)
    turn = trainer.turns[0]
    object.__setattr__(turn.settings, "skip", False)
    with pytest.raises(TrainingFailed, match=r"step 3 phase 'maker' has a gradient"):
        trainer.train()


def test_gradients_are_clipped(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[float] = []
    trainer = make(run="clip = 0.01")
    step = trainer.turns[0].optimiser.step

    def spy() -> None:
        grads = [p.grad.norm() for p in trainer.turns[0].parameters if p.grad is not None]
        found.append(float(torch.stack(grads).norm()))
        step()

    monkeypatch.setattr(trainer.turns[0].optimiser, "step", spy)
    trainer.train(steps=2)
    assert found == pytest.approx([0.01, 0.01], rel=1e-3)
    assert terms(trainer)[0][1]["norm/maker"] > 0.1  # before clipping


def test_time_and_signals_end_it_between_steps(make: Make) -> None:
    timed = make("timed")
    finished = timed.train(minutes=1e-9)
    assert (finished.step, finished.reason, finished.exit_code) == (1, TIME, 0)
    assert checkpoint.load(timed.folder).step == 1
    told = make("told", terminate=2)
    finished = told.train()
    assert (finished.step, finished.reason) == (3, signal.SIGTERM)
    assert finished.exit_code == 143 and checkpoint.load(told.folder).step == 3


def test_an_items_error_saves_first(make: Make) -> None:
    trainer = make(unreadable=2)
    with pytest.raises(InputError, match="clip 0 cannot be read"):
        trainer.train()
    assert checkpoint.load(trainer.folder).step == 2


def test_a_failed_save_does_not_end_the_run(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    save, failures = Checkpoint.save, [True, False]

    def flaky(self: Checkpoint, folder: Path) -> None:
        if failures and failures.pop(0):
            raise OutputError("No space left on device.")
        save(self, folder)

    monkeypatch.setattr(Checkpoint, "save", flaky)
    trainer = make(run="checkpoint_every = 2")
    assert trainer.train().step == 6
    assert "No space left" in caplog.text and checkpoint.load(trainer.folder).step == 6


def test_validation_and_sheets(make: Make) -> None:
    trainer = make(run="validate_every = 4\nshow_every = 4")
    trainer.train(steps=5)
    assert [line["step"] for line in lines(trainer) if "validation" in line] == [4]
    assert (trainer.folder / "shown.png").is_file()
    trainer.train()  # and at the end of the schedule
    assert [line["step"] for line in lines(trainer) if "validation" in line] == [4, 6]
    trained = trainer.stage.networks["body"][1]
    assert trained.training and not trainer.average.networks["body"][1].training


def test_a_checkpoint_that_does_not_fit_is_refused(make: Make) -> None:
    trainer = make()
    trainer.train(steps=1)
    held = torch.load(trainer.folder / "last.pt", weights_only=True)
    held["networks"]["body.0.weight"] = torch.zeros(1)
    torch.save(held, trainer.folder / "last.pt")
    with pytest.raises(WeightsError, match=r"does not fit the networks.*body\.0\.weight"):
        make().resume()


def test_scales_slow_single_parts(make: Make, fake_recipe: Callable[..., Recipe]) -> None:
    recipe = fake_recipe()
    recipe.table["optimiser"].merge({"maker": {"scales": {"body.0": 0.0}}})
    stage = FakeStage(recipe, Mishaps())
    trainer = Trainer(stage, recipe, make().folder, ALONE)
    before = copy.deepcopy(stage.networks.state_dict())
    trainer.train(steps=2)
    after = stage.networks.state_dict()
    assert torch.equal(before["body.0.weight"], after["body.0.weight"])
    assert not torch.equal(before["body.3.weight"], after["body.3.weight"])
    recipe.table["optimiser"].merge({"maker": {"scales": {"bdy": 0.0}}})
    with pytest.raises(UsageError, match="begins with bdy"):
        Trainer(stage, recipe, make().folder, ALONE)


def test_a_phase_that_trains_nothing_is_refused(
    make: Make, fake_recipe: Callable[..., Recipe]
) -> None:
    stage = FakeStage(fake_recipe(), Mishaps())
    stage.networks["judge"].requires_grad_(False)
    with pytest.raises(UsageError, match="'judge' trains nothing"):
        Trainer(stage, fake_recipe(), make().folder, ALONE)
