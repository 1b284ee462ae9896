"""Stage 2 put together from a recipe."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import default_collate

from avatar.errors import AvatarError, UsageError
from avatar.model.dagan import Dagan
from tools.training import recipe as recipes
from tools.training.data import Footage
from tools.training.recipe import CONFIGS, read_table
from tools.training.reenact import stage as module
from tools.training.reenact.settings import LossSettings
from tools.training.reenact.stage import build

TEXT = """
stage = "reenact"
[model]
preset = "compact"
[data]
size = 128
[schedule]
steps = 3
[loss]
perceptual = 0
discriminator_base = 4
pixels = 1
{loss}
[run]
batch = 2
seed = 3
"""

TAUGHT = "warped = 0.5\nkeypoints = 1\nflow = 1\nspeaking = 2\ngamma = 0.2"

OURS = sorted([*CONFIGS.glob("vox256*.toml"), *CONFIGS.glob("fomm256*.toml")])


@pytest.fixture
def made(
    tiny: Callable[[str], Any],
    footage: Callable[[bool], Footage],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[..., Any]:
    """A stage of :data:`TEXT` on two made-up clips, all of it for training and validation."""

    def make(loss: str = "", taught: bool = True, start: Any = None, preset: str = "compact"):
        monkeypatch.setattr(module, "load", lambda *a, **k: footage(taught))
        recipe = recipes.parse(TEXT.format(loss=loss), "made-up")
        return build(replace(recipe, model=tiny(preset)), tmp_path, start)

    return make


def weights(params: Any) -> dict[str, torch.Tensor]:
    torch.manual_seed(9)
    return Dagan(params).state_dict()


@pytest.mark.slow
def test_steps_lower_the_loss_of_one_batch(
    made: Callable[..., Any], tiny: Callable[[str], Any]
) -> None:
    loss = f"{TAUGHT.replace('keypoints = 1', 'keypoints = 30')}\ndistance = 0"
    stage = made(loss, start=weights(tiny("compact")))
    items = [stage.items[0, place] for place in range(2)]
    batch = default_collate(items)
    assert torch.equal(stage.items[0, 1]["transform_spline"], items[1]["transform_spline"])
    optimisers = [
        torch.optim.Adam([p for p in phase.parameters() if p.requires_grad], 2e-3)
        for phase in stage.phases
    ]
    assert [phase.label for phase in stage.phases] == ["generator", "discriminator"]
    stage.networks.train()
    losses = []
    for _ in range(5):
        shared = dict(batch)
        for phase, optimiser in zip(stage.phases, optimisers, strict=True):
            terms, further = phase(shared)
            loss = torch.stack([v for k, v in terms.items() if not k.startswith("_")]).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            shared |= further
            if phase.label == "generator":
                losses.append(terms["keypoints"].item())
    assert losses[-1] < losses[0]


def test_figures_and_sheet(made: Callable[..., Any], tiny: Callable[[str], Any]) -> None:
    stage = made(TAUGHT, start=weights(tiny("compact")))
    networks = stage.networks.eval()
    figures = stage.validate(networks)
    assert set(figures) == {
        *("l1", "psnr", "ssim", "l1_copying", "dssim_copying", "speaking_copying", "keypoint_px"),
    }
    assert all(np.isfinite(value) for value in figures.values())
    assert stage.validate(networks) == figures
    sheet = stage.show(networks)
    assert sheet.shape == (2 * 256, 6 * 256, 3)
    assert sheet.dtype == np.uint8
    assert np.array_equal(sheet[:256, :256], stage.validating.image(0))
    assert np.array_equal(stage.show(networks), sheet)


def test_a_perfect_network_is_at_no_distance(
    made: Callable[..., Any], tiny: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tools.training.reenact import validation

    stage = made(start=weights(tiny("compact")))

    def perfect(dagan: Any, portrait: Any, driving: torch.Tensor) -> validation.Reenacted:
        value = torch.zeros(len(driving), 20, 2)
        return validation.Reenacted(driving, driving, driving[:, :1], driving[:, :1], value)

    monkeypatch.setattr(validation, "reenact", perfect)
    figures = stage.validate(stage.networks)
    assert figures["l1"] == figures["l1_copying"] == figures["speaking_copying"] == 0
    assert figures["ssim"] == pytest.approx(1)

    def copying(dagan: Any, portrait: torch.Tensor, driving: torch.Tensor) -> Any:
        value = torch.zeros(len(driving), 20, 2)
        same = portrait.expand(len(driving), -1, -1, -1)
        return validation.Reenacted(same, same, same[:, :1], same[:, :1], value)

    monkeypatch.setattr(validation, "reenact", copying)
    figures = stage.validate(stage.networks)
    for name in ("l1_copying", "dssim_copying", "speaking_copying"):
        assert figures[name] == pytest.approx(1)


@pytest.mark.parametrize(
    "preset",
    [
        pytest.param("vox256-spade", marks=pytest.mark.slow),
        "vox256-baseline",
        "fomm256",
        "vox256-self",
    ],
)
def test_other_presets(preset: str, made: Callable[..., Any], tiny: Callable[[str], Any]) -> None:
    stage = made("gan = 0\nfeature_matching = 0", taught=False, preset=preset,
                 start=weights(tiny(preset)))  # fmt: skip
    assert [phase.label for phase in stage.phases] == ["generator"]
    figures = stage.validate(stage.networks.eval())
    assert "keypoint_px" not in figures
    cells = 6 if tiny(preset).use_depth else 5
    assert stage.show(stage.networks).shape == (512, cells * 256, 3)
    trained = stage.trained(stage.networks)
    Dagan(trained.params).load_state_dict(trained.state)


def test_start_takes_what_fits(
    made: Callable[..., Any], tiny: Callable[[str], Any], caplog: pytest.LogCaptureFixture
) -> None:
    given = weights(tiny("compact"))
    depth = {n: t for n, t in given.items() if n.startswith("depth.") and "num_batches" not in n}
    with caplog.at_level(logging.INFO):
        stage = made("gamma = 0.2", start=depth | {"odd": torch.zeros(1)})
    assert f"depth: {len(depth)} of {len(depth)} tensors given" in caplog.text
    assert "generator: 0 of" in caplog.text
    assert "1 tensors to start from do not fit: odd" in caplog.text
    assert stage.dagan.generator.attention.gamma.item() == pytest.approx(0.2)
    assert torch.equal(stage.dagan.depth.encoder.conv.weight, given["depth.encoder.conv.weight"])
    again = made(start=given | {"generator.attention.gamma": torch.tensor([0.7])})
    assert again.dagan.generator.attention.gamma.item() == pytest.approx(0.7)


def test_fixed_networks_must_come_from_somewhere(
    made: Callable[..., Any], tiny: Callable[[str], Any]
) -> None:
    given = weights(tiny("compact"))
    no_depth = {name: t for name, t in given.items() if not name.startswith("depth.")}
    with pytest.raises(UsageError, match="depth network stays as it is"):
        made(start=no_depth)
    no_keypoints = {name: t for name, t in given.items() if not name.startswith("keypoints.")}
    with pytest.raises(UsageError, match="keypoints network stays as it is"):
        made('detector = "fixed"', start=no_keypoints)
    stage = made()  # a checkpoint may follow
    batch = default_collate([stage.items[0, 0]])
    with pytest.raises(UsageError, match="depth network is not trained"):
        stage.phases[0](batch)
    stage.networks["dagan"].load_state_dict(given)
    stage.phases[0].eval()(batch)


def test_fresh_weights_follow_from_the_seed(made: Callable[..., Any]) -> None:
    torch.manual_seed(1)
    first = made().networks.state_dict()
    after = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), after)  # the global state is as it was
    second = made().networks.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize(
    ("loss", "taught", "message"),
    [
        ("flow = 1", False, "needs MediaPipe's landmarks"),
        ('detector_sees = "disturbed"', True, "nothing disturbs"),
        ("discriminator_blocks = 7", True, "needs pictures of"),
        ("gan = 0", True, "feature_matching needs"),
        ('distance_form = "log"', True, "distance_form"),
        ("gann = 1", True, "gann"),
    ],
)
def test_contradictions(loss: str, taught: bool, message: str, made: Callable[..., Any]) -> None:
    with pytest.raises(AvatarError, match=message):
        made(loss, taught)


def test_keypoints_that_landmarks_do_not_know(made: Callable[..., Any]) -> None:
    with pytest.raises(UsageError, match="compares 20 keypoints"):
        made("keypoints = 1", preset="vox256-baseline")


def test_bfloat16_is_for_the_heavy_modules(
    made: Callable[..., Any], tiny: Callable[[str], Any]
) -> None:
    stage = made(start=weights(tiny("compact")))
    stage.lower("bf16")
    assert type(stage.dagan.keypoints.hourglass).__name__ == "Hourglass"
    seen = []
    hourglass = stage.dagan.keypoints.hourglass
    hourglass.up[0].conv.register_forward_hook(lambda m, i, o: seen.append(o.dtype))
    stage.validate(stage.networks.eval())
    assert set(seen) == {torch.bfloat16}


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_recipes(path: Path) -> None:
    recipe = recipes.load(path)
    loss = read_table(LossSettings, recipe.loss, "[loss]")
    assert recipe.stage == "reenact"
    assert recipe.model.name == path.stem
    assert (recipe.run.batch, recipe.optimiser("generator").rate) == (96, 2e-4)
    assert recipe.optimiser("generator").betas == (0.5, 0.999)
    assert loss.perceptual == loss.equivariance_value == loss.equivariance_jacobian == 10
    if path.stem.startswith("vox"):
        assert recipe.schedule.epochs == 150
        assert (loss.gan, loss.feature_matching, loss.distance) == (1, 10, 10)
    else:
        assert (recipe.schedule.epochs, recipe.schedule.milestones) == (100, (60, 90))
        assert (loss.gan, loss.feature_matching, loss.distance) == (0, 0, 0)
        assert recipe.model.num_keypoints == 10


def test_there_is_a_recipe_for_each_row_of_the_papers_table() -> None:
    assert len(OURS) == 10
