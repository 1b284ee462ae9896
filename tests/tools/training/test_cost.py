"""What a driving frame costs."""

from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS
from tools.training import cost


def test_compact_keeps_to_its_budget() -> None:
    parts = cost.macs(Dagan(PRESETS["compact"]))
    assert parts["driving frame"] <= 1600
    assert parts["render"] > parts["depth"] > 20
