import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.model.params import PRESETS, ModelParams


@pytest.mark.parametrize("params", PRESETS.values(), ids=PRESETS)
def test_json_round_trip(params: ModelParams) -> None:
    assert ModelParams.from_json(params.to_json()) == params


def test_attention_without_depth_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the depth network"):
        ModelParams(use_depth=False)


def test_sizes_that_do_not_divide_are_refused() -> None:
    with pytest.raises(ValueError, match="100 does not divide"):
        replace(PRESETS["compact"], depth_size=100)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 3}, "unknown parameters: colour"),
        ({"num_keypoints": "many"}, "num_keypoints should be int, got 'many'"),
        ({"encoder": [1, "two", 3]}, "encoder should hold integers"),
        ({"use_depth": 1}, "use_depth should be bool"),
        ({"temperature": None}, "temperature should be float"),
    ],
)
def test_bad_json_values_are_named(change: dict[str, object], message: str) -> None:
    values = json.loads(PRESETS["compact"].to_json()) | change
    with pytest.raises(ValueError, match=message):
        ModelParams.from_json(json.dumps(values))


@given(st.text() | st.integers().map(str) | st.lists(st.integers()).map(json.dumps))
def test_anything_else_raises_value_error_only(text: str) -> None:
    with pytest.raises(ValueError):
        ModelParams.from_json(text)
