import pytest

from avatar.errors import UsageError
from tools.training.rates import rates
from tools.training.settings import Schedule


def test_no_decay() -> None:
    found = rates(Schedule(steps=10), 4, None)
    assert found.steps == 10 and [found.factor(step) for step in (0, 9, 99)] == [1, 1, 1]


def test_warm_up_rises_to_the_whole_rate() -> None:
    found = rates(Schedule(steps=10, warm_up=4), 4, None)
    assert [found.factor(step) for step in range(5)] == [0.25, 0.5, 0.75, 1, 1]


def test_cosine_falls_to_its_floor() -> None:
    found = rates(Schedule(steps=100, decay="cosine", floor=0.2), 4, None)
    assert found.factor(0) == 1
    assert found.factor(50) == pytest.approx(0.6)
    assert found.factor(100) == found.factor(1000) == pytest.approx(0.2)


def test_cosine_begins_after_the_warm_up() -> None:
    found = rates(Schedule(steps=110, warm_up=10, decay="cosine"), 4, None)
    assert found.factor(9) == found.factor(10) == 1 and found.factor(60) == pytest.approx(0.5)


def test_milestones_are_epochs() -> None:
    """MCNet's: 100 epochs, a tenth from epoch 80."""
    schedule = Schedule(epochs=100, decay="steps", milestones=(80, 90))
    found = rates(schedule, batch=8, epoch=24)
    assert found.steps == 300 and found.milestones == (240, 270)
    assert found.factor(239) == 1
    assert found.factor(240) == pytest.approx(0.1) and found.factor(270) == pytest.approx(0.01)


def test_the_recipe_knows_better_than_the_data_how_long_an_epoch_is() -> None:
    assert rates(Schedule(epochs=2, epoch=40), 4, 8).steps == 20
    assert rates(Schedule(epochs=2), 4, 8).steps == 4


def test_epochs_of_unknown_length_are_refused() -> None:
    with pytest.raises(UsageError, match="epoch"):
        rates(Schedule(epochs=2), 4, None)


def test_a_warm_up_longer_than_everything_is_refused() -> None:
    with pytest.raises(UsageError, match="warm_up is 11 steps, of 10"):
        rates(Schedule(steps=10, warm_up=11), 4, None)
