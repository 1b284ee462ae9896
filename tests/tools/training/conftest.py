"""Fixtures for tests of the trainer: the fake stage's recipe."""

from collections.abc import Callable

import pytest

from tools.training.recipe import Recipe, parse

FAKE = """
stage = "fake"
model = {{preset = "compact"}}
optimiser = {{rate = 1e-2, judge = {{rate = 5e-3, betas = [0.0, 0.9]}}}}
schedule = {{steps = {steps}, warm_up = 2, decay = "cosine"}}
[run]
batch = 4
seed = 3
ema = 0.9
report_every = 1
checkpoint_minutes = 0
{run}
"""


@pytest.fixture(scope="session")
def fake_text() -> Callable[..., str]:
    """The fake stage's recipe as TOML; ``run`` is TOML to be added."""

    def make(steps: int = 6, run: str = "") -> str:
        workers = "" if "workers" in run else "workers = 0"
        return FAKE.format(steps=steps, run=f"{workers}\n{run}")

    return make


@pytest.fixture(scope="session")
def fake_recipe(fake_text: Callable[..., str]) -> Callable[..., Recipe]:
    """The fake stage's recipe."""

    def make(steps: int = 6, run: str = "") -> Recipe:
        return parse(fake_text(steps, run), "fake")

    return make
