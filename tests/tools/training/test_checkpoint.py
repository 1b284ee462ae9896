import os
import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from avatar.errors import OutputError, WeightsError
from avatar.model.params import PRESETS
from tools.training import checkpoint
from tools.training.checkpoint import Checkpoint
from tools.training.recipe import Recipe
from tools.training.stage import Trained


@pytest.fixture
def stored(fake_text: Callable[..., str]) -> Checkpoint:
    weight = torch.arange(6.0).reshape(2, 3)
    return Checkpoint(
        recipe=fake_text(),
        step=7,
        networks={"w": weight},
        average={"w": weight + 1},
        updates=5,
        optimisers={"maker": {"state": {0: {"step": torch.tensor(7.0)}}, "param_groups": []}},
        trained=Trained(PRESETS["compact"], {"w": weight + 1}),
        losses={"maker/mean": 0.5},
    )


def test_it_comes_back_as_it_was(tmp_path: Path, stored: Checkpoint) -> None:
    assert not checkpoint.exists(tmp_path)
    stored.save(tmp_path)
    found = checkpoint.load(tmp_path)
    assert checkpoint.exists(tmp_path)
    assert (found.recipe, found.step, found.updates) == (stored.recipe, 7, 5)
    assert found.losses == stored.losses and found.trained.params == PRESETS["compact"]
    assert torch.equal(found.networks["w"], stored.networks["w"])
    assert torch.equal(found.trained.state["w"], stored.average["w"])
    assert found.optimisers["maker"]["state"][0]["step"] == 7
    assert [each.name for each in tmp_path.iterdir()] == ["last.pt"]


def test_what_is_trained_takes_no_space_of_its_own(tmp_path: Path, stored: Checkpoint) -> None:
    big = torch.randn(100_000)
    shared = replace(stored, average={"w": big}, trained=Trained(PRESETS["compact"], {"v": big}))
    shared.save(tmp_path)
    assert (tmp_path / "last.pt").stat().st_size < 1.2 * big.nbytes


def test_the_one_before_is_kept(tmp_path: Path, stored: Checkpoint) -> None:
    for step in (1, 2, 3):
        replace(stored, step=step).save(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["last.pt", "previous.pt"]
    assert checkpoint.load(tmp_path).step == 3
    (tmp_path / "last.pt").unlink()  # killed between the two renamings
    assert checkpoint.exists(tmp_path) and checkpoint.load(tmp_path).step == 2


def test_a_full_disk_leaves_the_old_one(tmp_path: Path, stored: Checkpoint) -> None:
    stored.save(tmp_path)
    large = replace(stored, step=8, networks={"w": torch.zeros(1_000_000)})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(OutputError, match="step 8 cannot be written.*last good.*last.pt"):
            large.save(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert checkpoint.load(tmp_path).step == 7
    assert [each.name for each in tmp_path.iterdir()] == ["last.pt"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path, stored: Checkpoint) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="Permission denied"):
            stored.save(tmp_path)
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_that_is_gone(tmp_path: Path, stored: Checkpoint) -> None:
    with pytest.raises(OutputError, match="No such file"):
        stored.save(tmp_path / "gone")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_truncated_one_is_refused(tmp_path: Path, stored: Checkpoint, share: float) -> None:
    stored.save(tmp_path)
    stored.save(tmp_path)
    whole = (tmp_path / "last.pt").read_bytes()
    (tmp_path / "last.pt").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(WeightsError, match=r"cannot be read.*previous\.pt; rename it"):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize("foreign", [{"generator": {}}, {"format": "avatar-training-0"}])
def test_a_foreign_one_is_refused(tmp_path: Path, foreign: dict[str, object]) -> None:
    torch.save(foreign, tmp_path / "last.pt")
    with pytest.raises(WeightsError, match="no checkpoint of a training"):
        checkpoint.load(tmp_path)


def test_one_that_would_run_code_is_refused(tmp_path: Path) -> None:
    torch.save({"format": checkpoint.FORMAT, "recipe": Path("x")}, tmp_path / "last.pt")
    with pytest.raises(WeightsError, match="was refused"):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize("lacking", ["recipe", "step", "trained", "optimisers"])
def test_an_incomplete_one_is_refused(tmp_path: Path, stored: Checkpoint, lacking: str) -> None:
    stored.save(tmp_path)
    held = torch.load(tmp_path / "last.pt", weights_only=True)
    del held[lacking]
    torch.save(held, tmp_path / "last.pt")
    with pytest.raises(WeightsError, match=f"damaged.*{lacking}"):
        checkpoint.load(tmp_path)


def test_a_missing_one(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"no file .*last\.pt.*folder that a training wrote"):
        checkpoint.load(tmp_path)


def test_another_recipe_is_refused(
    tmp_path: Path, stored: Checkpoint, fake_recipe: Callable[..., Recipe]
) -> None:
    checkpoint.check_recipe(stored, fake_recipe(run="show_every = 2"), tmp_path)
    checkpoint.check_recipe(stored, fake_recipe(steps=9), tmp_path)
    with pytest.raises(WeightsError, match=r"schedule\.steps was 6, is 3.*--fresh"):
        checkpoint.check_recipe(stored, fake_recipe(steps=3), tmp_path)
    with pytest.raises(WeightsError, match=r"run\.precision was 'fp32', is 'bf16'"):
        checkpoint.check_recipe(stored, fake_recipe(run='precision = "bf16"'), tmp_path)
