"""Which weights are measured."""

from pathlib import Path

import pytest

from avatar.bench import models
from avatar.errors import WeightsError
from avatar.model.params import PRESETS
from avatar.weights import load


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(models, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def test_installed_weights_are_taken_as_they_are() -> None:
    model = models.find("compact")
    assert model.name == "compact" and not model.random
    models.make(model)  # nothing to make


def test_a_preset_without_weights_gets_random_ones_once(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Path:
        raise WeightsError(f"no {name}")

    monkeypatch.setattr(models, "locate", missing)
    model = models.find("compact")
    assert model.random and Path(model.weights).parent == cache / "bench"
    models.make(model)
    weights = load(model.weights)
    assert weights.params == PRESETS["compact"] and "random" in weights.name
    made = Path(model.weights).stat().st_mtime_ns
    models.make(models.find("compact"))
    assert Path(model.weights).stat().st_mtime_ns == made
    with pytest.raises(WeightsError, match="no other"):
        models.find("other")


def test_without_pytorch_there_are_no_random_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match="PyTorch") as error:
        models.find("vox256-spade")
    assert error.value.hint
