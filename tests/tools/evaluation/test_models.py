import pytest

from avatar.assets import asset
from avatar.errors import UsageError, WeightsError
from tools.evaluation.models import models

COMPACT = str(asset("compact.safetensors"))
ON, BOTH = (True,), (True, False)


def test_every_way_of_the_switches_is_a_method() -> None:
    found = list(models(["compact"], "eager", BOTH, BOTH))
    assert [method.name for method in found] == [
        "compact",
        "compact, no attention",
        "compact, no depth",
        "compact, no depth, no attention",
    ]
    assert "SHA-256" in found[0].about
    assert "not trained without" in found[3].about
    assert found[0].puppet.engine.weights.path is not None


def test_one_model_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="Two models are called compact"):
        list(models(["compact", COMPACT], "eager", ON, ON))


def test_graphs_made_before_have_no_switches() -> None:
    pytest.importorskip("openvino")
    with pytest.raises(UsageError, match="ov cannot run a model without its depth"):
        list(models(["compact"], "ov", (False,), ON))


def test_weights_that_are_not_there() -> None:
    with pytest.raises(WeightsError):
        list(models(["nobody"], "eager", ON, ON))
