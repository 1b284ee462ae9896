"""What a driving frame costs."""

from dataclasses import replace

from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS
from tools.training import cost


def test_compact_keeps_to_its_budget() -> None:
    parts = cost.macs(Dagan(PRESETS["compact"]))
    assert parts["driving frame"] <= 1600
    assert parts["render"] > parts["depth"] > 20


def test_products_of_attention_are_counted() -> None:
    with_it = cost.macs(Dagan(PRESETS["compact"]))["render"]
    without = cost.macs(Dagan(replace(PRESETS["compact"], use_attention=False)))["render"]
    tokens = 64 * 64  # at least the scores of every place against the pooled others
    assert with_it - without > tokens * tokens / 16 / 1e6
