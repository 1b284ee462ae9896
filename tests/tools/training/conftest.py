"""Fixtures for tests of the trainer: the fake stage's recipe."""

from collections.abc import Callable

import pytest

from tools.training.recipe import Recipe, parse

FAKE = """
stage = "fake"
model = {{preset = "compact"}}
optimiser = {{rate = 1e-2, judge = {{rate = 5e-3, betas = [0.0, 0.9]}}}}
schedule = {{steps = {steps}, warm_up = 2, decay = "cosine"}}
data = {{{data}}}
[run]
batch = 4
seed = 3
ema = 0.9
workers = 0
report_every = 1
checkpoint_minutes = 0
{run}
"""


@pytest.fixture(scope="session")
def fake_text() -> Callable[..., str]:
    """The fake stage's recipe as TOML; ``run`` and ``data`` are TOML to be added."""

    def make(steps: int = 6, run: str = "", data: str = "") -> str:
        return FAKE.format(steps=steps, run=run, data=data)

    return make


@pytest.fixture(scope="session")
def fake_recipe(fake_text: Callable[..., str]) -> Callable[..., Recipe]:
    """The fake stage's recipe."""

    def make(steps: int = 6, run: str = "", data: str = "") -> Recipe:
        return parse(fake_text(steps, run, data), "fake")

    return make
