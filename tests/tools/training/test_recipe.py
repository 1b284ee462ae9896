from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.errors import UsageError
from avatar.model.params import PRESETS
from tools.training import recipe as recipes
from tools.training.recipe import CONFIGS, load, parse
from tools.training.table import to_toml

BASE = """
stage = "reenact"
[model]
preset = "compact"
[optimiser]
rate = 1e-3
[optimiser.discriminator]
betas = [0.0, 0.9]
[schedule]
steps = 100
[loss]
perceptual = 10
[run]
clip = 2.5
"""

NAMES = ("model", "data", "optimiser", "schedule", "loss", "run", "stage", "preset", "steps", "x")
TABLES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.sampled_from(["compact", "adam", "", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=10,
)


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_a_recipe(tmp_path: Path) -> None:
    recipe = load(write(tmp_path, "base.toml", BASE))
    assert (recipe.name, recipe.stage, recipe.model) == ("base", "reenact", PRESETS["compact"])
    assert recipe.loss == {"perceptual": 10} and recipe.data == {}
    assert recipe.optimiser("generator").rate == 1e-3
    assert recipe.optimiser("generator").clip == 2.5
    judge = recipe.optimiser("discriminator")
    assert (judge.rate, judge.betas, judge.clip) == (1e-3, (0.0, 0.9), 2.5)


def test_a_recipe_extends_another(tmp_path: Path) -> None:
    write(tmp_path, "base.toml", BASE)
    text = 'extends = "base.toml"\n[model]\nnum_keypoints = 12\n[loss]\nface = 2\n'
    recipe = load(write(tmp_path, "child.toml", text), ["loss.perceptual=5", "run.precision=bf16"])
    assert recipe.model == replace(PRESETS["compact"], num_keypoints=12)
    assert recipe.loss == {"perceptual": 5, "face": 2}
    assert recipe.run.precision == "bf16"
    again = parse(recipe.text(), "child")
    assert again == recipe and "extends" not in again.text()


def test_ours_are_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "CONFIGS", tmp_path)
    write(tmp_path, "base.toml", BASE)
    assert load("base").name == "base"
    with pytest.raises(UsageError, match="Did you mean base"):
        load("bse")


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_shipped_recipes_are_recipes(path: Path) -> None:
    recipe = load(path)
    assert parse(recipe.text(), recipe.name) == recipe


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stage = ", "is not TOML"),
        ("\0", "is not TOML"),
        ('extends = "self.toml"', "in a circle: self.toml -> self.toml"),
        ("extends = 3", "extends is 3"),
        ('extends = "none.toml"', "There is no recipe none.toml"),
        (BASE.replace("reenact", ""), "stage is ''"),
        (BASE.replace("[loss]", "[los]"), "unknown key 'los'.*Did you mean loss"),
        (BASE.replace("compact", "compct"), "preset is 'compct'.*Did you mean compact"),
        (BASE.replace('preset = "compact"', ""), "preset is None"),
        (BASE.replace("steps = 100", "epochs = -1"), "cannot be negative"),
        (BASE.replace("steps = 100", "steps = 100\nepochs = 1"), "expected one of them"),
        (BASE.replace("[0.0, 0.9]", "0.9"), r"\[optimiser.discriminator\]: betas is 0.9"),
        (BASE.replace("rate = 1e-3", "rat = 1"), r"\[optimiser\]: unknown key 'rat'"),
        ("run = 3\n" + BASE.replace("[run]\nclip = 2.5", ""), "run is 3, expected a table"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=f"(?s){said}"):
        load(write(tmp_path, "self.toml", text))


@pytest.mark.parametrize("setting", ["loss.perceptual", "=1", "loss..x=1", "schedule.steps=ten"])
def test_a_bad_override_is_refused(tmp_path: Path, setting: str) -> None:
    with pytest.raises(UsageError, match="--set"):
        load(write(tmp_path, "base.toml", BASE), [setting])


def test_an_optimiser_for_no_phase_is_refused() -> None:
    recipe = parse(BASE, "base")
    recipe.check_phases(["generator", "discriminator"])
    with pytest.raises(UsageError, match=r"optimiser\.discriminator.*Did you mean discriminators"):
        recipe.check_phases(["generator", "discriminators"])


def test_differences_are_those_that_change_the_weights() -> None:
    before = parse(BASE, "base")

    def now(*settings: str) -> dict[str, Any]:
        table = parse(BASE, "base").table
        for setting in settings:
            recipes._set(table, setting)
        return parse(to_toml(table), "base").differences(before)

    assert now() == now("run.workers=9", "run.show_every=3", "run.batch=12") == {}
    assert now("schedule.steps=200") == {}
    assert now("schedule.steps=50") == {"schedule.steps": (100, 50)}
    assert now("loss.perceptual=5", "run.batch=24") == {
        "loss.perceptual": (10, 5),
        "run.batch": (12, 24),
    }
    assert now("optimiser.discriminator.rate=1") == {"optimiser.discriminator.rate": (1e-3, 1.0)}


@given(st.dictionaries(st.sampled_from(NAMES), TABLES, max_size=6))
def test_no_toml_gives_anything_but_a_recipe_or_our_error(table: dict[str, Any]) -> None:
    try:
        found = parse(to_toml({"stage": "x", "model": {"preset": "compact"}, **table}), "f")
        assert parse(found.text(), "f").text() == found.text()
    except UsageError as error:
        assert error.message


@given(st.text())
def test_no_text_gives_anything_but_our_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text, "f")
