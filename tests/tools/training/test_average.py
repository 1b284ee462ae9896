import pytest
import torch
from torch import nn

from tools.training.average import Average


def networks() -> nn.ModuleDict:
    frozen = nn.Linear(1, 1).requires_grad_(False)
    return nn.ModuleDict({"net": nn.Linear(1, 1), "norm": nn.BatchNorm1d(1), "frozen": frozen})


def test_it_follows_the_weights() -> None:
    live = networks()
    average = Average(live, 0.5)
    weight = average.networks["net"].weight
    with torch.no_grad():
        live["net"].weight.fill_(0)
        weight.fill_(1)
    average.update(live)  # keeps 1/10 at first
    assert float(weight) == pytest.approx(0.1)
    average.update(live)  # then 2/11
    assert float(weight) == pytest.approx(0.1 * 2 / 11)
    average.updates = 1000  # and in the end what it was told
    average.update(live)
    assert float(weight) == pytest.approx(0.1 * 2 / 11 * 0.5)


def test_statistics_are_averaged_and_counters_copied() -> None:
    live = networks()
    average = Average(live, 0.5)
    live["norm"](torch.full((2, 1), 10.0))
    average.update(live)
    assert float(average.networks["norm"].running_mean) == pytest.approx(0.9)  # of 1.0
    assert int(average.networks["norm"].num_batches_tracked) == 1


def test_what_is_not_trained_is_left_alone() -> None:
    live = networks()
    average = Average(live, 0.5)
    before = average.networks["frozen"].weight.clone()
    with torch.no_grad():
        live["frozen"].weight.add_(1)
    average.update(live)
    assert torch.equal(average.networks["frozen"].weight, before)


def test_it_evaluates_and_needs_no_gradient() -> None:
    live = networks()
    average = Average(live, 0.5)
    assert not average.networks["norm"].training and live["norm"].training
    assert not any(p.requires_grad for p in average.networks.parameters())
    assert live["net"].weight.requires_grad


def test_keeping_nothing_is_the_weights_themselves() -> None:
    live = networks()
    average = Average(live, 0.0)
    with torch.no_grad():
        live["net"].weight.fill_(7)
    average.update(live)
    assert float(average.networks["net"].weight) == 7
