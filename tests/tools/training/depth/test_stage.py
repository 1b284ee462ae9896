"""The stage as the trainer sees it, and what it refuses."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import default_collate

from avatar.errors import InputError, UsageError
from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS, ModelParams
from tools.training.data import DataSettings, Footage, in_memory
from tools.training.depth import stage as module
from tools.training.depth.checks import check
from tools.training.depth.settings import LossSettings
from tools.training.depth.stage import DepthStage, build
from tools.training.precision import Lowered
from tools.training.recipe import load, parse, read_table

DATA = DataSettings(resolution=64, size=64)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VAL_TRIPLETS", 18)


@pytest.fixture
def params(tiny: Callable[[str], Any]) -> ModelParams:
    return replace(tiny("vox256"), image_size=64, depth_size=64)


def footage(clips: int = 2, length: int = 5, marked: bool = True) -> Footage:
    """A bright disc that goes to the right over noise, with landmarks on it."""
    random = np.random.default_rng(clips)
    y, x = np.mgrid[:64, :64]
    images, landmarks = [], []
    for _ in range(clips):
        ground = random.integers(0, 120, (64, 64, 3))
        frames, points = [], []
        for i in range(length):
            disc = np.hypot(x - 26 - i, y - 32) < 14
            frames.append(np.where(disc[..., None], 200 - ground // 4, ground).astype(np.uint8))
            spiral = np.arange(478) * 2.4
            radius = 50 * np.sqrt(np.arange(478) / 478)
            places = np.stack([radius * np.cos(spiral), radius * np.sin(spiral)], -1)
            places += [4 * (26 + i), 128]
            points.append(np.column_stack([places, radius]))
        images.append(np.stack(frames))
        landmarks.append(np.stack(points).astype(np.float32))
    return in_memory(images, landmarks if marked else None)


def stage_of(params: ModelParams, val: Footage | None = None, **settings: Any) -> DepthStage:
    torch.manual_seed(0)
    loss = LossSettings(**settings.pop("loss", {}))
    return DepthStage(params, DATA, loss, footage(), footage(1) if val is None else val, **settings)


def test_one_phase_trains_depth_and_pose_alone(params: ModelParams) -> None:
    stage = stage_of(params)
    (phase,) = stage.phases
    assert phase.label == "depth"
    trained = {id(p) for p in phase.parameters() if p.requires_grad}
    dagan, pose = stage.networks["dagan"], stage.networks["pose"]
    assert trained == {id(p) for p in (*dagan.depth.parameters(), *pose.parameters())}
    rest = [*dagan.keypoints.parameters(), *dagan.generator.parameters()]
    assert not any(p.requires_grad for p in rest)


def test_a_step_from_its_own_items(params: ModelParams) -> None:
    stage = stage_of(params, loss={"mirror": 1e-3, "ordinal": 0.1})
    batch = default_collate([stage.items[0, place] for place in range(2)])
    terms, _ = stage.phases[0](batch)
    assert {"photometric", "smoothness", "mirror", "ordinal"} < set(terms)
    loss = torch.stack([term for name, term in terms.items() if name[0] != "_"]).sum()
    loss.backward()
    gradients = [p.grad for p in stage.phases[0].parameters()]
    assert all(g is None or torch.isfinite(g).all() for g in gradients)


def test_validation_has_figures_of_the_average_given(params: ModelParams) -> None:
    stage = stage_of(params)
    networks = deepcopy(stage.networks).eval()
    before = stage.validate(networks)
    assert {"photometric", "static", "kept", "focal_x", "rank", "nose", "front"} < set(before)
    assert all(np.isfinite(value) for value in before.values())
    assert before["photometric"] <= before["static"] + 1e-4  # the auto-mask chooses the less
    assert stage.validate(networks) == before
    with torch.no_grad():
        networks["dagan"].depth.decoder.heads[0].conv.weight.zero_()
    flat = stage.validate(networks)
    assert flat["rank"] == flat["relief"] == 0
    assert stage.validate(deepcopy(stage.networks).eval()) == before


def test_without_landmarks_the_photometric_figures_remain(params, caplog) -> None:
    stage = stage_of(params, footage(1, marked=False))
    assert "no landmarks" in caplog.text
    found = stage.validate(stage.networks.eval())
    assert "photometric" in found and "rank" not in found


def test_without_validation_clips_there_are_no_figures_but_pictures(params, caplog) -> None:
    stage = stage_of(params, in_memory([]))
    assert "nothing will be validated" in caplog.text
    assert stage.validate(stage.networks.eval()) == {}
    assert stage.show(stage.networks.eval()).shape == (5 * 64, 6 * 64, 3)


def test_sheet_shows_the_target_first(params: ModelParams) -> None:
    stage = stage_of(params)
    sheet = stage.show(stage.networks.eval())
    assert sheet.dtype == np.uint8
    target = stage.shown[0, 0]["target"].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(sheet[:64, :64] / 255, target, atol=0.01)


def test_only_the_depth_network_is_handed_on(params: ModelParams) -> None:
    stage = stage_of(params)
    trained = stage.trained(stage.networks)
    assert trained.params == params
    assert all(name.startswith("depth.") for name in trained.state)
    again = Dagan(params)
    missing, unexpected = again.load_state_dict(trained.state, strict=False)
    assert not unexpected and not any(name.startswith("depth.") for name in missing)


def test_start_is_taken_where_it_fits(params, caplog) -> None:
    caplog.set_level("INFO")
    other = Dagan(params).state_dict()
    whole = {name: value for name, value in other.items() if name.startswith("depth.")}
    stage = stage_of(params, start=whole)
    own = stage.networks["dagan"].state_dict()
    assert all(torch.equal(own[name], value) for name, value in whole.items())
    assert f"{len(whole)} of {len(whole)} tensors of the depth network" in caplog.text
    name = "depth.encoder.conv.weight"
    stage_of(params, start={name: whole[name], "depth.encoder.norm.weight": torch.rand(3)})
    assert f"1 of {len(whole)} tensors" in caplog.text
    assert f"{len(whole) - 1} tensors of the depth network begin at random" in caplog.text


def test_bfloat16_leaves_disparity_and_motion_in_full(params: ModelParams) -> None:
    stage = stage_of(params, precision="bf16")
    depth, pose = module.parts(stage.networks)
    assert isinstance(depth.encoder, Lowered) and isinstance(pose.encoder, Lowered)
    batch = default_collate([stage.items[0, place] for place in range(2)])
    terms, _ = stage.phases[0](batch)
    terms["photometric"].backward()
    assert all(term.dtype == torch.float32 for term in terms.values())
    disparity = depth(batch["target"])
    assert disparity.dtype == torch.float32
    assert not torch.equal(disparity, disparity.bfloat16().float())  # more than 8 bits


def test_a_model_without_depth_is_refused() -> None:
    with pytest.raises(UsageError, match="fomm256 has no depth network"):
        check(PRESETS["fomm256"], DataSettings())


@pytest.mark.parametrize(("preset", "size"), [("vox256", 272), ("compact", 192), ("compact", 100)])
def test_pictures_that_do_not_fit_are_refused(preset: str, size: int) -> None:
    with pytest.raises(UsageError, match=f"Items of {size} px do not fit") as caught:
        check(PRESETS[preset], DataSettings(resolution=512, size=size))
    assert str(PRESETS[preset].depth_size) in caught.value.hint


def test_smaller_pictures_are_allowed_with_a_warning(caplog) -> None:
    check(PRESETS["compact"], DataSettings(size=256))
    assert not caplog.text
    check(PRESETS["vox256"], DataSettings(size=224))  # as the released network was trained
    assert "used at 256 px but trained at 224" in caplog.text


def test_clips_of_two_frames_are_refused(params: ModelParams) -> None:
    with pytest.raises(InputError, match="of 2 clips the longest has 2"):
        DepthStage(params, DATA, LossSettings(), footage(length=2), footage(1))


def test_ordinal_prior_needs_landmarks(params: ModelParams) -> None:
    with pytest.raises(UsageError, match="loss.ordinal needs"):
        DepthStage(params, DATA, LossSettings(ordinal=1.0), footage(marked=False), footage(1))


@pytest.mark.parametrize("name", ["depth", "depth-resnet50", "depth-compact"])
def test_recipes_can_be_read(name: str) -> None:
    recipe = load(name)
    assert recipe.stage == "depth"
    read_table(LossSettings, recipe.loss, "[loss]")
    data = read_table(DataSettings, recipe.data, "[data]")
    check(recipe.model, data)
    assert data.size == recipe.model.depth_size
    recipe.check_phases(["depth"])
    assert parse(recipe.text(), name).model == recipe.model


def test_the_paper_s_recipe() -> None:
    recipe = load("depth")
    assert (recipe.optimiser("depth").rate, recipe.run.batch) == (1e-4, 32)
    assert (recipe.schedule.epochs, recipe.schedule.milestones) == (20, (15,))
    assert read_table(LossSettings, recipe.loss, "[loss]").alpha == 0.8
    assert load("depth-resnet50").model == PRESETS["vox256-depth50"]


def test_a_recipe_is_built_the_same_each_time(monkeypatch, params: ModelParams) -> None:
    monkeypatch.setattr(module, "load", lambda data, split, landmarks: footage(1))
    recipe = replace(load("depth", ["data.size=64", "data.resolution=64"]), model=params)
    first, state = build(recipe), torch.random.get_rng_state()
    torch.rand(3)
    second = build(recipe)
    weights = zip(first.networks.parameters(), second.networks.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in weights)
    assert not torch.equal(torch.random.get_rng_state(), state)


def test_landmarks_are_asked_for_only_where_needed(
    monkeypatch, tmp_path, params: ModelParams
) -> None:
    asked = []

    def fake(data, split, landmarks):
        asked.append(landmarks)
        folders.append(data.folder)
        return footage(1)

    monkeypatch.setattr(module, "load", fake)
    folders = []
    sizes = ["data.size=64", "data.resolution=64"]
    for extra in ([], ["data.distance=adaptive"], ["loss.ordinal=0.1"]):
        build(replace(load("depth", [*sizes, *extra]), model=params), tmp_path)
    assert folders == [str(tmp_path)] * 6
    assert asked == [False, False, True, True, True, True]


def test_encoders_begin_with_the_files_named(monkeypatch, params, caplog) -> None:
    caplog.set_level("INFO")
    filled = []
    monkeypatch.setattr(
        module.imagenet, "initialise", lambda encoder, path: filled.append((encoder, path.name))
    )
    loss = {"imagenet": "resnet50.pth", "imagenet_pose": "resnet18.pth"}
    stage = stage_of(params, loss=loss)
    depth, pose = module.parts(stage.networks)
    assert filled == [(depth.encoder, "resnet50.pth"), (pose.encoder, "resnet18.pth")]
    fresh = len(depth.decoder.state_dict())
    assert f"{fresh} tensors of the depth network begin at random" in caplog.text
